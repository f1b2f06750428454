"""How the fingers of a hand are held, whichever way the hand is turned.

Angles and distances between the landmarks, in three dimensions and in sizes of the palm, do not depend on the view.
There are two kinds of landmarks, with errors of their own: those of the image are right about what lies side by side,
the metric ones know fingers better that point at the camera, but bend straight ones. Each measure is the mean of both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gesture_perception.hand import HandLandmarks
from gesture_perception.hand_points import (
    FINGERS,
    INDEX_MCP,
    INDEX_PIP,
    INDEX_TIP,
    LITTLE_MCP,
    MIDDLE_MCP,
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
_UP = np.array([[0.0, -1.0, 0.0]])  # rows grow downwards
_LEAST_WIDTH = (
    0.6  # of a palm, in its lengths; half of them are wider than 0.7, one that is seen edgewise seems to have none
)
_EPSILON = 1e-9  # against division by nothing, far below any length

Floats = NDArray[np.float64]


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
        return bool(np.isfinite(self.fold).all()) and bool(np.isfinite([self.thumb_reach, self.touch]).all())

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
    both = np.stack([hand.points for hand in hands] + [hand.metric for hand in hands]).astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        measures = _measures(both)
        half = len(hands)
        columns: dict[str, list[Any]] = {
            name: ((values[:half] + values[half:]) / 2).tolist() for name, values in measures.items()
        }
    columns["touch"] = measures["touch"][:half].tolist()
    return [FingerGeometry(**{name: values[place] for name, values in columns.items()}) for place in range(half)]


def _measures(points: Floats) -> dict[str, Floats]:
    """Nx21x3 -> the attributes of a geometry, each N or Nx4."""
    wrist, index, little = points[:, WRIST], points[:, INDEX_MCP], points[:, LITTLE_MCP]
    length, width = _length(points[:, MIDDLE_MCP] - wrist), _length(little - index)
    palm = (length + width) / 2 + _EPSILON
    roots, joints, last, tips = (points[:, FINGERS[1:, k]] for k in range(4))
    at_root = _angle(roots - wrist[:, None], joints - roots)
    bend = _angle(joints - roots, tips - last)
    gaps = _length(tips[:, 1:] - tips[:, :-1]) / palm[:, None]
    thumb = points[:, THUMB_TIP]
    return {
        "bend": bend,
        "turn": bend + at_root,
        "fold": bend + at_root / 2,
        "thumb_reach": _length(thumb - little) / (np.maximum(width, _LEAST_WIDTH * length) + _EPSILON),
        "thumb_away": _angle(thumb - points[:, THUMB_MCP], little - index),
        "thumb_to_index": _length(thumb - points[:, INDEX_PIP]) / palm,
        "touch": _length(thumb - points[:, INDEX_TIP]) / palm,
        "gap": gaps[:, 0],
        "spread": gaps.sum(axis=1),
        "from_up": _angle(points[:, MIDDLE_MCP] - wrist, _UP),
    }


def _length(vectors: Floats) -> Floats:
    return np.asarray(np.sqrt(np.einsum("...i,...i->...", vectors, vectors)))


def _angle(first: Floats, second: Floats) -> Floats:
    """Degrees between vectors; NaN where one has no length."""
    cosine = np.einsum("...i,...i->...", first, second) / (_length(first) * _length(second))
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
