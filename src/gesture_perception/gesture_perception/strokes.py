"""Taking movements apart: strokes that go one way, swings that go to and fro."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gesture_perception.motion_window import STEP_S

Floats = NDArray[np.float64]

_STROKE_ENDS = 0.25  # of its highest speed, in its own direction
_MOST_STROKES = 6
_TAKEN = -1.0  # instead of the speed of a step that is part of a stroke


@dataclass(frozen=True, slots=True)
class Stroke:
    """A stretch of a movement in one direction, from rest to rest or to a turn.

    Attributes:
        start: First step of the window.
        end: Last step of the window.
        way: D; from start to end.
        path: Length of the path in between, in the units of the positions.
        speed: Highest, units per second.
    """

    start: int
    end: int
    way: tuple[float, ...]
    path: float
    speed: float

    @property
    def length(self) -> float:
        """From start to end as the crow flies."""
        return math.hypot(*self.way)

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.end - self.start) * STEP_S

    def against(self, other: Stroke) -> bool:
        """Whether it goes rather back than aside or the same way."""
        product = sum(one * two for one, two in zip(self.way, other.way, strict=True))
        return product < -0.3 * self.length * other.length


def strokes(positions: Floats, least_speed: float, top_speed: float = 0.0) -> list[Stroke]:
    """The strokes of a movement that are fast somewhere, in the order of time.

    Args:
        positions: NxD, in steps of `STEP_S`.
        least_speed: Each reaches this, units per second.
        top_speed: One of them reaches this; otherwise there are none.
    """
    if len(positions) < 2:
        return []
    velocities = (positions[1:] - positions[:-1]) / STEP_S
    speeds: list[float] = np.sqrt(np.einsum("nd,nd->n", velocities, velocities)).tolist()
    if max(speeds) < top_speed:
        return []
    free = speeds.copy()
    found: list[Stroke] = []
    while len(found) < _MOST_STROKES:
        speed = max(free)
        if not speed >= least_speed:
            break
        peak = free.index(speed)
        first, last = _extent((velocities @ velocities[peak]).tolist(), free, peak)
        way = positions[last + 1] - positions[first]
        path = sum(speeds[first : last + 1]) * STEP_S
        found.append(Stroke(first, last + 1, tuple(way.tolist()), path, speed))
        free[first : last + 1] = [_TAKEN] * (last + 1 - first)
    return sorted(found, key=lambda stroke: stroke.start)


def _extent(along: list[float], free: list[float], peak: int) -> tuple[int, int]:
    """First and last step about the peak that go its way, and are not part of another stroke."""
    first = last = peak
    least = _STROKE_ENDS * along[peak]
    while first > 0 and along[first - 1] >= least and free[first - 1] != _TAKEN:
        first -= 1
    while last + 1 < len(along) and along[last + 1] >= least and free[last + 1] != _TAKEN:
        last += 1
    return first, last


@dataclass(frozen=True, slots=True)
class Swing:
    """A stretch from one turning point to the next.

    Attributes:
        start: Step of the first turning point.
        end: Step of the second one.
        change: From one to the other.
    """

    start: int
    end: int
    change: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.end - self.start) * STEP_S


def swings(values: Floats, least: float) -> list[Swing]:
    """The swings of at least that height, in the order of time; smaller ones are part of larger ones.

    The first begins, and the last ends, where the value is highest or lowest there: it may rest before and after.

    Args:
        values: N, in steps of `STEP_S`.
        least: Above 0.
    """
    numbers = values.tolist()
    if max(numbers) - min(numbers) < least:
        return []
    turns: list[int] = []
    lowest = highest = 0
    low = high = numbers[0]
    rising: bool | None = None
    for step, value in enumerate(numbers):
        if value <= low:
            lowest, low = step, value
        if value >= high:
            highest, high = step, value
        if rising is not False and high - value >= least:
            turns.append(highest)
            rising, lowest, low = False, step, value
        elif rising is not True and value - low >= least:
            turns.append(lowest)
            rising, highest, high = True, step, value
    if rising is not None:
        turns.append(highest if rising else lowest)
    return [Swing(one, two, numbers[two] - numbers[one]) for one, two in itertools.pairwise(turns)]
