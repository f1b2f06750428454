"""The creases of a drawn hand, and its nails: by them one sees, and networks too, which side a hand shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perception_core.sources.scene_hand_shape import FINGER_BONES_M, Field, unit
from perception_core.sources.scene_hand_surface import finger_radius

_ARC = np.radians(np.linspace(-62, 62, 9))
_ROUND = np.radians(np.linspace(0, 360, 17))
_LINE_POINTS = 14
_PALM_LINES = (  # heart, head and life
    ((-0.036, 0.058, 0.014), (-0.018, 0.066, 0.011), (0.002, 0.072, 0.009), (0.016, 0.082, 0.009)),
    ((0.030, 0.066, 0.010), (0.012, 0.058, 0.010), (-0.008, 0.050, 0.011), (-0.026, 0.040, 0.016)),
    ((0.030, 0.066, 0.010), (0.016, 0.055, 0.013), (0.004, 0.036, 0.020), (0.0, 0.014, 0.022)),
)
_WRIST_LINE = ((-0.018, 0.0, 0.016), (-0.008, -0.001, 0.0175), (0.0, -0.001, 0.0175), (0.012, 0.0, 0.016))
_WRINKLES_M = (-0.0025, 0.0, 0.0025)  # across the back of a middle joint


@dataclass(frozen=True, slots=True, eq=False)
class Crease:
    """A dark line on the skin.

    Attributes:
        points: Nx3 in the hand's axes.
        width_m: How broad it is.
        darkness: Share of the light that it takes.
    """

    points: Field
    width_m: float
    darkness: float


@dataclass(frozen=True, slots=True, eq=False)
class Nail:
    """A finger's nail.

    Attributes:
        outline: Nx3 in the hand's axes.
        centre: 3.
        outwards: 3; away from the finger.
    """

    outline: Field
    centre: Field
    outwards: Field


def creases(joints: Field) -> list[Crease]:
    """Of palm, wrist and fingers; some are hidden, whichever way the hand is seen."""
    lines = [Crease(_drawn_out(line), 0.0013, 0.26) for line in _PALM_LINES]
    lines.append(Crease(np.array(_WRIST_LINE), 0.0012, 0.25))
    for finger in range(4):
        lines += _finger_creases(joints[5 + 4 * finger : 9 + 4 * finger], finger)
    return lines


def nails(joints: Field) -> list[Nail]:
    """Of the four fingers; the thumb's is seen from the side at most."""
    found = []
    for finger in range(4):
        bones = joints[5 + 4 * finger : 9 + 4 * finger]
        along, inwards = unit(bones[3] - bones[2]), _inwards(unit(bones[3] - bones[2]))
        radius = finger_radius(finger, 3)
        length, half_width = 0.27 * FINGER_BONES_M[finger, 2], 0.72 * radius
        centre = bones[3] - 0.35 * length * along
        aside = np.sin(_ROUND) * half_width
        height = np.sqrt(np.maximum((1.03 * radius) ** 2 - aside**2, 0))
        outline = centre + np.outer(np.cos(_ROUND) * length, along) + np.outer(aside, np.cross(along, inwards))
        found.append(Nail(outline - height[:, None] * inwards, centre - radius * inwards, -inwards))
    return found


def _finger_creases(bones: Field, finger: int) -> list[Crease]:
    along = unit(bones[1:] - bones[:-1])
    inwards = _inwards(along)
    root = bones[0] + along[0] * (0.45 * FINGER_BONES_M[finger, 0])
    lines = [Crease(_arc(root, along[0], inwards[0], 0.97 * finger_radius(finger, 0)), 0.0011, 0.28)]
    for joint in (1, 2):
        direction, inner = along[joint - 1] + along[joint], inwards[joint - 1] + inwards[joint]
        radius = finger_radius(finger, joint)
        lines.append(Crease(_arc(bones[joint], direction, inner, radius), 0.0011, 0.30))
        if joint == 1:
            places = [bones[joint] + unit(direction) * shift for shift in _WRINKLES_M]
            lines += [Crease(_arc(place, direction, -inner, radius, 0.7), 0.0007, 0.16) for place in places]
    return lines


def _inwards(along: Field) -> Field:
    """...x3: out of a finger on the palm's side, which bends about the axis across the palm."""
    return unit(np.cross(np.array([1.0, 0.0, 0.0]), along))


def _arc(centre: Field, along: Field, side: Field, radius: float, span: float = 1.0) -> Field:
    """Around a finger, in the middle of the side."""
    along = unit(along)
    side = unit(side - along * float(side @ along))
    return np.asarray(
        centre + radius * (np.cos(span * _ARC)[:, None] * side + np.sin(span * _ARC)[:, None] * np.cross(along, side))
    )


def _drawn_out(line: tuple[tuple[float, float, float], ...]) -> Field:
    """The same line with more points."""
    knots = np.array(line)
    places = np.linspace(0, len(knots) - 1, _LINE_POINTS)
    return np.column_stack([np.interp(places, np.arange(len(knots)), values) for values in knots.T])
