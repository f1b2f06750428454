"""What is drawn onto a hand: its bones and points, and where it points."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from gesture_perception.hand import Hand, Pointing
from gesture_perception.hand_points import BONES, FINGERS, INDEX_PIP, INDEX_TIP
from perception_core.depth import PositionSource
from perception_core.drawing import SHIFT, Tone, draw_pointer, fixed, part_around, stroke
from perception_core.frame import ColourImage, Intrinsics

_OPACITY = 0.85  # the hand behind the lines is what is looked at
_PX_PER_LINE = 60.0  # a hand of this size is drawn with lines of one pixel
_LEAST_POINTS_PX = 40.0  # in a smaller hand points would run into each other
_RAY_M = 1.5  # of a ray that meets nothing
_NEAREST_M = 0.1  # what is nearer to the camera's plane is not projected
_RAY_LENGTHS = 3.0  # of the finger, where the camera is not calibrated

FINGER_TONES: tuple[Tone, ...] = (
    (80, 120, 255),  # thumb: orange
    (70, 220, 255),  # index: yellow
    (120, 230, 120),  # middle: green
    (255, 200, 90),  # ring: light blue
    (255, 130, 210),  # little: violet
)
PALM_TONE: Tone = (225, 225, 225)
RAY_TONE: Tone = (90, 235, 255)

Floats = NDArray[np.float64]


def tone_of_bone(ends: NDArray[np.int64]) -> Tone:
    """Of a finger its own, of the palm another one.

    Args:
        ends: The two points that the bone joins.
    """
    for tone, finger in zip(FINGER_TONES, FINGERS, strict=True):
        if np.isin(ends, finger).all():
            return tone
    return PALM_TONE


BONE_TONES = [tone_of_bone(bone) for bone in BONES]
"""One for each of the bones, in their order."""


def draw_bones(picture: ColourImage, hand: Hand) -> None:
    """Draws lines between the points of a hand; nothing where they are not known.

    Args:
        picture: HxWx3, BGR; drawn into.
        hand: May lie partly outside.
    """
    if hand.landmarks is None or not np.isfinite(hand.landmarks.points[:, :2]).all():
        return
    points = hand.landmarks.points[:, :2].astype(np.float64)
    size_px = min(float(np.ptp(points, axis=0).max()), max(picture.shape[:2]))
    thickness = max(1, round(size_px / _PX_PER_LINE))
    part, placed = part_around(picture, points, 3 * thickness)
    if not part.size:
        return
    drawn = part.copy()
    for (start, end), tone in zip(BONES.tolist(), BONE_TONES, strict=True):
        cv2.line(drawn, placed[start].tolist(), placed[end].tolist(), tone, thickness, cv2.LINE_AA, SHIFT)
    if size_px >= _LEAST_POINTS_PX:
        _draw_points(drawn, placed, thickness)
    cv2.addWeighted(drawn, _OPACITY, part, 1 - _OPACITY, 0, part)


def draw_ray(picture: ColourImage, hand: Hand, intrinsics: Intrinsics | None) -> tuple[float, float] | None:
    """Draws where a hand points, with a ring where that meets something; nothing where it does not point.

    Args:
        picture: HxWx3, BGR; drawn into.
        hand: May be without landmarks.
        intrinsics: Of the camera; without them the line goes the finger's way, as far as three fingers reach.

    Returns:
        The pixel at which something is pointed at; None if there is none.
    """
    if hand.pointing is None:
        return None
    width = stroke(picture) * 1.5
    if intrinsics is None:
        _draw_along_finger(picture, hand, width)
        return None
    meets = hand.pointing.target.source is not PositionSource.NONE
    ends = _projected(hand.pointing, intrinsics)
    if ends is None:
        return None
    draw_pointer(picture, ends[0], ends[1], RAY_TONE, width)
    if not meets:
        return None
    (centre,), radius = fixed([ends[1]]).tolist(), round(6 * stroke(picture)) << SHIFT
    cv2.circle(picture, centre, radius, RAY_TONE, max(1, round(width)), cv2.LINE_AA, SHIFT)
    return float(ends[1][0]), float(ends[1][1])


def _draw_points(picture: ColourImage, placed: NDArray[np.int32], thickness: int) -> None:
    radius = (thickness + 1) << (SHIFT - 1)
    for tone, finger in zip(FINGER_TONES, FINGERS, strict=True):
        for point in finger[1:]:
            cv2.circle(picture, placed[point].tolist(), radius, tone, cv2.FILLED, cv2.LINE_AA, SHIFT)
    for point in (0, *FINGERS[:, 0]):
        cv2.circle(picture, placed[point].tolist(), radius, PALM_TONE, cv2.FILLED, cv2.LINE_AA, SHIFT)


def _projected(pointing: Pointing, intrinsics: Intrinsics) -> Floats | None:
    """2x2, the pixels of the ray's ends; None if it begins behind the camera."""
    origin, direction = np.array(pointing.origin), np.array(pointing.direction)
    meets = pointing.target.source is not PositionSource.NONE
    length = math.dist(pointing.origin, pointing.target.xyz) if meets else _RAY_M
    if not (np.isfinite([*origin, *direction, length]).all() and origin[2] > _NEAREST_M):
        return None
    if direction[2] < 0:  # towards the camera: not beyond it
        length = min(length, (origin[2] - _NEAREST_M) / -direction[2])
    end = np.array(pointing.target.xyz) if meets else origin + direction * length
    if end[2] < _NEAREST_M:
        return None
    return intrinsics.project(np.stack([origin, end]))


def _draw_along_finger(picture: ColourImage, hand: Hand, width: float) -> None:
    if hand.landmarks is None or not np.isfinite(hand.landmarks.points[:, :2]).all():
        return
    root, tip = hand.landmarks.points[[INDEX_PIP, INDEX_TIP], :2].astype(np.float64)
    draw_pointer(picture, tip.tolist(), (tip + (tip - root) * _RAY_LENGTHS).tolist(), RAY_TONE, width)
