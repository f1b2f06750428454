"""A peer as a process of its own, which is asked for one frame after the other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.harness.peer_environment import interpreter_for
from benchmarks.report import BenchmarkError

_REPOSITORY = Path(__file__).resolve().parents[2]
# A program that does nothing else would give every picture's memory back and get it anew, which costs 3 ms a frame.
_KEEP_MEMORY: Mapping[str, str] = {"MALLOC_TRIM_THRESHOLD_": str(2**28), "MALLOC_MMAP_THRESHOLD_": str(2**25)}
_OURS = "ours"  # workers whose name begins so are run by this Python


class PeerError(BenchmarkError):
    """A peer's process has failed."""


class PeerProcess:
    """A worker of `benchmarks.peer_workers`, running.

    Attributes:
        about: What it tells of itself.
    """

    def __init__(self, name: str, worker: str, *arguments: str) -> None:
        """Starts it and waits until it is ready.

        Args:
            name: What to call it in messages.
            worker: The module's name; unless it is ours, it has an environment of its own.
            arguments: Of the module, the file of frames first.

        Raises:
            PeerError: It does not start.
        """
        self._name = name
        ours = worker.startswith(_OURS)
        environ = {**os.environ, **_KEEP_MEMORY}
        python = sys.executable if ours else str(interpreter_for(worker))
        if not ours:
            environ.pop("PYTHONPATH", None)
        self._process = subprocess.Popen(
            [python, "-m", f"benchmarks.peer_workers.{worker}", *arguments],
            cwd=_REPOSITORY,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.about: dict[str, Any] = self._answer()

    def ask(self, number: int) -> dict[str, Any]:
        """The answer for a frame."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{number}\n")
        self._process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        """Ends it."""
        self._process.communicate()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            _, errors = self._process.communicate()
            raise PeerError(f"the process of {self._name} has ended with {self._process.returncode}:\n{errors[-2000:]}")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def running(commands: Mapping[str, Sequence[str]]) -> Iterator[dict[str, PeerProcess]]:
    """Several, by name, for as long as it lasts.

    Args:
        commands: By name, the worker and its arguments.
    """
    with ExitStack() as processes:
        peers: dict[str, PeerProcess] = {}
        for name, (worker, *arguments) in commands.items():
            peers[name] = processes.enter_context(closing(PeerProcess(name, worker, *arguments)))
        yield peers
