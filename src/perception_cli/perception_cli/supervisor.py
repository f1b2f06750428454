"""Processes that are started again when they end, their output in one terminal, and their end together."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from perception_cli.processes import end_children, start_child
from perception_cli.up_plan import Planned

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
STEADY_S = 60.0  # who has run for so long has ended for another reason than the last time

Environment = Callable[[Planned], Mapping[str, str]]


@dataclass(slots=True)
class Restarts:
    """How long to wait before a process is started again.

    Attributes:
        pause_s: The next time that it ends at once.
    """

    pause_s: float = FIRST_PAUSE_S

    def after(self, ran_s: float) -> float:
        """The pause after a process has run for some seconds; it doubles while the process cannot hold itself."""
        if ran_s >= STEADY_S:
            self.pause_s = FIRST_PAUSE_S
        pause_s = self.pause_s
        self.pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        return pause_s


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that has ended.

    Attributes:
        planned: Which.
        code: Its exit code; negative for a signal.
        pause_s: Seconds until it is started again; None if it is not.
    """

    planned: Planned
    code: int
    pause_s: float | None


@dataclass(slots=True)
class _Member:
    planned: Planned
    process: subprocess.Popen[bytes] | None = None
    began_s: float = 0.0
    due_s: float = 0.0
    restarts: Restarts = field(default_factory=Restarts)


class Supervisor:
    """Runs a group of processes."""

    def __init__(self, planned: Sequence[Planned], environment: Environment, say: Callable[[str, str], None]) -> None:
        """Prepares.

        Args:
            planned: The processes.
            environment: Of each.
            say: Takes a process's name and a line of its output; on threads of its own.
        """
        self._members = [_Member(each) for each in planned]
        self._environment = environment
        self._say = say

    def look(self, now_s: float) -> list[Ended]:
        """Starts what is due.

        Args:
            now_s: Seconds, by a steady clock.

        Returns:
            Whoever has ended since the last look.
        """
        ended: list[Ended] = []
        for member in self._members:
            if member.process is None:
                if now_s >= member.due_s:
                    self._start(member, now_s)
            elif (code := member.process.poll()) is not None:
                pause_s = member.restarts.after(now_s - member.began_s) if member.planned.respawn else None
                member.process, member.due_s = None, now_s + (float("inf") if pause_s is None else pause_s)
                ended.append(Ended(member.planned, code, pause_s))
        return ended

    def process_ids(self) -> dict[str, int]:
        """Of those that run, by name."""
        return {each.planned.name: each.process.pid for each in self._members if each.process is not None}

    def end(self) -> None:
        """Ends all, those that do not end by themselves, too."""
        end_children([each.process for each in self._members if each.process is not None])

    def _start(self, member: _Member, now_s: float) -> None:
        planned = member.planned
        process = start_child(planned.command, self._environment(planned), subprocess.PIPE)
        assert process.stdout is not None
        threading.Thread(target=self._hand_on, args=(planned.name, process.stdout), daemon=True).start()
        member.process, member.began_s = process, now_s

    def _hand_on(self, name: str, output: IO[bytes]) -> None:
        with output:
            for line in output:
                self._say(name, line.decode(errors="replace").rstrip())
