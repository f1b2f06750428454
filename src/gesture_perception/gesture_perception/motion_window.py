"""The last second and a half of one hand, at even steps of time whatever the camera's rate.

Lengths are metres at the hand: the hand's own size tells how many pixels a metre is there, so that near and far hands,
and cameras of all resolutions, are judged alike. What is seen is brought to steps of 25 ms by stamps, and smoothed
over as much as a frame at 10 Hz lasts; so 10 and 60 images per second show the same movement.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gesture_perception.hand import HandLandmarks
from gesture_perception.hand_points import FINGERS, INDEX_MCP, LITTLE_MCP, MIDDLE_MCP, PALM, WRIST
from perception_core.depth import Position3D, PositionSource

Floats = NDArray[np.float64]

STEP_S = 0.025
LONGEST_GAP_S = 0.35  # who was not seen for longer may have done anything in between; 5 Hz has gaps of 0.2 s
_SPAN_S = 1.6  # three swings of a wave at 1 Hz
_ROOM = 1024  # samples; more than the span has at 250 Hz
_LEAST_SPAN_S = 0.15
_LEAST_METRIC_M = 0.01  # a hand whose points all lie closer together is broken
_LEAST_PIXELS = 2.0
_STEPS = np.asarray(np.arange(-round(_SPAN_S / STEP_S), 1) * STEP_S, np.float64)
_EVENED = 10  # numbers of a sample that are brought to even steps
_DEPTH_SHARE = 0.8  # of the samples; with fewer the size tells the distance
_PALM, _LONG_FINGERS = PALM.tolist(), FINGERS[1:].tolist()
_SURELY_RIGHT = 0.5
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class MotionSample:
    """What one image tells about the movement of a hand.

    Attributes:
        palm: Middle of the palm, pixels.
        tips: Middle of the tips of the four long fingers, pixels.
        pixels_per_metre: At the hand.
        extension: How straight the long fingers are, from the wrist to the tip, on average: open hands have 0.9 and
            more, fists 0.75 and less.
        index_extension: Of the index finger alone.
        raised: Which way the hand points: 1 with the fingers up, -1 hanging down.
        facing: Which way the palm looks: 1 at the camera, -1 away from it.
        palm_up: 1 at the ceiling, -1 at the floor.
        distance: Of the wrist, metres; NaN unless it was measured by depth.
    """

    palm: tuple[float, float]
    tips: tuple[float, float]
    pixels_per_metre: float
    extension: float
    index_extension: float
    raised: float
    facing: float
    palm_up: float
    distance: float


def motion_sample(landmarks: HandLandmarks, position: Position3D) -> MotionSample | None:
    """Describes a hand for its motions.

    Args:
        landmarks: Found in this image.
        position: Of the wrist.

    Returns:
        None where the points are broken: not finite, or all in one place.
    """
    both = np.concatenate([landmarks.points[:, :2], landmarks.metric], axis=1, dtype=np.float64)
    if not np.isfinite(both).all():
        return None
    pixels, metres = _spreads(both)
    if metres < _LEAST_METRIC_M or pixels < _LEAST_PIXELS:
        return None
    # Python is done with so few numbers sooner than numpy.
    points, metric = landmarks.points[:, :2].tolist(), landmarks.metric.tolist()
    extensions = [_extension(metric, finger) for finger in _LONG_FINGERS]
    wrist = metric[WRIST]
    up, index, little = (
        [there - here for here, there in zip(wrist, metric[root], strict=True)]
        for root in (MIDDLE_MCP, INDEX_MCP, LITTLE_MCP)
    )
    # The cross product of the ways to the index and to the little finger leaves a right hand at its palm.
    normal = (
        index[1] * little[2] - index[2] * little[1],
        index[2] * little[0] - index[0] * little[2],
        index[0] * little[1] - index[1] * little[0],
    )
    outward = 1.0 if landmarks.right >= _SURELY_RIGHT else -1.0
    area, length = max(math.hypot(*normal), _TINY), max(math.hypot(*up), _TINY)
    return MotionSample(
        palm=_middle([points[point] for point in _PALM]),
        tips=_middle([points[finger[-1]] for finger in _LONG_FINGERS]),
        pixels_per_metre=pixels / metres,
        extension=sum(extensions) / len(extensions),
        index_extension=extensions[0],
        raised=-up[1] / length,
        facing=-outward * normal[2] / area,
        palm_up=-outward * normal[1] / area,
        distance=position.xyz[2] if position.source is PositionSource.DEPTH else math.nan,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Movement:
    """What a hand did of late, in steps of `STEP_S`, the newest last.

    Attributes:
        palm: Nx2 metres right and down in the image.
        tips: Nx2 metres, likewise: of the fingertips.
        nearness: N, metres or natural logarithms, see `measured`; grows as the hand comes closer.
        measured: Whether nearness is metres, from depth; otherwise it is the logarithm of the hand's size in the image.
        extension: N; see `MotionSample`, as are the others.
        index_extension: N.
        raised: N.
        facing: N.
        palm_up: N.
    """

    palm: Floats
    tips: Floats
    nearness: Floats
    measured: bool
    extension: Floats
    index_extension: Floats
    raised: Floats
    facing: Floats
    palm_up: Floats

    @property
    def hand(self) -> Floats:
        """Nx2 metres: the middle of the whole hand, which both the arm and the wrist move."""
        return (self.palm + self.tips) / 2


class MotionWindow:
    """What was seen of one hand."""

    def __init__(self) -> None:
        self._stamps = np.empty(_ROOM, np.int64)
        self._rows = np.empty((_EVENED + 2, _ROOM))
        self._count = 0

    def reset(self) -> None:
        """Forgets all."""
        self._count = 0

    @property
    def last_ns(self) -> int | None:
        """Stamp of the newest sample; None if there is none."""
        return int(self._stamps[self._count - 1]) if self._count else None

    def add(self, sample: MotionSample, stamp_ns: int) -> None:
        """Takes in a sample; one that is not newer than the last is ignored, a long gap forgets what was before."""
        last_ns = self.last_ns
        if last_ns is not None:
            since_s = (stamp_ns - last_ns) / 1e9
            if since_s <= 0:
                return
            if since_s > LONGEST_GAP_S:
                self.reset()
        if self._count == _ROOM:
            self._count = _ROOM // 2
            self._stamps[: self._count] = self._stamps[-self._count :]
            self._rows[:, : self._count] = self._rows[:, -self._count :]
        self._stamps[self._count] = stamp_ns
        self._rows[:, self._count] = (
            *sample.palm,
            *sample.tips,
            math.log(sample.pixels_per_metre),
            sample.extension,
            sample.index_extension,
            sample.raised,
            sample.facing,
            sample.palm_up,
            sample.pixels_per_metre,
            sample.distance,
        )
        self._count += 1

    def movement(self) -> Movement | None:
        """The window up to the newest sample; None while it is too short to tell anything."""
        if self._count < 2:
            return None
        stamps = self._stamps[: self._count]
        newest_ns = int(stamps[-1])
        # One sample before the span is kept: the first step lies between it and the next.
        first = max(0, int(stamps.searchsorted(newest_ns - round(_SPAN_S * 1e9))) - 1)
        times = np.asarray((stamps[first:] - newest_ns) / 1e9, np.float64)
        span = min(-float(times[0]), _SPAN_S)
        if span < _LEAST_SPAN_S:
            return None
        seen = self._rows[:, first : self._count]
        rows, pixels_per_metre, distance = seen[:_EVENED], seen[_EVENED], seen[_EVENED + 1]
        known = np.isfinite(distance)
        measured = bool(np.count_nonzero(known) >= _DEPTH_SHARE * len(times))
        if measured:
            rows = rows.copy()
            rows[4] = -np.interp(times, times[known], distance[known])
        even = _smooth(_at(_STEPS[-1 - math.floor(span / STEP_S + 1e-6) :], times, rows))
        even[:4] /= quantile(pixels_per_metre, 0.5)
        return Movement(even[:2].T, even[2:4].T, even[4], measured, *even[5:])


def quantile(values: Floats, share: float) -> float:
    """The value below which that share of the values lies; for a few dozens of them quicker than numpy's own."""
    ordered = sorted(values.tolist())
    return float(ordered[round(share * (len(ordered) - 1))])


