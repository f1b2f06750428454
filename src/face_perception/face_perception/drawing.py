"""Faces drawn into a picture."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from face_perception.expression_panel import draw_expression
from face_perception.face import Face
from face_perception.face_overlay import draw_on_face
from face_perception.face_tag import draw_tag
from perception_core.drawing import (
    Tone,
    depth_picture,
    draw_box,
    draw_label,
    draw_text,
    stroke,
    text_width,
    track_colour,
)
from perception_core.frame import ColourImage, DepthImage
from perception_core.free_space import FreeSpace
from perception_core.wording import distance_words

_KEYPOINT_RADIUS = 2
_NO_DEPTH = "no depth image"
_GREY = (150, 150, 150)
_LETTERS = 10.0  # height of capitals, pixels


def draw_faces(colour: ColourImage, faces: Sequence[Face], free: FreeSpace | None = None) -> ColourImage:
    """A copy of the picture with what is known of its faces.

    On a face lie its contours, the axes of the head and its gaze; beside it are a tag and its expressions, where they
    cover nobody. A face whose landmarks are not known has its box and keypoints instead, a bridged one the corners of
    its box.

    Args:
        colour: HxWx3 uint8, BGR, of any size.
        faces: Nearest first; what lies outside the picture is left out.
        free: Where there is room for tags, which take some; all of the picture if None.
    """
    picture = colour.copy()
    height, width = picture.shape[:2]
    seen = [face for face in faces if face.box.clipped(width, height).area > 0]
    free = free or FreeSpace(width, height)
    for face in reversed(seen):
        free.take(face.box)
        tone = track_colour(face.track_id)
        if face.landmarks is not None:
            draw_on_face(picture, face, tone)
        else:
            draw_box(picture, face.box, tone, dashed=face.bridged)
            _draw_keypoints(picture, face, tone)
    for face in seen:
        draw_tag(picture, face, track_colour(face.track_id), free)
    for face in seen:
        draw_expression(picture, face, track_colour(face.track_id), free)
    return picture


def draw_depth(depth: DepthImage | None, size: tuple[int, int], faces: Sequence[Face]) -> ColourImage:
    """Depth as a picture, with the faces' boxes and distances.

    Args:
        depth: Of any size; where it is None, the picture says so on black.
        size: Width and height of the picture, in pixels: those of the image in which the faces were found.
        faces: What is drawn.
    """
    width, height = size
    if depth is None:
        return _without_depth(width, height)
    picture = depth_picture(depth)
    if depth.size != size:
        picture = np.asarray(cv2.resize(picture, size), np.uint8)
    for face in faces:
        tone = track_colour(face.track_id)
        draw_box(picture, face.box, tone, dashed=face.bridged)
        distance = distance_words(face.position)
        if distance:
            draw_label(picture, (face.box.x, face.box.y), distance, tone)
    return picture


def _without_depth(width: int, height: int) -> ColourImage:
    picture = np.zeros((height, width, 3), np.uint8)
    letters = _LETTERS * stroke(picture)
    draw_text(picture, ((width - text_width(_NO_DEPTH, letters)) / 2, height / 2), _NO_DEPTH, _GREY, letters)
    return picture


def _draw_keypoints(picture: ColourImage, face: Face, tone: Tone) -> None:
    if face.keypoints is None:
        return
    radius = max(1, round(_KEYPOINT_RADIUS * stroke(picture)))
    for x, y in np.rint(face.keypoints.as_array()).astype(int).tolist():
        cv2.circle(picture, (x, y), radius, tone, cv2.FILLED, cv2.LINE_AA)
