"""Faces drawn into a picture."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from face_perception.face import Face
from perception_core.depth import PositionSource
from perception_core.drawing import draw_box, draw_label, track_colour
from perception_core.frame import ColourImage

_KEYPOINT_RADIUS = 2


def draw_faces(colour: ColourImage, faces: Sequence[Face]) -> ColourImage:
    """A copy of the picture with boxes, keypoints, ids and distances."""
    picture = colour.copy()
    for face in faces:
        tone = track_colour(face.track_id)
        draw_box(picture, face.box, tone, dashed=face.bridged)
        if face.keypoints is not None:
            for x, y in np.rint(face.keypoints.as_array()).astype(int).tolist():
                cv2.circle(picture, (x, y), _KEYPOINT_RADIUS, tone, cv2.FILLED, cv2.LINE_AA)
        draw_label(picture, (face.box.x, face.box.y), label(face), tone)
    return picture


def label(face: Face) -> str:
    """What is written at a face: id and distance; ~ marks an estimate from its size."""
    where = face.position
    if where.source is PositionSource.NONE:
        return f"#{face.track_id}"
    about = "" if where.source is PositionSource.DEPTH else "~"
    return f"#{face.track_id}  {about}{where.xyz[2]:.2f} m"
