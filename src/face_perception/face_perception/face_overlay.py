"""What is drawn onto a face: its contours, where the head points, and where the eyes look."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from face_perception.eyes import Eyes
from face_perception.face import Face
from face_perception.gaze import Gaze
from face_perception.head_pose import HeadPose
from face_perception.landmarks import Landmarks, LandmarkScheme
from perception_core.drawing import SHIFT, Tone, draw_pointer, part_around
from perception_core.frame import ColourImage

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

_OPACITY = 0.75  # of the contours: the face behind them is what is looked at
_PX_PER_LINE = 200.0  # a face of this size is drawn with lines of one pixel
_LEAST_FEATURES_PX = 50.0  # in a smaller face, brows, eyes and lips would run into each other
_PX_PER_AXIS, _PX_PER_GAZE = 60.0, 120.0
_AXIS_M, _GAZE_M = 0.055, 0.09
_FACE_M = 0.15  # what a face's box measures, for where no better is known
_LONGEST_SHARE = 1.5  # of the face's size: no line is longer

_AXIS_TONES: tuple[Tone, Tone, Tone] = ((64, 64, 240), (80, 205, 80), (245, 135, 60))  # red, green, blue
_GAZE_TONE: Tone = (90, 235, 255)


@dataclass(frozen=True, slots=True)
class _Contours:
    """Which points are joined by lines.

    Attributes:
        outline: Of the face; open where the forehead is not known.
        closed: Of features, lines that come back to their beginning.
        open: Of features, lines that do not.
        irises: Of the right and of the left eye, its centre and points of its edge; empty if there are none.
        nose_tip: A point.
    """

    outline: tuple[Indices, bool]
    closed: tuple[Indices, ...]
    open: tuple[Indices, ...]
    irises: tuple[Indices, ...]
    nose_tip: int


def _run(first: int, last: int) -> Indices:
    return np.arange(first, last + 1)


# fmt: off
_FACE = np.array([
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150,
    136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
])
_RIGHT_EYE = np.array([33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246])
_LEFT_EYE = np.array([263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466])
_OUTER_LIPS = np.array([
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185,
])
_INNER_LIPS = np.array([
    78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191,
])
_RIGHT_BROW, _LEFT_BROW = np.array([70, 63, 105, 66, 107]), np.array([300, 293, 334, 296, 336])
# fmt: on
_MESH_FEATURES = (_RIGHT_EYE, _LEFT_EYE, _OUTER_LIPS, _INNER_LIPS), (_RIGHT_BROW, _LEFT_BROW)
CONTOURS = {
    LandmarkScheme.MEDIAPIPE478: _Contours((_FACE, True), *_MESH_FEATURES, (_run(468, 472), _run(473, 477)), 4),
    LandmarkScheme.MEDIAPIPE468: _Contours((_FACE, True), *_MESH_FEATURES, (), 4),
    LandmarkScheme.DLIB68: _Contours(
        (_run(0, 16), False),
        (_run(36, 41), _run(42, 47), _run(48, 59), _run(60, 67)),
        (_run(17, 21), _run(22, 26), _run(27, 30), _run(31, 35)),
        (),
        30,
    ),
    LandmarkScheme.WFLW98: _Contours(
        (_run(0, 32), False),
        (_run(33, 41), _run(42, 50), _run(60, 67), _run(68, 75), _run(76, 87), _run(88, 95)),
        (_run(51, 54), _run(55, 59)),
        (),
        54,
    ),
}


def draw_on_face(picture: ColourImage, face: Face, tone: Tone) -> None:
    """Draws what is known of a face onto it; nothing where its landmarks are not known.

    Args:
        picture: HxWx3, BGR; drawn into.
        face: May lie partly outside.
        tone: Of the contours.
    """
    if face.landmarks is None or not np.isfinite(face.landmarks.points[:, :2]).all():
        return
    size_px = min(max(face.box.width, face.box.height), max(picture.shape[:2]))
    draw_contours(picture, face.landmarks, face.eyes, tone, size_px)
    if face.pose is not None and np.isfinite(face.pose.rotation).all():
        draw_axes(picture, face.landmarks, face.pose, size_px)
        if face.gaze is not None and face.gaze.by_eyes:
            draw_gaze(picture, face.landmarks, face.pose, face.gaze, size_px)


def draw_contours(picture: ColourImage, landmarks: Landmarks, eyes: Eyes | None, tone: Tone, size_px: float) -> None:
    """Draws the outline of the face, and its brows, eyes and lips if it is large enough.

    Args:
        picture: HxWx3, BGR; drawn into.
        landmarks: Finite.
        eyes: A shut one has no iris.
        tone: Of the lines.
        size_px: Of the face.
    """
    contours, points = CONTOURS[landmarks.scheme], landmarks.points[:, :2].astype(np.float64)
    thickness = max(1, round(size_px / _PX_PER_LINE))
    part, placed = part_around(picture, points, thickness)
    if not part.size:
        return
    drawn = part.copy()
    outline, is_closed = contours.outline
    cv2.polylines(drawn, [placed[outline]], is_closed, tone, thickness, cv2.LINE_AA, SHIFT)
    if size_px >= _LEAST_FEATURES_PX:
        cv2.polylines(drawn, [placed[each] for each in contours.closed], True, tone, thickness, cv2.LINE_AA, SHIFT)
        cv2.polylines(drawn, [placed[each] for each in contours.open], False, tone, thickness, cv2.LINE_AA, SHIFT)
        shut = (eyes.right_shut, eyes.left_shut) if eyes is not None else (False, False)
        for iris, is_shut in zip(contours.irises, shut, strict=False):
            if not is_shut:
                _draw_iris(drawn, placed[iris], tone, thickness)
    cv2.addWeighted(drawn, _OPACITY, part, 1 - _OPACITY, 0, part)


def draw_axes(picture: ColourImage, landmarks: Landmarks, pose: HeadPose, size_px: float) -> None:
    """Draws the head's axes at the tip of the nose: x, out of the face, red; y, to its left, green; z, up, blue."""
    nose = landmarks.points[CONTOURS[landmarks.scheme].nose_tip, :2].tolist()
    length = _pixels(_AXIS_M, pose, size_px)
    axes = (_from_the_camera(pose) @ pose.rotation).T.tolist()
    far_to_near = sorted(zip(axes, _AXIS_TONES, strict=True), key=lambda each: -each[0][2])
    for (x, y, _), tone in far_to_near:
        draw_pointer(picture, nose, (nose[0] + x * length, nose[1] + y * length), tone, size_px / _PX_PER_AXIS)


