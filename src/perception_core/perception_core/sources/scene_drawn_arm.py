"""A drawn arm: from the posture of shoulder, wrist and fingers to a sprite. A picture of nobody, made of tubes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np

from perception_core.frame import Point3
from perception_core.geometry import Box
from perception_core.sources.scene_hand_drawing import Drawing, Figure, Tint, draw
from perception_core.sources.scene_hand_lines import creases, nails
from perception_core.sources.scene_hand_shape import Field, HandPose, Triple, joints, turned, unit
from perception_core.sources.scene_hand_surface import WRIST_RADIUS_M, hand_tubes, sleeve_tubes, wrist_tubes
from perception_core.sources.scene_sprite import StillSprite, pyramid

# shares of a stature of 1.75 m: D. Winter, "Biomechanics and Motor Control of Human Movement", 2009, figure 4.1
_UPPER_ARM_M, _FOREARM_M = 0.186 * 1.75, 0.146 * 1.75
_ELBOW_HANGS = np.array([-0.45, 1.0, 0.25])  # a right elbow goes outwards, down and back of the straight way
_NEARLY_STRAIGHT = 0.995
_LADDER = 1.15  # between the resolutions at which an arm is drawn
_COARSEST, _FINEST = 100.0, 900.0  # pixels per metre
_OVERSAMPLED_BELOW = 500.0  # finer pictures are drawn as they are shown, which is fine enough
_KEPT = 96  # pictures: a turn of a movement, at a few distances
_FLESH_M = 0.008  # around the joints


@dataclass(frozen=True, slots=True)
class Posture:
    """How an arm is held.

    Attributes:
        shoulder: Metres from the wrist, right, down and away, as the viewer sees them.
        turn: Of the hand, degrees: see `scene_hand_shape.turned`; of a left hand its mirror image's.
        pose: Of the fingers.
        right: Whether it is a person's own right arm.
    """

    shoulder: Point3
    turn: Triple
    pose: HandPose
    right: bool


def arm_sprite(posture: Posture, tint: Tint, pixels_per_metre: float) -> StillSprite:
    """The picture of an arm; its anchor is the wrist, where its skin is nearest to the viewer.

    Args:
        posture: How it is held.
        tint: Of the sleeve.
        pixels_per_metre: In which it will be shown; what is drawn is at least as fine, up to a limit.
    """
    step = math.ceil(math.log(min(max(pixels_per_metre, _COARSEST), _FINEST) / _COARSEST, _LADDER) - 1e-9)
    per_metre = _COARSEST * _LADDER**step
    drawing = _drawn(posture, tint, per_metre)
    # Cameras see the skin before the joint, and hands are found where it is.
    levels = pyramid(drawing.colour, drawing.coverage, drawing.relief + np.float32(WRIST_RADIUS_M))[:2]
    return StillSprite(levels, per_metre, drawing.wrist)


def hand_box(posture: Posture) -> Box:
    """Around hand and fingers, metres right and down of the wrist."""
    points = joints(posture.pose) @ turned(posture.turn).T
    across = points[:, 0] if posture.right else -points[:, 0]
    left, right = float(across.min()) - _FLESH_M, float(across.max()) + _FLESH_M
    top, bottom = float(points[:, 1].min()) - _FLESH_M, float(points[:, 1].max()) + _FLESH_M
    return Box(left, top, right - left, bottom - top)


def elbow_of(posture: Posture) -> Point3:
    """Where the elbow is, metres from the wrist as the viewer sees it."""
    x, y, z = _right_elbow(_as_right(posture)).tolist()
    return (x if posture.right else -x), y, z


@lru_cache(maxsize=_KEPT)
def _drawn(posture: Posture, tint: Tint, per_metre: float) -> Drawing:
    drawing = draw(_figure(_as_right(posture), tint), per_metre, 2 if per_metre < _OVERSAMPLED_BELOW else 1)
    if posture.right:
        return drawing
    x, y = drawing.wrist
    colour, coverage, relief = (cv2.flip(each, 1) for each in (drawing.colour, drawing.coverage, drawing.relief))
    return Drawing(
        np.asarray(colour, np.uint8),
        np.asarray(coverage, np.uint8),
        np.asarray(relief, np.float32),
        (drawing.colour.shape[1] - 1 - x, y),
    )


def _as_right(posture: Posture) -> Posture:
    """The mirror image of a left arm; a right one as it is."""
    x, y, z = posture.shoulder
    return posture if posture.right else replace(posture, shoulder=(-x, y, z), right=True)


def _figure(posture: Posture, tint: Tint) -> Figure:
    hand, elbow = turned(posture.turn), _right_elbow(posture)
    points = joints(posture.pose)
    tubes = [np.hstack([tube[:, :3] @ hand.T, tube[:, 3:]]) for tube in hand_tubes(points)]
    lines = [replace(crease, points=crease.points @ hand.T) for crease in creases(points)]
    plates = [
        replace(nail, outline=nail.outline @ hand.T, centre=hand @ nail.centre, outwards=hand @ nail.outwards)
        for nail in nails(points)
    ]
    skin = [*tubes, *wrist_tubes(hand, elbow)]
    return Figure(skin, sleeve_tubes(hand, elbow, np.array(posture.shoulder)), lines, plates, tint)


def _right_elbow(posture: Posture) -> Field:
    """The one place for an elbow that hangs, given both ends of a right arm; arms that are too short stretch."""
    shoulder = np.array(posture.shoulder)
    way = float(np.linalg.norm(shoulder))
    reach = max(1.0, way / (_NEARLY_STRAIGHT * (_UPPER_ARM_M + _FOREARM_M)))
    forearm, upper = reach * _FOREARM_M, reach * _UPPER_ARM_M
    axis = shoulder / max(way, 1e-6)
    along = (forearm**2 - upper**2 + way**2) / (2 * max(way, 1e-6))
    off = math.sqrt(max(forearm**2 - along**2, 0.0))
    return np.asarray(axis * along + off * unit(_ELBOW_HANGS - axis * float(axis @ _ELBOW_HANGS)))
