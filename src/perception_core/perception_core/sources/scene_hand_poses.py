"""How a drawn hand holds its fingers; angles as measured at one's own hand, tried on the hand network."""

from __future__ import annotations

from perception_core.sources.scene_hand_shape import HandPose, Triple

_STRAIGHT: Triple = (2.0, 4.0, 2.0)
_FOLDED_MIDDLE: Triple = (82.0, 102.0, 62.0)
_FOLDED_RING: Triple = (84.0, 102.0, 62.0)
_FOLDED_LITTLE: Triple = (84.0, 98.0, 60.0)
_FOLDED_INDEX: Triple = (78.0, 100.0, 62.0)

OPEN = HandPose(
    ((3, 4, 2), (3, 4, 2), (3, 4, 2), (3, 4, 2)),
    (7, 1, -5, -12),
    ((0.75, 0.62, 0.22), (0.72, 0.69, 0.05), (0.62, 0.78, 0.0)),
)
FIST = HandPose(
    (_FOLDED_INDEX, _FOLDED_MIDDLE, _FOLDED_RING, _FOLDED_LITTLE),
    (-3, 0, 3, 6),
    ((0.62, 0.5, 0.6), (-0.35, 0.6, 0.72), (-0.93, 0.3, 0.2)),
)
POINTING = HandPose(
    (_STRAIGHT, _FOLDED_MIDDLE, _FOLDED_RING, _FOLDED_LITTLE),
    (0, 0, 3, 6),
    ((0.62, 0.5, 0.6), (-0.45, 0.55, 0.70), (-0.95, 0.25, 0.2)),
)
VICTORY = HandPose(
    (_STRAIGHT, _STRAIGHT, _FOLDED_RING, _FOLDED_LITTLE),
    (12, -8, 3, 6),
    ((0.5, 0.55, 0.66), (-0.62, 0.45, 0.64), (-0.95, 0.15, 0.25)),
)
THUMB = HandPose(
    (_FOLDED_INDEX, _FOLDED_MIDDLE, _FOLDED_RING, _FOLDED_LITTLE),
    (-3, 0, 3, 6),
    ((0.80, 0.52, 0.30), (0.97, 0.25, 0.0), (0.97, 0.12, -0.2)),
)
CURLED = HandPose(
    ((55, 75, 40), (58, 78, 42), (60, 78, 42), (60, 74, 40)),
    (0, 0, 0, -2),
    ((0.70, 0.6, 0.4), (0.45, 0.85, 0.25), (0.3, 0.9, 0.3)),
)
RELAXED = HandPose(
    ((25, 30, 15), (28, 34, 16), (32, 36, 18), (34, 36, 18)),
    (2, 0, -2, -5),
    ((0.70, 0.6, 0.4), (0.55, 0.8, 0.2), (0.45, 0.85, 0.2)),
)
