"""The last second and a half of one hand, at even steps of time whatever the camera's rate.

Lengths are metres at the hand: the hand's own size tells how many pixels a metre is there, so that near and far hands,
and cameras of all resolutions, are judged alike. What is seen is brought to steps of 25 ms by stamps, and smoothed
over as much as a frame at 10 Hz lasts; so 10 and 60 images per second show the same movement.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

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
_KERNEL = (1 / 9, 2 / 9, 3 / 9, 2 / 9, 1 / 9)
_DEPTH_SHARE = 0.8  # of the samples; with fewer the size tells the distance
_LONG_FINGERS = FINGERS[1:]
_CHAINS = np.column_stack([np.full(4, WRIST), _LONG_FINGERS])
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
    points, metric = landmarks.points[:, :2].astype(np.float64), landmarks.metric.astype(np.float64)
    if not (np.isfinite(points).all() and np.isfinite(metric).all()):
        return None
    spread = _spread(metric[:, :2])
    if spread < _LEAST_METRIC_M or _spread(points) < _LEAST_PIXELS:
        return None
    chains = metric[_CHAINS]
    links = np.linalg.norm(np.diff(chains, axis=1), axis=2).sum(axis=1)
    extensions = np.linalg.norm(chains[:, -1] - chains[:, 0], axis=1) / np.maximum(links, _LEAST_METRIC_M)
    up, index, little = (metric[[MIDDLE_MCP, INDEX_MCP, LITTLE_MCP]] - metric[WRIST]).tolist()
    # The cross product of the ways to the index and to the little finger leaves a right hand at its palm.
    normal = (
        index[1] * little[2] - index[2] * little[1],
        index[2] * little[0] - index[0] * little[2],
        index[0] * little[1] - index[1] * little[0],
    )
    outward = 1.0 if landmarks.right >= _SURELY_RIGHT else -1.0
    area, length = max(math.hypot(*normal), _TINY), max(math.hypot(*up), _TINY)
    palm, tips = points[PALM].mean(axis=0), points[_LONG_FINGERS[:, -1]].mean(axis=0)
    return MotionSample(
        palm=(float(palm[0]), float(palm[1])),
        tips=(float(tips[0]), float(tips[1])),
        pixels_per_metre=_spread(points) / spread,
        extension=float(extensions.mean()),
        index_extension=float(extensions[0]),
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
        self._rows = np.empty((_ROOM, len(fields(MotionSample)) + 2))
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
            self._rows[: self._count] = self._rows[-self._count :]
        self._stamps[self._count] = stamp_ns
        self._rows[self._count] = (
            *sample.palm,
            *sample.tips,
            sample.pixels_per_metre,
            sample.extension,
            sample.index_extension,
            sample.raised,
            sample.facing,
            sample.palm_up,
            sample.distance,
        )
        self._count += 1

    def movement(self) -> Movement | None:
        """The window up to the newest sample; None while it is too short to tell anything."""
        if self._count < 2:
            return None
        stamps = self._stamps[: self._count]
        # One sample before the span is kept: the first step lies between it and the next.
        first = max(0, int(np.searchsorted(stamps, stamps[-1] - round(_SPAN_S * 1e9))) - 1)
        times = np.asarray((stamps[first:] - stamps[-1]) / 1e9, np.float64)
        rows = self._rows[first : self._count]
        span = min(-float(times[0]), _SPAN_S)
        if span < _LEAST_SPAN_S:
            return None
        grid = np.asarray(np.arange(-math.floor(span / STEP_S + 1e-6), 1) * STEP_S, np.float64)
        pixels_per_metre, distance = rows[:, 4], rows[:, 10]
        known = np.isfinite(distance)
        measured = bool(np.count_nonzero(known) >= _DEPTH_SHARE * len(rows))
        columns = rows[:, :10].copy()
        columns[:, :4] /= quantile(pixels_per_metre, 0.5)
        columns[:, 4] = -np.interp(times, times[known], distance[known]) if measured else np.log(pixels_per_metre)
        even = _smooth(_at(grid, times, columns))
        return Movement(even[:, :2], even[:, 2:4], even[:, 4], measured, *even[:, 5:].T)


def quantile(values: Floats, share: float) -> float:
    """The value below which that share of the values lies; for a few dozens of them quicker than numpy's own."""
    ordered = sorted(values.tolist())
    return float(ordered[round(share * (len(ordered) - 1))])


def _at(grid: Floats, times: Floats, rows: Floats) -> Floats:
    """Rows at other times, all columns at once, by cubic curves through them.

    Straight lines would take a quarter of the height of a quick wave at 10 Hz.
    """
    slopes = np.empty_like(rows)
    slopes[1:-1] = (rows[2:] - rows[:-2]) / (times[2:] - times[:-2])[:, None]
    slopes[0] = (rows[1] - rows[0]) / (times[1] - times[0])
    slopes[-1] = (rows[-1] - rows[-2]) / (times[-1] - times[-2])
    after = np.clip(np.searchsorted(times, grid), 1, len(times) - 1)
    before = after - 1
    step = (times[after] - times[before])[:, None]
    share = (grid - times[before])[:, None] / step
    rest = 1 - share
    ends = rest * rest * (1 + 2 * share) * rows[before] + share * share * (1 + 2 * rest) * rows[after]
    bends = share * rest * step * (rest * slopes[before] - share * slopes[after])
    return np.asarray(ends + bends, np.float64)


def _smooth(rows: Floats) -> Floats:
    half = len(_KERNEL) // 2
    padded = np.concatenate([np.repeat(rows[:1], half, axis=0), rows, np.repeat(rows[-1:], half, axis=0)])
    smooth = np.zeros_like(rows)
    for shift, weight in enumerate(_KERNEL):
        smooth += weight * padded[shift : shift + len(rows)]
    return smooth


def _spread(points: Floats) -> float:
    return float(np.sqrt(((points - points.mean(axis=0)) ** 2).sum(axis=1).mean()))
