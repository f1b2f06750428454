"""Running the tools that do the work: their words go to the log, an interrupt ends them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PATIENCE_S = 5.0  # for a tool to clean up after an interrupt


class CommandError(Exception):
    """A command ended with an error.

    Attributes:
        command: Its argument vector.
        returncode: Its exit status.
        output: All it wrote; empty where it wrote to the terminal.
    """

    def __init__(self, command: Sequence[str], returncode: int, output: str) -> None:
        super().__init__(f"{command[0]} ended with status {returncode}")
        self.command = list(command)
        self.returncode = returncode
        self.output = output


@dataclass(frozen=True)
class Runner:
    """Runs commands for one set-up.

    Attributes:
        log: File that their output is appended to.
        lock: Descriptor they inherit, see `stamps.exclusive`.
    """

    log: Path
    lock: int

    def quiet(self, command: Sequence[str | Path], environ: Mapping[str, str], cwd: Path) -> str:
        """Run a command, its output into the log.

        Returns:
            The output.

        Raises:
            CommandError: If it ends with an error.
        """
        words = [str(word) for word in command]
        with self.log.open("a+", encoding="utf-8", errors="replace") as log:
            log.write(f"\n$ {' '.join(words)}\n")
            log.flush()
            start = log.tell()
            returncode = self._wait(words, environ, cwd, log.fileno())
            log.seek(start)
            output = log.read()
        if returncode:
            raise CommandError(words, returncode, output)
        return output

    def shown(self, command: Sequence[str | Path], environ: Mapping[str, str], cwd: Path) -> None:
        """Run a command that tells the user itself how it gets on, on standard error.

        Raises:
            CommandError: If it ends with an error.
        """
        words = [str(word) for word in command]
        returncode = self._wait(words, environ, cwd, sys.stderr.fileno())
        if returncode:
            raise CommandError(words, returncode, "")

    def _wait(self, words: list[str], environ: Mapping[str, str], cwd: Path, output: int) -> int:
        # A session of its own: an interrupt reaches the tool once, from here, however it was sent.
        with subprocess.Popen(
            words,
            env=dict(environ),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=(self.lock,),
            start_new_session=True,
        ) as process:
            try:
                return process.wait()
            except BaseException:
                _end(process)
                raise


def _end(process: subprocess.Popen[bytes]) -> None:
    for send in (signal.SIGINT, signal.SIGKILL):
        if process.poll() is None:
            os.killpg(process.pid, send)
        try:
            process.wait(_PATIENCE_S)
            return
        except subprocess.TimeoutExpired:
            continue
