"""The measures of a human arm, and how well it joins a shoulder to a hand.

Upper arm and forearm are two rods of known length. Where a shoulder and a wrist are, the elbow lies on a circle about
the line between them; so the forearm leaves the wrist at a known angle to that line. A hand goes on in the direction of
its forearm but for the bend of the wrist: its direction tells whether the arm can come from this shoulder.
"""

from __future__ import annotations

import math

from perception_core.frame import Point3

# Shares of a person's height: R. Drillis, R. Contini, "Body Segment Parameters", 1966, as in D. Winter, "Biomechanics
# and Motor Control of Human Movement", 2009, figure 4.1. Height: adults' mean, C. Gordon et al., "1988 Anthropometric
# Survey of U.S. Army Personnel", 1989.
_HEIGHT_M = 1.69
UPPER_ARM_M = 0.186 * _HEIGHT_M
FOREARM_M = 0.146 * _HEIGHT_M
REACH_M = UPPER_ARM_M + FOREARM_M
"""From the shoulder's joint to the wrist of an arm that is stretched out."""

SHOULDER_ASIDE_M = 0.19
"""Half of what lies between the shoulders: 397 mm of men, 363 mm of women in the same survey."""

SHOULDER_BELOW_M = 0.23
"""The height of the eyes less that of the shoulder, 0.118 of a person's; its joint lies 3 cm below its top."""

SHOULDER_BEHIND_M = 0.1
"""Half of a head's length, 0.195 m in the same survey: the sellion is its foremost point, and it stands over them."""

_FOREARM_LESS_UPPER_ARM = FOREARM_M**2 - UPPER_ARM_M**2
_REACH_SIGMA_M = 0.06  # people's height differs by 5 %, and shoulders are moved forwards
_BEND_SIGMA = math.radians(40)  # of a wrist, with what networks and people's measures add
_BEND_PEAK = 0.7  # logarithm of how much denser directions are about the arm's than anywhere
_WORST_BEND = -2.0  # hands are seen wrongly now and then
_USUAL_ELBOW = (0.4, 0.85, 0.1)  # outwards, down, away from the camera, seen from the shoulder; nearly of length one
_ELBOW_GAIN, _ELBOW_MEAN = 1.0, 0.4
_ACROSS_SIGMA_M = 0.35  # beyond the middle of the body
_TILT, _TILT_SIGMA = math.radians(20), math.radians(35)  # of forearms away from the image's plane, elbow behind
_OUT_OF_REACH = -8.0  # whatever the hand's direction is
_LEAST_WAY_M = 0.05  # from shoulder to wrist: nearer ones have no direction


def arm_log_odds(
    wrist: Point3, shoulder: Point3, outward: float, slack_m: float, elbow: Point3 | None, *, flat: bool
) -> float:
    """Evidence that an arm joins a shoulder and a wrist, against a hand of which nothing is known.

    Args:
        wrist: Metres in the camera's optical frame.
        shoulder: Its joint, likewise.
        outward: Where x points away from the body at this shoulder: 1 or -1.
        slack_m: Standard deviation of the way from one to the other.
        elbow: Direction from the middle finger's root to the wrist, of length one; None if it is not known.
        flat: Only x and y of that direction are known, and z is 0.

    Returns:
        Natural logarithm of a likelihood ratio, up to a constant that is the same for everybody.
    """
    way_x, way_y, way_z = shoulder[0] - wrist[0], shoulder[1] - wrist[1], shoulder[2] - wrist[2]
    way = math.sqrt(way_x * way_x + way_y * way_y + way_z * way_z)
    odds = 0.0
    if way > REACH_M:
        odds -= 0.5 * (way - REACH_M) ** 2 / (_REACH_SIGMA_M**2 + slack_m * slack_m)
    if outward * way_x > SHOULDER_ASIDE_M:
        odds -= 0.5 * ((outward * way_x - SHOULDER_ASIDE_M) / _ACROSS_SIGMA_M) ** 2
    if elbow is None or way < _LEAST_WAY_M or odds < _OUT_OF_REACH:
        return odds
    axis = (way_x / way, way_y / way, way_z / way)
    cos_at_wrist = (way * way + _FOREARM_LESS_UPPER_ARM) / (2 * way * FOREARM_M)
    if cos_at_wrist > 1.0:
        cos_at_wrist = 1.0
    elif cos_at_wrist < -1.0:
        cos_at_wrist = -1.0
    if flat:
        tilt = _likeliest_tilt(axis, elbow, cos_at_wrist)
        odds -= 0.5 * ((tilt - _TILT) / _TILT_SIGMA) ** 2
        shortened = math.cos(tilt)
        elbow = (shortened * elbow[0], shortened * elbow[1], math.sin(tilt))
    return odds + _joined(axis, cos_at_wrist, way, elbow, outward)


def _joined(axis: Point3, cos_at_wrist: float, way: float, elbow: Point3, outward: float) -> float:
    """Evidence of a hand's direction: how far the wrist is bent at least, and whether the elbow is where elbows are."""
    axis_x, axis_y, axis_z = axis
    elbow_x, elbow_y, elbow_z = elbow
    cos = axis_x * elbow_x + axis_y * elbow_y + axis_z * elbow_z
    cos = 1.0 if cos > 1.0 else -1.0 if cos < -1.0 else cos
    bend = (math.acos(cos) - math.acos(cos_at_wrist)) / _BEND_SIGMA
    odds = max(_BEND_PEAK - 0.5 * bend * bend, _WORST_BEND)
    # Of all places of the elbow on its circle that to which the hand points best.
    beside = FOREARM_M * math.sqrt((1.0 - cos_at_wrist * cos_at_wrist) / max(1.0 - cos * cos, 1e-6))
    along = FOREARM_M * cos_at_wrist - beside * cos - way
    usual = (
        _USUAL_ELBOW[0] * outward * (along * axis_x + beside * elbow_x)
        + _USUAL_ELBOW[1] * (along * axis_y + beside * elbow_y)
        + _USUAL_ELBOW[2] * (along * axis_z + beside * elbow_z)
    ) / UPPER_ARM_M
    return odds + _ELBOW_GAIN * (min(max(usual, -1.0), 1.0) - _ELBOW_MEAN)


def _likeliest_tilt(axis: Point3, elbow: Point3, cos_at_wrist: float) -> float:
    """The angle, away from the image's plane, at which a direction in the image fits the arm best; radians."""
    flat, deep = axis[0] * elbow[0] + axis[1] * elbow[1], axis[2]
    length = math.hypot(flat, deep)
    middle = math.atan2(deep, flat)
    if length <= abs(cos_at_wrist):
        tilt = middle if cos_at_wrist >= 0 else middle - math.copysign(math.pi, middle)
    else:
        apart = math.acos(cos_at_wrist / length)
        tilt = min(middle - apart, middle + apart, key=lambda angle: abs(angle - _TILT))
    return min(max(tilt, -math.pi / 2), math.pi / 2)
