"""One soak: troubles, one after the other, and what is seen of the graph meanwhile."""

from __future__ import annotations

import os
import random
import re
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.harness.soak_graph import CAMERA, KEEPER, NODES, SoakGraph, log_lines, soak_graph
from benchmarks.harness.soak_troubles import Kind, Trouble, default_of, draw
from benchmarks.harness.soak_verdict import Accounts, Life, accounts, growth
from perception_ros.lifecycle_client import LifecycleError

_BETWEEN_S = (2.2, 6.0)  # two statuses of the face node, which tells one a second, and more
_SHORT_BETWEEN_S = (2.2, 2.4)
_SHORT_S = 60.0
_PATIENCE_S = 30.0
_SETTLE_S = 0.5
_PERIOD_S = 1.0
_ENOUGH = 20  # findings; what follows would say the same
_ANONYMOUS = re.compile(r"^Anonymous: +(\d+) kB", re.MULTILINE)
_KIBIBYTE, _MEGABYTE = 1024, 1e6
_DIED_SAYING = re.compile(r"Traceback \(most recent call last\)|Segmentation fault|terminate called")


class Memory:
    """Samples what processes have allocated; a process that is started again begins another life."""

    def __init__(self, process_ids: Callable[[], Mapping[str, int]]) -> None:
        """Begins the time."""
        self.lives: list[Life] = []
        self._process_ids = process_ids
        self._open: dict[int, tuple[list[float], list[float]]] = {}
        self._began = time.monotonic()
        self._next_s = 0.0

    def sample_if_due(self) -> None:
        """Takes a sample if a second has passed."""
        now_s = self.now_s()
        if now_s < self._next_s:
            return
        self._next_s = now_s + _PERIOD_S
        for name, pid in self._process_ids().items():
            kibibytes = _own_kibibytes(pid)
            if kibibytes is None:
                continue
            if pid not in self._open:
                self._open[pid] = ([], [])
                self.lives.append(Life(name, *self._open[pid]))
            seconds, values = self._open[pid]
            seconds.append(round(now_s, 2))
            values.append(round(kibibytes * _KIBIBYTE / _MEGABYTE, 2))

    def now_s(self) -> float:
        """Since the first sample."""
        return time.monotonic() - self._began

    def longest(self) -> dict[str, Life]:
        """The longest life of each process."""
        found: dict[str, Life] = {}
        for life in self.lives:
            if life.name not in found or len(life.seconds) > len(found[life.name].seconds):
                found[life.name] = life
        return found


