"""The surface of a drawn hand and arm: tubes with round ends along its bones.

A tube is given by its knots: Nx4, places and radii; between them both change evenly.

Radii are half of an adult's finger, wrist and arm breadths: A. Tilley, "The Measure of Man and Woman", 2002.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from perception_core.sources.scene_hand_shape import Field, unit

_FINGER_RADII_M = np.array(
    [
        [0.0105, 0.0092, 0.0082, 0.0068],
        [0.0108, 0.0095, 0.0083, 0.0070],
        [0.0103, 0.0090, 0.0080, 0.0066],
        [0.0090, 0.0080, 0.0070, 0.0058],
    ]
)
_THUMB_RADII_M = (0.0150, 0.0115, 0.0105, 0.0080)
_CARPUS_M = np.array([[0.017, 0.002, 0.0], [0.006, 0.0, -0.001], [-0.006, 0.0, -0.001], [-0.018, 0.002, 0.001]])
_COLUMNS = 9  # tubes side by side in the palm
_WRIST_ASIDE_M = (-0.010, -0.003, 0.003, 0.010)  # a wrist is broader than it is thick
WRIST_RADIUS_M = 0.0195
CUFF_M = 0.055
"""From the wrist to the sleeve."""
_SLEEVE_ASIDE_M = (-0.006, 0.006)
_FOREARM_RADII_M, _UPPER_ARM_RADII_M = (0.036, 0.047), (0.048, 0.057)


def finger_radius(finger: int, joint: int) -> float:
    """Metres, of the four fingers from the index on, at their joints from the root to the tip."""
    return float(_FINGER_RADII_M[finger, joint])


def hand_tubes(joints: Field) -> list[Field]:
    """Of fingers and palm, in the hand's axes.

    Args:
        joints: 21x3, of the hand.
    """
    fingers = [_tube(joints[5 + 4 * k : 9 + 4 * k], radii) for k, radii in enumerate(_FINGER_RADII_M)]
    thumb = joints[1:5]
    palm = [_palm_column(joints, place) for place in np.linspace(0, 3, _COLUMNS)]
    ball = _tube([[0.014, 0.010, 0.006], 0.3 * thumb[0] + 0.7 * thumb[1]], (0.019, 0.014))
    heel = _tube([[-0.020, 0.012, 0.006], 0.85 * joints[17]], (0.015, 0.012))
    return [*fingers, _tube(thumb, _THUMB_RADII_M), *palm, ball, heel, *_web(joints)]


def wrist_tubes(hand: Field, elbow: Field) -> list[Field]:
    """The bare part of the forearm, in the drawing.

    Args:
        hand: 3x3, from the hand's axes to those of the drawing.
        elbow: 3, in the drawing.
    """
    along, aside = _forearm_axes(hand, elbow)
    radii = WRIST_RADIUS_M, WRIST_RADIUS_M + 0.001
    return [_tube([aside * x, 1.6 * aside * x + 1.2 * CUFF_M * along], radii) for x in _WRIST_ASIDE_M]


def sleeve_tubes(hand: Field, elbow: Field, shoulder: Field) -> list[Field]:
    """The sleeve from the cuff to the shoulder; see `wrist_tubes`."""
    along, aside = _forearm_axes(hand, elbow)
    forearm = [_tube([CUFF_M * along + aside * x, elbow + aside * x], _FOREARM_RADII_M) for x in _SLEEVE_ASIDE_M]
    return [*forearm, _tube([elbow, shoulder], _UPPER_ARM_RADII_M)]


def _forearm_axes(hand: Field, elbow: Field) -> tuple[Field, Field]:
    along = unit(elbow)
    aside = hand[:, 0] - along * float(hand[:, 0] @ along)
    return along, unit(aside)


def _palm_column(joints: Field, place: float) -> Field:
    before = min(int(place), 2)
    part = place - before
    start = _CARPUS_M[before] * (1 - part) + _CARPUS_M[before + 1] * part
    end = joints[5 + 4 * before] * (1 - part) + joints[9 + 4 * before] * part
    return _tube([start, end - (0.0, 0.002, 0.0)], (0.0150, 0.0118))


def _web(joints: Field) -> list[Field]:
    """The skin between thumb and index finger."""
    thumb, middle, index = joints[1], 0.35 * joints[1] + 0.65 * joints[2], joints[5]
    return [
        _tube([thumb * (1 - s) + 0.5 * s * index, middle * (1 - s) + 0.82 * s * index], (0.0100, 0.0085))
        for s in (0.3, 0.6)
    ]


def _tube(points: Sequence[ArrayLike] | Field, radii: Sequence[float] | Field) -> Field:
    return np.column_stack([np.array(points, np.float64), radii])
