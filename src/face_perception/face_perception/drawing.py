"""Faces drawn into a picture."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from face_perception.face import Face
from perception_core.depth import PositionSource
from perception_core.drawing import depth_picture, draw_box, draw_label, stroke, track_colour
from perception_core.frame import ColourImage, DepthImage

_KEYPOINT_RADIUS = 2


def draw_faces(colour: ColourImage, faces: Sequence[Face]) -> ColourImage:
    """A copy of the picture with boxes, keypoints, ids and distances."""
    picture = colour.copy()
    radius = round(_KEYPOINT_RADIUS * stroke(picture))
    for face in faces:
        tone = track_colour(face.track_id)
        draw_box(picture, face.box, tone, dashed=face.bridged)
        if face.keypoints is not None:
            for x, y in np.rint(face.keypoints.as_array()).astype(int).tolist():
                cv2.circle(picture, (x, y), radius, tone, cv2.FILLED, cv2.LINE_AA)
        draw_label(picture, (face.box.x, face.box.y), label(face), tone)
    return picture


def draw_depth(depth: DepthImage | None, size: tuple[int, int], faces: Sequence[Face]) -> ColourImage:
    """Depth as a picture, with the faces' boxes and distances.

    Args:
        depth: Of any size; None leaves the picture black.
        size: Width and height of the picture, in pixels: those of the image in which the faces were found.
        faces: What is drawn.
    """
    width, height = size
    if depth is None:
        return np.zeros((height, width, 3), np.uint8)
    picture = depth_picture(depth)
    if depth.size != size:
        picture = np.asarray(cv2.resize(picture, size), np.uint8)
    for face in faces:
        tone = track_colour(face.track_id)
        draw_box(picture, face.box, tone, dashed=face.bridged)
        if face.position.source is not PositionSource.NONE:
            draw_label(picture, (face.box.x, face.box.y), f"{face.position.xyz[2]:.2f} m", tone)
    return picture


def label(face: Face) -> str:
    """What is written at a face: id and distance; ~ marks an estimate from its size."""
    where = face.position
    if where.source is PositionSource.NONE:
        return f"#{face.track_id}"
    about = "" if where.source is PositionSource.DEPTH else "~"
    return f"#{face.track_id}  {about}{where.xyz[2]:.2f} m"