class Soak:
    """A run and what was found."""

    def __init__(self, seconds: float, rng: random.Random, source: str, say: Callable[[str], None]) -> None:
        """Prepares.

        Args:
            seconds: How long troubles go on.
            rng: Draws them.
            source: Of the images.
            say: Told of each, and of everything found.
        """
        self.troubles: list[Trouble] = []
        self.stretches: list[Accounts] = []
        self.findings: list[str] = []
        self.marks: list[float] = []
        self.published_ns: Sequence[int] = ()
        self._seconds, self._rng, self._source, self._say = seconds, rng, source, say
        self._between_s = _BETWEEN_S if seconds > _SHORT_S else _SHORT_BETWEEN_S
        self._recoveries_s: list[float] = []
        self._changed: dict[str, str] = {}
        self._pids: dict[str, int] = {}
        self.memory = Memory(lambda: self._pids)

    def run(self) -> None:
        """Troubles the graph until the time is over, and judges it."""
        with soak_graph(self._source, self.memory.sample_if_due) as graph:
            self._note_processes(graph, (CAMERA, *NODES, KEEPER))
            self._require_well(graph, time.monotonic_ns(), "the start", 2 * _PATIENCE_S)
            began_s = time.monotonic()
            while (ran_s := time.monotonic() - began_s) < self._seconds and not self._too_bad():
                self._quiet(graph)
                self._trouble(graph, kills=ran_s < self._seconds / 3)
            self._quiet(graph)
            for name, state in graph.states().items():
                if state != "active":
                    self._find(f"{name} is {state} at the end")
            self.published_ns = graph.seen.published_ns
            said = [line for line in log_lines(graph.processes) if _DIED_SAYING.search(line)]
            if said:
                self._find(f"{len(said)} tracebacks in the log, {graph.processes.log}: {said[0]}")
        self._judge_memory()
        if not self.findings:
            graph.processes.log.unlink()

    def recovery_s(self, quantile: float) -> float:
        """Seconds from a trouble's end until every node tells of images again."""
        ordered = sorted(self._recoveries_s) or [0.0]
        return round(ordered[min(len(ordered) - 1, int(quantile * len(ordered)))], 2)

    def _quiet(self, graph: SoakGraph) -> None:
        """Leaves the graph alone for a while, in which every image has to be accounted for."""
        graph.spin_for(_SETTLE_S)
        begin_ns = time.time_ns()
        graph.spin_for(self._rng.uniform(*self._between_s))
        found = accounts(graph.seen.told, graph.seen.published_ns, begin_ns, time.time_ns())
        if found is not None:
            self.stretches.append(found)
            if found.unaccounted:
                self._find(f"of {found.published} images of a quiet stretch {found.unaccounted} are in no count")

    def _trouble(self, graph: SoakGraph, *, kills: bool) -> None:
        trouble = draw(self._rng, list(NODES), kills=kills)
        self.troubles.append(trouble)
        self.marks.append(self.memory.now_s())
        what = f"{trouble.kind.value}: {trouble.target}"
        self._say(f"{what} {trouble.parameter.name if trouble.parameter else ''}")
        try:
            self._cause(graph, trouble)
        except LifecycleError as error:
            self._find(f"{what}: {error}")
        self._require_well(graph, time.monotonic_ns(), what, _PATIENCE_S)
        for name in self._pids:
            code = graph.processes.exit_code(name)
            if code is not None:
                self._find(f"{name} has ended by itself with {code} ({what}); log: {graph.processes.log}")
                graph.start(name)
                self._note_processes(graph, [name])

    def _cause(self, graph: SoakGraph, trouble: Trouble) -> None:
        target = trouble.target
        if trouble.kind in (Kind.CAMERA_VANISHES, Kind.NODE_KILLED):
            self._restart(graph, trouble)
        elif trouble.kind is Kind.DEACTIVATED:
            graph.transition(target, "deactivate")
            graph.spin_for(trouble.wait_s)
            graph.transition(target, "activate")
        elif trouble.kind is Kind.CLEANED_UP:
            graph.transition(target, "deactivate", "cleanup")
            graph.spin_for(trouble.wait_s)
            graph.transition(target, "configure", "activate")
        else:
            self._change(graph, trouble)

    def _restart(self, graph: SoakGraph, trouble: Trouble) -> None:
        pid = graph.processes.process_id(trouble.target)
        os.kill(pid, trouble.sent)
        while graph.processes.exit_code(trouble.target) is None:
            graph.step()
        expected = -signal.SIGKILL if trouble.sent is signal.SIGKILL else 0
        if graph.processes.exit_code(trouble.target) != expected:
            self._find(f"{trouble.target} ended with {graph.processes.exit_code(trouble.target)} when told to")
        self._pids.pop(trouble.target)
        self._changed.pop(trouble.target, None)
        graph.spin_for(trouble.wait_s)
        graph.start(trouble.target)
        self._note_processes(graph, [trouble.target])

    def _change(self, graph: SoakGraph, trouble: Trouble) -> None:
        parameter = trouble.parameter
        assert parameter is not None
        if trouble.kind is Kind.REFUSED:
            taken, reason = graph.set_parameter(trouble.target, parameter)
            if taken or not reason:
                self._find(f"{trouble.target} has {'taken' if taken else 'refused without a reason'} {parameter.name}")
            return
        before = self._changed.pop(trouble.target, None)
        if before is not None:  # not more than one is another than usual: what follows has to work
            graph.set_parameter(trouble.target, default_of(trouble.target, before))
        taken, reason = graph.set_parameter(trouble.target, parameter)
        if taken:
            self._changed[trouble.target] = parameter.name
        elif not reason:
            self._find(f"{trouble.target} has refused {parameter.name} without a reason")

    def _require_well(self, graph: SoakGraph, since_ns: int, after: str, patience_s: float) -> None:
        silent = graph.well_after(since_ns, patience_s)
        self._recoveries_s.append((time.monotonic_ns() - since_ns) / 1e9)
        if silent:
            self._find(f"{', '.join(silent)} tell of no image {patience_s:.0f} s after {after}; {graph.states()}")

    def _judge_memory(self) -> None:
        for name, life in self.memory.longest().items():
            found = growth(life)
            if found is not None and found.leaks:
                self._find(f"{name} grows by {found.low} to {found.high} MB an hour")

    def _note_processes(self, graph: SoakGraph, names: Sequence[str]) -> None:
        self._pids |= {name: graph.processes.process_id(name) for name in names}

    def _too_bad(self) -> bool:
        return len(self.findings) >= _ENOUGH

    def _find(self, text: str) -> None:
        self.findings.append(text)
        self._say(f"FOUND {text}")


def _own_kibibytes(pid: int) -> int | None:
    """What a process has allocated; None if it has just ended."""
    try:
        found = _ANONYMOUS.search(Path(f"/proc/{pid}/smaps_rollup").read_text())
    except OSError:
        return None
    return None if found is None else int(found[1])
