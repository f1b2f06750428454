"""How well one hand goes with one face in one frame.

In space where the face's distance is measured: a wrist lies on its ray, where its own distance and the body before
which it would be held agree best. By the rays alone where sizes tell the distances, which then say only whether the
hand is about where the body is. In the image, where a face is the measure, if there is no calibration.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from gesture_perception.hand import Side
from perception_core.depth import Position3D, PositionSource
from perception_core.frame import Point3
from perception_core.geometry import Box
from person_perception.body import SHOULDER_ASIDE_M, SHOULDER_BEHIND_M, SHOULDER_BELOW_M, arm_log_odds
from person_perception.person import SeenFace, SeenHand

FACE_HEIGHT_M = 0.2
"""As detectors frame it; see `gesture_perception.reaches`."""

NEVER = -6.0
"""The least that one frame says."""

_MOST = 3.0
_OWN = 1.0  # most hands belong to somebody whose face is seen, and are held near the body
_HELD_BEFORE_M, _HELD_SIGMA_M = 0.25, 0.22  # the wrists of gestures lie so far before the shoulders
_SURE = 0.93  # hands seen edgewise are taken for the other: one frame is not believed more than that
_FAR_M = 1.0  # aside or up: no arm is worth computing
_SELLION_ABOVE_M = 0.03  # the middle of a face's box
_PERSPECTIVE_M = 0.08  # what is held before the body looks too large, and too far from the image's middle
_LEAST_PX, _MOST_PX = 2.0, 1e6  # what is beyond these is a broken number
_NEAREST_M, _FARTHEST_M = 0.02, 1e3
_UNIT = 0.1  # how far a direction's length may be from one
_SCALE_SIGMA = 0.15  # of a distance that does not say how certain it is
_MOST_SIGMA_M = 10.0
# Depth that is measured on something else, before or behind, must not outweigh all else: the logarithm of how much
# seldomer that is, and from which log-odds of a distance on it is thought of.
_MISMEASURED, _DOUBTFUL = 3.5, -2.0
_BY_SIZE = 1.6  # of what is not measured: faces that are turned, hands that are closed are further off than they say

Shoulders = tuple[Point3, Point3]
Odds = tuple[float, float]
"""Of being the right and of being the left hand of somebody."""


@dataclass(frozen=True, slots=True)
class Body:
    """What a face tells of the shoulders below it.

    Attributes:
        shoulders: The joints of the person's own right and left shoulder in the camera's optical frame, metres; None
            where the face is not known in metres.
        sigma: Standard deviation of the distance, metres.
        measured: The distance is measured, and not judged by the face's size.
        box: Of the face, pixels.
    """

    shoulders: Shoulders | None
    sigma: float
    measured: bool
    box: Box


def body_of(face: SeenFace) -> Body:
    """The body that is expected below a face: upright and facing the camera, more or less."""
    if not in_metres(face.position):
        return Body(None, math.nan, False, face.box)
    measured = face.position.source is PositionSource.DEPTH
    return Body(_shoulders(face.position.xyz), _sigma(face.position), measured, face.box)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a hand tells of its owner, whoever that may be.

    Attributes:
        xyz: Of the wrist, metres; None where it is not known.
        sigma: Standard deviation of its distance, metres.
        pixel: Of the wrist.
        elbow: Direction towards the elbow; None where it is not known.
        flat: It is known in the image only.
        side: Evidence of being a right and a left hand.
    """

    xyz: Point3 | None
    sigma: float
    pixel: tuple[float, float]
    elbow: Point3 | None
    flat: bool
    side: Odds


def reading_of(hand: SeenHand) -> Reading:
    """What is needed of a hand to compare it with everybody."""
    pixel = hand.wrist if hand.wrist is not None else hand.box.centre
    elbow, flat = _elbow(hand)
    if not in_metres(hand.position):
        return Reading(None, math.nan, pixel, elbow, flat, _side_odds(hand))
    return Reading(hand.position.xyz, _sigma(hand.position), pixel, elbow, flat, _side_odds(hand))


def belonging(hand: Reading, body: Body) -> Odds | None:
    """Evidence that a hand belongs to somebody, against its being a hand of nobody who is seen.

    Args:
        hand: Seen in the same frame.
        body: Of the somebody.

    Returns:
        Natural logarithms of likelihood ratios, from -6 to 3; None where the frame does not tell.
    """
    if body.shoulders is None or hand.xyz is None:
        odds = _in_image(hand, body.box)
        if odds is None:
            return None
    else:
        odds = _in_metres(hand, hand.xyz, body, body.shoulders)
    return _bounded(odds[0] + hand.side[0]), _bounded(odds[1] + hand.side[1])


def in_metres(position: Position3D) -> bool:
    """Whether a place is known in metres."""
    x, y, z = position.xyz
    near = abs(x) < _FARTHEST_M and abs(y) < _FARTHEST_M and _NEAREST_M < z < _FARTHEST_M
    return near and position.source is not PositionSource.NONE