def draw_gaze(picture: ColourImage, landmarks: Landmarks, pose: HeadPose, gaze: Gaze, size_px: float) -> None:
    """Draws a line from either iris to where it looks; looking into the camera leaves a dot."""
    length = _pixels(_GAZE_M, pose, size_px)
    x, y, _ = (_from_the_camera(pose) @ np.array(gaze.direction)).tolist()
    for iris in CONTOURS[landmarks.scheme].irises:
        pupil = landmarks.points[iris[0], :2].tolist()
        draw_pointer(picture, pupil, (pupil[0] + x * length, pupil[1] + y * length), _GAZE_TONE, size_px / _PX_PER_GAZE)


def _draw_iris(picture: ColourImage, iris: NDArray[np.int32], tone: Tone, thickness: int) -> None:
    """Draws a circle about the first point through the others."""
    centre, *edge = iris.tolist()
    radius = round(sum(math.dist(centre, point) for point in edge) / len(edge))
    cv2.circle(picture, centre, radius, tone, thickness, cv2.LINE_AA, SHIFT)


def _from_the_camera(pose: HeadPose) -> Floats:
    """3x3, brings directions into the axes of a camera that looks straight at the face.

    A pose that came in a message does not tell; the face is then taken to be in the middle of the image.
    """
    return pose.to_camera.T if np.isfinite(pose.to_camera).all() else np.eye(3)


def _pixels(metres: float, pose: HeadPose, size_px: float) -> float:
    """A length at the face in pixels of the image."""
    known = math.isfinite(pose.metres_per_pixel) and pose.metres_per_pixel > 0
    length = metres / pose.metres_per_pixel if known else metres / _FACE_M * size_px
    return min(length, _LONGEST_SHARE * size_px)
