"""Fuzzes a target in processes that are replaced when they die."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fuzzing.watch import MAX_CPU_S

TARGETS = {
    "messages": "images, compressed images, depth and calibration as messages",
    "manifests": "models.yaml, pictures.yaml, receipts, archives",
    "parameters": "values of parameters, params files",
    "recordings": "MCAP files and sqlite3 bags",
    "pictures": "picture files",
    "videos": "video files",
    "networks": "ONNX, TFLite and PyTorch files",
}
CURRENT, TRACE, FINDINGS, TRIED = "current.pickle", "trace.txt", "findings.jsonl", "tried.json"
"""What the process that reads leaves in its folder."""

_REPOSITORY = Path(__file__).parents[2]
_HANGS_S = 120.0  # without a new input although little time of the processor is used: it waits for something
_LOOK_S = 0.2
_MOST_DEATHS = 20
_UNLIMITED = 1 << 60


@dataclass(frozen=True, slots=True)
class Found:
    """A finding, as its reader sees it.

    Attributes:
        target: Its name.
        reader: Its name.
        what: Exception or other trouble, in a line.
        where: Innermost line of ours.
        saved: The smallest input that shows it, pickled with the reader's name.
    """

    target: str
    reader: str
    what: str
    where: str
    saved: bytes

    @property
    def file_name(self) -> str:
        """Of the saved input."""
        return f"{self.target}-{hashlib.sha256(self.saved).hexdigest()[:8]}.pickle"

    def __str__(self) -> str:
        return f"{self.target}: {self.reader}: {self.what} ({self.where})"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a campaign came to.

    Attributes:
        tried: Inputs by reader.
        seconds: How long it took.
        found: Without repetitions.
    """

    tried: dict[str, int]
    seconds: float
    found: list[Found]


class WorkerError(RuntimeError):
    """The process that reads could not be started."""


def module_of(target: str) -> str:
    """The module whose `readers` are the target."""
    return f"{__package__}.{target}"


def fuzz(module: str, seed: int, seconds: float = _UNLIMITED, inputs: int = _UNLIMITED) -> Outcome:
    """Gives a target inputs until the time or their number is used up.

    Args:
        module: Has a function `readers`; see `module_of`.
        seed: The same seed and number give the same inputs.
        seconds: How long.
        inputs: How many.

    Raises:
        WorkerError: The target cannot be fuzzed at all.
    """
    target = module.rpartition(".")[2]
    began = time.monotonic()
    deaths: dict[str, Found] = {}
    with tempfile.TemporaryDirectory(prefix="perception-fuzz-") as name:
        folder = Path(name)
        for restart in range(_MOST_DEATHS):
            left = seconds - (time.monotonic() - began)
            code, words = _work(module, folder, seed + 1_000_000 * restart, left, inputs)
            if code == 0:
                break
            if not (folder / CURRENT).exists():
                raise WorkerError(f"{target} could not be started:\n{words}")
            death = _death(target, folder, code)
            deaths.setdefault(death.what + death.where, death)
        findings = folder / FINDINGS
        records = [json.loads(line) for line in findings.read_text().splitlines()] if findings.exists() else []
        found = [
            Found(target, each["reader"], each["what"], each["where"], (folder / each["input"]).read_bytes())
            for each in records
        ]
        tried = json.loads((folder / TRIED).read_text()) if (folder / TRIED).exists() else {}
    return Outcome(tried, round(time.monotonic() - began, 1), [*found, *deaths.values()])


def _work(module: str, folder: Path, seed: int, seconds: float, inputs: int) -> tuple[int, str]:
    """Runs a process to its end; its exit code, and what it said if it did not get as far as reading."""
    (folder / CURRENT).unlink(missing_ok=True)
    command = [sys.executable, "-m", "benchmarks.fuzzing.worker", module, str(folder), "--seed", str(seed)]
    command += ["--seconds", str(seconds), "--inputs", str(inputs)]
    # Sets are read in the same order each time, and every library works on one thread.
    environment = {**os.environ, "PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "ROS_LOG_DIR": str(folder / "log")}
    with (folder / "words.txt").open("wb") as words:
        process = subprocess.Popen(command, cwd=_REPOSITORY, env=environment, stdout=words, stderr=subprocess.STDOUT)
        try:
            while (code := process.poll()) is None:
                time.sleep(_LOOK_S)
                if _seconds_since_last_input(folder) > _HANGS_S:
                    process.kill()
        finally:
            process.kill()
            process.wait()
    return code, (folder / "words.txt").read_text(errors="replace")


def _seconds_since_last_input(folder: Path) -> float:
    try:
        return time.time() - (folder / CURRENT).stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _death(target: str, folder: Path, code: int) -> Found:
    saved = (folder / CURRENT).read_bytes()
    stack = [line.strip() for line in (folder / TRACE).read_text().splitlines() if line.strip().startswith("File")]
    ours = [line for line in stack if "/benchmarks/" not in line and "perception" in line] or stack or ["unknown place"]
    if -code == signal.SIGPROF:
        what = f"slow: took more than {MAX_CPU_S:.0f} s of processor time"
    elif -code == signal.SIGKILL:
        what = f"hangs: no answer in {_HANGS_S:.0f} s"
    else:
        what = f"death: the process ended with {code}"
    reader, _ = pickle.loads(saved)
    place = ours[0].replace('"', "").split("/")[-1].replace(", line ", ":").split(" in ")[0]
    return Found(target, reader, what, place, saved)
