"""How the fingers of a hand are held, whichever way the hand is turned.

Angles and distances between the landmarks, in three dimensions and in sizes of the palm, do not depend on the view.
There are two kinds of landmarks, with errors of their own: those of the image are right about what lies side by side,
the metric ones know fingers better that point at the camera, but bend straight ones. Each measure is the mean of both.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gesture_perception.hand import HandLandmarks
from gesture_perception.hand_points import (
    FINGERS,
    INDEX_MCP,
    INDEX_PIP,
    INDEX_TIP,
    LITTLE_MCP,
    POINTS,
    THUMB_MCP,
    THUMB_TIP,
    WRIST,
)

INDEX, MIDDLE, RING, LITTLE = range(4)
"""Places of the fingers in what is measured of four."""

FOUR = (INDEX, MIDDLE, RING, LITTLE)

RAISED_FOLD = 70.0
"""Degrees: fingers that are folded less are raised; halfway between the fold of raised and of folded fingers."""

_RAISED_AWAY, _RAISED_REACH = 100.0, 1.3  # of a thumb; see FingerGeometry
_TOUCH = 0.4  # palms between the tips of thumb and index that meet: they are below 0.3 in OK, above 0.8 in a palm
_PINCH_OPEN = 0.45  # palms between the thumb's tip and the index's middle joint: a fist has 0.3
_PINCH_GAP = 0.45  # palms between the tips of index and middle: where all meet the thumb it is an O, no pinch
_RING_OPEN = 2  # of three fingers: so many are raised beside a ring
_LEAST_WIDTH = (
    0.6  # of a palm, in its lengths; half of them are wider than 0.7, one that is seen edgewise seems to have none
)
_EPSILON = 1e-9  # against division by nothing, far below any length

Floats = NDArray[np.float64]

# The ways between points that are measured: four to the roots of the fingers, four along their first bones and four
# along their last ones, three between their tips, and five more.
_ROOTS, _JOINTS, _LAST_JOINTS, _TIPS = FINGERS[1:].T.tolist()
_WAYS = [
    *((WRIST, root) for root in _ROOTS),
    *zip(_ROOTS, _JOINTS, strict=True),
    *zip(_LAST_JOINTS, _TIPS, strict=True),
    *itertools.pairwise(_TIPS),
    (INDEX_MCP, LITTLE_MCP),
    *((end, THUMB_TIP) for end in (THUMB_MCP, LITTLE_MCP, INDEX_PIP, INDEX_TIP)),
]
_STARTS, _ENDS = np.array(_WAYS).T
_GAPS, _WIDTH, _THUMB = slice(12, 15), 15, 16
_ONE_SIDE, _OTHER_SIDE = np.array([*range(8), _THUMB]), np.array([*range(4, 12), _WIDTH])  # of the angles


@dataclass(frozen=True, slots=True)
class FingerGeometry:
    """What is measured of one hand; NaN where its points are not finite, or all in one place.

    Attributes:
        bend: Of index to little finger: degrees between their first and last bones.
        turn: Likewise, and the angle at the root added; 0 is a finger in line with the palm.
        fold: Likewise, and half the angle at the root added: what tells raised from folded best.
        thumb_reach: From its tip to the root of the little finger, in widths of the palm; 1 over the palm, 2 spread.
        thumb_away: Degrees between the thumb and the direction across the palm to the little finger; 180 is away.
        thumb_to_index: From the thumb's tip to the middle joint of the index, in palms.
        touch: Between the tips of thumb and index, in palms, in the image.
        gap: Between the tips of index and middle finger, in palms.
        spread: The sum of the gaps between the four tips, in palms.
        from_up: Degrees between the way from the wrist to the middle finger and straight up; 90 points at the camera or
            aside, 180 hangs.
    """

    bend: Sequence[float]
    turn: Sequence[float]
    fold: Sequence[float]
    thumb_reach: float
    thumb_away: float
    thumb_to_index: float
    touch: float
    gap: float
    spread: float
    from_up: float

    @property
    def usable(self) -> bool:
        """Whether it is a hand at all."""
        return all(map(math.isfinite, (*self.fold, self.thumb_reach, self.touch)))

    @property
    def ring(self) -> bool:
        """OK: thumb and index meet, the other fingers are raised."""
        return self.touch < _TOUCH and self._others_raised >= _RING_OPEN

    @property
    def pinch(self) -> bool:
        """Thumb and index alone meet, away from the palm, and the other fingers are not raised."""
        alone = self.thumb_to_index > _PINCH_OPEN and self.gap > _PINCH_GAP
        return self.touch < _TOUCH and alone and self._others_raised == 0

    @property
    def raised(self) -> int:
        """How many fingers are raised, 0 to 5; of two that meet none is. -1 for what is no hand."""
        if not self.usable:
            return -1
        if self.ring:
            return self._others_raised
        thumb = self.thumb_away > _RAISED_AWAY and self.thumb_reach > _RAISED_REACH
        return sum(fold < RAISED_FOLD for fold in self.fold) + thumb

    @property
    def _others_raised(self) -> int:
        return sum(fold < RAISED_FOLD for fold in self.fold[MIDDLE:])


def measured(hands: Sequence[HandLandmarks]) -> list[FingerGeometry]:
    """How each hand holds its fingers."""
    if not hands:
        return []
    kinds = [hand.points for hand in hands] + [hand.metric for hand in hands]
    points = np.concatenate(kinds, dtype=np.float64).reshape(len(kinds), POINTS, 3)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        ways = points.take(_ENDS, axis=1) - points.take(_STARTS, axis=1)
        lengths = np.sqrt(np.einsum("nki,nki->nk", ways, ways))
        angles = _angles(ways, lengths)
    half = len(hands)
    mean_angles = (angles[:half] + angles[half:]) / 2
    rows = zip(mean_angles.tolist(), lengths[:half].tolist(), lengths[half:].tolist(), strict=True)
    return [_geometry(*row) for row in rows]


def _angles(ways: Floats, lengths: Floats) -> Floats:
    """Nx10 degrees: at the roots of the four fingers, their bends, of the thumb, and from up; NaN without a length."""
    products = np.einsum("nki,nki->nk", ways.take(_ONE_SIDE, axis=1), ways.take(_OTHER_SIDE, axis=1))
    cosines = products / (lengths.take(_ONE_SIDE, axis=1) * lengths.take(_OTHER_SIDE, axis=1))
    up = -ways[:, MIDDLE, 1] / lengths[:, MIDDLE]  # rows grow downwards
    cosines = np.concatenate([cosines, up[:, None]], axis=1)
    return np.asarray(np.degrees(np.arccos(np.minimum(np.maximum(cosines, -1), 1))))


def _geometry(angles: list[float], in_image: list[float], metric: list[float]) -> FingerGeometry:
    """What is measured of one hand: the mean angles, and the lengths of its ways in both kinds of landmarks."""
    at_root, bend, (thumb_away, from_up) = angles[:4], angles[4:8], angles[8:]
    one, other = _InPalms.of(in_image), _InPalms.of(metric)
    return FingerGeometry(
        bend=bend,
        turn=[bent + root for bent, root in zip(bend, at_root, strict=True)],
        fold=[bent + root / 2 for bent, root in zip(bend, at_root, strict=True)],
        thumb_reach=(one.thumb_reach + other.thumb_reach) / 2,
        thumb_away=thumb_away,
        thumb_to_index=(one.thumb_to_index + other.thumb_to_index) / 2,
        touch=one.touch,
        gap=(one.gap + other.gap) / 2,
        spread=(one.spread + other.spread) / 2,
        from_up=from_up,
    )


class _InPalms(NamedTuple):
    """The lengths of a `FingerGeometry`, by one kind of landmarks."""

    thumb_reach: float
    thumb_to_index: float
    touch: float
    gap: float
    spread: float

    @classmethod
    def of(cls, lengths: list[float]) -> _InPalms:
        length, gaps = lengths[MIDDLE], lengths[_GAPS]
        width, _, reach, to_index, touch = lengths[_WIDTH:]
        palm = (length + width) / 2 + _EPSILON
        least_width = max(width, _LEAST_WIDTH * length) + _EPSILON
        return cls(reach / least_width, to_index / palm, touch / palm, gaps[0] / palm, sum(gaps) / palm)
