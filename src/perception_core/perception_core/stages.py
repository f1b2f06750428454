"""How long the stages of a pipeline take."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class RunningStatistics:
    """Mean and standard deviation of numbers that are not kept (Welford's method)."""

    count: int = 0
    mean: float = 0.0
    _squares: float = 0.0

    def add(self, value: float) -> None:
        """Takes one number in."""
        self.count += 1
        difference = value - self.mean
        self.mean += difference / self.count
        self._squares += difference * (value - self.mean)

    @property
    def deviation(self) -> float:
        """Sample standard deviation; 0 below two numbers."""
        return math.sqrt(self._squares / (self.count - 1)) if self.count > 1 else 0.0


@dataclass(slots=True)
class StageTime:
    """Milliseconds of one stage, by the clock on the wall and of this thread's processor time."""

    wall_ms: RunningStatistics
    cpu_ms: RunningStatistics


class StageTimes:
    """Times of named stages, in the order in which they were first run."""

    def __init__(self) -> None:
        self._stages: dict[str, StageTime] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Times what is done inside; a stage that fails is not counted."""
        wall, cpu = time.perf_counter(), time.thread_time()
        yield
        self.add(name, (time.perf_counter() - wall) * 1e3, (time.thread_time() - cpu) * 1e3)

    def add(self, name: str, wall_ms: float, cpu_ms: float) -> None:
        """Counts one run of a stage."""
        if name not in self._stages:
            self._stages[name] = StageTime(RunningStatistics(), RunningStatistics())
        self._stages[name].wall_ms.add(wall_ms)
        self._stages[name].cpu_ms.add(cpu_ms)

    def stages(self) -> dict[str, StageTime]:
        """All stages so far by name."""
        return dict(self._stages)
