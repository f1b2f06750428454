"""Child processes of a ROS graph: started with the right environment, never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

_POLITE_S = 0.6  # a node ends within 0.2 s of SIGINT; Ctrl-C has promised to take no longer than a second
_POLL_S = 0.01


def ros_environment(shared_memory_profile: Path) -> dict[str, str]:
    """The environment of every process of the graph.

    Discovery stays on this machine unless the user has said otherwise, and images travel through shared memory.
    """
    environment = dict(os.environ)
    environment.setdefault("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
    environment.setdefault("FASTRTPS_DEFAULT_PROFILES_FILE", str(shared_memory_profile))
    environment.setdefault("RCUTILS_COLORIZED_OUTPUT", "0")
    return environment


class Interruption:
    """Whether this process was told to end.

    A handler that raises would do so inside of rclpy's C++ as well, where it comes out as another error.
    """

    def __init__(self) -> None:
        self.asked = False
        self._raises = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._take)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Being told to end raises KeyboardInterrupt for as long as this lasts: for long work without rclpy."""
        self._raises = True
        try:
            yield
        finally:
            self._raises = False

    def _take(self, _number: int, _frame: object) -> None:
        self.asked = True
        if self._raises:
            raise KeyboardInterrupt


def ignore_further_signals() -> None:
    """For who is ending already: a second Ctrl-C must not cut it short."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def start_child(
    module_and_arguments: Sequence[str], environment: Mapping[str, str], output: IO[bytes] | int
) -> subprocess.Popen[bytes]:
    """Runs `python -m module`, in a session of its own and for no longer than this process.

    Args:
        module_and_arguments: What is run.
        environment: Of the process.
        output: Where it writes, errors too: a file, or `subprocess.PIPE`.
    """
    return subprocess.Popen(
        [sys.executable, "-m", "perception_cli.child", str(os.getpid()), *module_and_arguments],
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def end_children(processes: Collection[subprocess.Popen[bytes]]) -> None:
    """Asks all to end, and ends those that do not."""
    for process in processes:
        process.send_signal(signal.SIGINT)
    deadline = time.monotonic() + _POLITE_S
    while time.monotonic() < deadline and any(process.poll() is None for process in processes):
        time.sleep(_POLL_S)
    for process in processes:
        process.kill()
        process.wait()


@dataclass(slots=True)
class Processes:
    """A group of Python modules run as processes.

    They are in sessions of their own, so that Ctrl-C in the terminal reaches only who started them.
    """

    environment: Mapping[str, str]
    log: Path
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, module: str, arguments: Sequence[str]) -> None:
        """Runs `python -m module`; its output is appended to the log file."""
        with self.log.open("ab") as log:
            self._running[name] = start_child([module, *arguments], self.environment, log)

    def process_id(self, name: str) -> int:
        """Of a process that was started."""
        return self._running[name].pid

    def exit_code(self, name: str) -> int | None:
        """None while it runs."""
        return self._running[name].poll()

    def end(self) -> None:
        """Asks all to end, and ends those that do not."""
        end_children(self._running.values())
