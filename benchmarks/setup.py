"""From a fresh clone to the first detected face, and how long a command takes to start when all is there.

    ./perception bench setup [--keep-downloads] [--json FILE]

Everything is made in a temporary folder, models and pictures too. The packages come from the network unless
--keep-downloads lets pip use what it downloaded before.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.report import Result, run_benchmark

_REPOSITORY = Path(__file__).resolve().parents[1]
_STARTS = 5
# What marks this process as running in an environment that is set up: the clone must not see it.
_ACTIVE = ("VIRTUAL_ENV", "_PATH", "PYTHONPATH", "_ROS_WHEELS")


def main() -> None:
    """The command."""
    run_benchmark("setup", __doc__, measure, _declare)


def measure(options: argparse.Namespace) -> Result:
    """Sets up a clone in a temporary folder and starts it several times."""
    with tempfile.TemporaryDirectory(prefix="perception-setup-") as folder:
        return _measured(Path(folder), keep_downloads=options.keep_downloads)


def _measured(folder: Path, *, keep_downloads: bool) -> Result:
    clone, log = folder / "clone", folder / "faces.jsonl"
    subprocess.run(["git", "clone", "--quiet", str(_REPOSITORY), str(clone)], check=True)
    environ = {name: value for name, value in os.environ.items() if not any(mark in name for mark in _ACTIVE)}
    environ["PERCEPTION_CACHE"] = str(folder / "cache")
    if not keep_downloads:
        environ |= {"PIP_NO_CACHE_DIR": "1", "npm_config_cache": str(folder / "npm")}
    perception = str(clone / "perception")
    demo = [perception, "demo", "--headless", "--log", str(log), "--output", str(folder / "video.mp4")]
    return {
        "clone_to_first_face_s": round(_seconds_to_first_face(demo, log, environ), 1),
        "demo_start_to_first_face_s": round(
            statistics.median(_seconds_to_first_face(demo, log, environ) for _ in range(_STARTS)), 2
        ),
        "check_when_all_is_there_s": round(
            statistics.median(_seconds([perception, "setup"], environ) for _ in range(_STARTS)), 2
        ),
        "start_of_a_command_s": round(
            statistics.median(_seconds([perception, "demo", "--help"], environ) for _ in range(_STARTS)), 2
        ),
    }


def _seconds_to_first_face(command: list[str], log: Path, environ: Mapping[str, str]) -> float:
    """Runs the demo until its log shows a face."""
    log.unlink(missing_ok=True)
    started = time.monotonic()
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL)
    while not (log.exists() and '"id"' in log.read_text()):
        if process.poll() is not None:
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode} before a face was seen")
        time.sleep(0.02)
    seconds = time.monotonic() - started
    process.terminate()
    process.wait()
    return seconds


def _seconds(command: list[str], environ: Mapping[str, str]) -> float:
    started = time.monotonic()
    subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - started


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--keep-downloads", action="store_true", help="let pip use its cache")


if __name__ == "__main__":
    main()