def _at(grid: Floats, times: Floats, rows: Floats) -> Floats:
    """Rows, each of one number over time, at other times, by cubic curves.

    Straight lines would take a quarter of the height of a quick wave at 10 Hz.
    """
    # The time is the first row: its steps and its slopes, which are 1, come out with those of the others.
    table = np.concatenate([times[None], rows])
    around = np.concatenate([table[:, 1:], table[:, -1:]], axis=1) - np.concatenate(
        [table[:, :1], table[:, :-1]], axis=1
    )
    slopes = around / around[0]
    after = np.maximum(times.searchsorted(grid), 1)
    before = after - 1
    start = table.take(before, axis=1)
    way = table.take(after, axis=1) - start
    step = way[0]
    share = (grid - start[0]) / step
    rest = 1 - share
    bend = share * rest * step
    bends = bend * rest * slopes.take(before, axis=1) - bend * share * slopes.take(after, axis=1)
    return np.asarray((start + share * share * (3 - 2 * share) * way + bends)[1:], np.float64)


def _smooth(rows: Floats) -> Floats:
    """Means of three steps, twice: of five steps, the middle one weighs most."""
    rows = np.concatenate([rows[:, :1], rows[:, :1], rows, rows[:, -1:], rows[:, -1:]], axis=1)
    for _ in range(2):
        rows = (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / 3
    return rows


def _middle(points: Sequence[Sequence[float]]) -> tuple[float, float]:
    x, y = (sum(values) / len(points) for values in zip(*points, strict=True))
    return x, y


def _spreads(both: Floats) -> tuple[float, float]:
    """How far the points lie from their middle in the image, in pixels and metres, root mean square; of 21x5."""
    about_middle = both - both.sum(axis=0) / len(both)
    x, y, right, down, _ = (np.einsum("nk,nk->k", about_middle, about_middle) / len(both)).tolist()
    return math.sqrt(x + y), math.sqrt(right + down)


def _extension(points: Sequence[Sequence[float]], finger: Sequence[int]) -> float:
    """How straight a finger is, from the wrist to the tip."""
    chain = [points[WRIST], *(points[joint] for joint in finger)]
    links = sum(map(math.dist, chain[:-1], chain[1:]))
    return math.dist(chain[0], chain[-1]) / max(links, _LEAST_METRIC_M)