def _in_metres(hand: Reading, place: Point3, body: Body, shoulders: Shoulders) -> Odds:
    held = shoulders[0][2] - _HELD_BEFORE_M
    variance = hand.sigma**2 + body.sigma**2
    apart = -0.5 * (place[2] - held) ** 2 / (variance + _HELD_SIGMA_M**2)
    if not body.measured:
        odds = _by_rays(hand, place, shoulders)
        return odds[0] + apart, odds[1] + apart
    odds = _in_space(hand, place, shoulders, variance, apart)
    if apart > _DOUBTFUL:
        return odds
    in_image = _in_image(hand, body.box)
    if in_image is None:
        return odds
    return max(odds[0], in_image[0] - _MISMEASURED), max(odds[1], in_image[1] - _MISMEASURED)


def _in_space(hand: Reading, place: Point3, shoulders: Shoulders, variance: float, apart: float) -> Odds:
    (x, y, z), (right, left) = place, shoulders
    distance = right[2]
    # The ray at the body's distance: whoever is wrong by metres there needs no closer look.
    if abs(x / z * distance - (right[0] + left[0]) / 2) > _FAR_M or abs(y / z * distance - right[1]) > _FAR_M:
        return NEVER, NEVER
    odds = _OWN + apart
    if odds < NEVER:
        return NEVER, NEVER
    share = variance / (variance + _HELD_SIGMA_M**2)
    scale = max((z + share * (distance - _HELD_BEFORE_M - z)) / z, 1e-3)
    wrist, slack = (x * scale, y * scale, z * scale), math.sqrt(share) * _HELD_SIGMA_M
    return (
        odds + arm_log_odds(wrist, right, -1.0, slack, hand.elbow, flat=hand.flat),
        odds + arm_log_odds(wrist, left, 1.0, slack, hand.elbow, flat=hand.flat),
    )


def _by_rays(hand: Reading, place: Point3, shoulders: Shoulders) -> Odds:
    """On which hand and face are seen, at the distance that the face's size tells."""
    (x, y, z), (right, left) = place, shoulders
    distance = right[2] - SHOULDER_BEHIND_M
    middle, height = (right[0] + left[0]) / 2, right[1] - SHOULDER_BELOW_M
    return _beside(hand, x / z * distance - middle, y / z * distance - height)


def _in_image(hand: Reading, face: Box) -> Odds | None:
    """Where a face is the measure."""
    (column, row), (face_x, face_y) = hand.pixel, face.centre
    if not (_LEAST_PX <= face.height < _MOST_PX and abs(column) + abs(row) + abs(face_x) + abs(face_y) < _MOST_PX):
        return None
    metres = FACE_HEIGHT_M / face.height
    return _beside(hand, (column - face_x) * metres, (row - face_y) * metres + _SELLION_ABOVE_M)


def _beside(hand: Reading, x: float, y: float) -> Odds:
    """Of a wrist so many metres to the right of the sellion and below it, as if in the plane of the face."""
    if abs(x) > _FAR_M or abs(y - SHOULDER_BELOW_M) > _FAR_M:
        return NEVER, NEVER
    wrist = (x, y, _RIGHT[2] - _HELD_BEFORE_M)
    return (
        _OWN + arm_log_odds(wrist, _RIGHT, -1.0, _IMAGE_SLACK_M, hand.elbow, flat=hand.flat),
        _OWN + arm_log_odds(wrist, _LEFT, 1.0, _IMAGE_SLACK_M, hand.elbow, flat=hand.flat),
    )


def _shoulders(sellion: Point3) -> Shoulders:
    """Right and left; who faces the camera has the own right at the image's left."""
    x, y, z = sellion
    y, z = y + SHOULDER_BELOW_M, z + SHOULDER_BEHIND_M
    return (x - SHOULDER_ASIDE_M, y, z), (x + SHOULDER_ASIDE_M, y, z)


def _elbow(hand: SeenHand) -> tuple[Point3 | None, bool]:
    """The direction to the elbow, and whether it is known in the image only."""
    if hand.elbow_in_space is not None and abs(math.hypot(*hand.elbow_in_space) - 1) < _UNIT:
        return hand.elbow_in_space, False
    if hand.elbow_in_image is not None and abs(math.hypot(*hand.elbow_in_image) - 1) < _UNIT:
        return (*hand.elbow_in_image, 0.0), True
    return None, False


def _side_odds(hand: SeenHand) -> Odds:
    if hand.side is Side.UNKNOWN or not hand.side_score >= 0.5:
        return 0.0, 0.0
    certain = min(hand.side_score, _SURE)
    same, other = math.log(2 * certain), math.log(2 * (1 - certain))
    return (same, other) if hand.side is Side.RIGHT else (other, same)


def _sigma(position: Position3D) -> float:
    if not position.sigma > 0:
        return _SCALE_SIGMA * position.xyz[2]
    measured = position.source is PositionSource.DEPTH
    return min(position.sigma if measured else _BY_SIZE * position.sigma, _MOST_SIGMA_M)


def _bounded(odds: float) -> float:
    return NEVER if odds < NEVER else min(odds, _MOST)


_RIGHT, _LEFT = _shoulders((0.0, 0.0, 0.0))
_IMAGE_SLACK_M = math.hypot(_PERSPECTIVE_M, _HELD_SIGMA_M / 2)
