"""The skeleton of a drawn hand: from how its fingers are bent to where its 21 joints are.

A right hand in its own axes, metres from the wrist: towards the thumb's side, towards the fingers, out of the palm.
Lengths of bones are shares of the hand's length, 0.19 m in adults: B. Buchholz, T. Armstrong, S. Goldstein,
"Anthropometric data for describing the kinematics of the human hand", 1992. What lies beside each other in the palm is
from the same hands, 85 mm wide.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float64]
Triple = tuple[float, float, float]

HAND_M = 0.19
FINGER_BONES_M = HAND_M * np.array(
    [[0.245, 0.143, 0.097], [0.266, 0.170, 0.108], [0.244, 0.165, 0.107], [0.204, 0.117, 0.093]]
)
"""Index to little finger, root to tip."""
_PALM_BONES_M = HAND_M * np.array([0.463, 0.446, 0.421, 0.414])
_ROOT_ASIDE_M = np.array([0.023, 0.003, -0.017, -0.035])
_ROOT_PALMWARDS_M = np.array([0.0, -0.003, -0.001, 0.004])  # the arch of the knuckles
_THUMB_BONES_M = HAND_M * np.array([0.251, 0.196, 0.158])
_THUMB_BASE_M = np.array([0.020, 0.020, 0.010])

_ROOTS_M = np.column_stack(
    [_ROOT_ASIDE_M, np.sqrt(_PALM_BONES_M**2 - _ROOT_ASIDE_M**2 - _ROOT_PALMWARDS_M**2), _ROOT_PALMWARDS_M]
)


@dataclass(frozen=True, slots=True)
class HandPose:
    """How the fingers are held.

    Attributes:
        bends: Of index to little finger, degrees at its three joints from the root on; 0 is straight.
        spread: Of the same, degrees towards the thumb.
        thumb: Directions of its three bones from the wrist on, in the hand's axes; of any length.
    """

    bends: tuple[Triple, Triple, Triple, Triple]
    spread: tuple[float, float, float, float]
    thumb: tuple[Triple, Triple, Triple]


def joints(pose: HandPose) -> Field:
    """MediaPipe's 21 points: 21x3 metres in the hand's axes, the wrist first, then four of each finger."""
    points = [np.zeros(3), _THUMB_BASE_M]
    for direction, length in zip(unit(np.array(pose.thumb)), _THUMB_BONES_M, strict=True):
        points.append(points[-1] + length * direction)
    for root, bones, bends, spread in zip(_ROOTS_M, FINGER_BONES_M, pose.bends, pose.spread, strict=True):
        aside = np.array([math.sin(math.radians(spread)), math.cos(math.radians(spread)), 0.0])
        points.append(root)
        for length, bent in zip(bones, np.radians(np.cumsum(bends)), strict=True):
            points.append(points[-1] + length * (math.cos(bent) * aside + math.sin(bent) * np.array([0.0, 0.0, 1.0])))
    return np.array(points)


def between(start: HandPose, end: HandPose, part: float) -> HandPose:
    """A pose on the way from one to another; `part` is 0 at the start, 1 at the end."""

    def mixed(one: Triple, other: Triple) -> Triple:
        a, b, c = (x + part * (y - x) for x, y in zip(one, other, strict=True))
        return a, b, c

    index, middle, ring, little = (mixed(*pair) for pair in zip(start.bends, end.bends, strict=True))
    first, second, third = (mixed(*pair) for pair in zip(start.thumb, end.thumb, strict=True))
    a, b, c, d = (x + part * (y - x) for x, y in zip(start.spread, end.spread, strict=True))
    return HandPose((index, middle, ring, little), (a, b, c, d), (first, second, third))


def turned(turn: Triple) -> Field:
    """The 3x3 rotation from the hand's axes to right, down and away.

    Args:
        turn: Degrees: about the hand's own length, 0 shows the palm and 180 its back; then of the fingers from up
            towards the viewer, 90 points at them; then clockwise as the viewer sees it.
    """
    own, forward, roll = (math.radians(angle) for angle in turn)
    about_length = np.array(
        [[math.cos(own), 0.0, math.sin(own)], [0.0, 1.0, 0.0], [-math.sin(own), 0.0, math.cos(own)]]
    )
    towards = np.array(
        [[1.0, 0.0, 0.0], [0.0, math.cos(forward), -math.sin(forward)], [0.0, math.sin(forward), math.cos(forward)]]
    )
    clockwise = np.array([[math.cos(roll), -math.sin(roll), 0.0], [math.sin(roll), math.cos(roll), 0.0], [0, 0, 1.0]])
    return np.asarray(clockwise @ towards @ about_length @ np.diag([1.0, -1.0, -1.0]))


def unit(vectors: Field) -> Field:
    """...x3 vectors of length one in the same directions."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))
