"""What part of the picture an expression network gets of a face.

The crop decides how well a network reads faces, so each gets the one that it was measured best with (`face_crop` in
models.yaml). Both kinds become a region that may reach beyond the picture, which is continued by its border.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from face_perception.alignment import TEMPLATE_SIZE, alignment
from face_perception.detection import FaceKeypoints
from perception_core.geometry import Box, GeometryError, RotatedRegion, bounds, inverse, transformed
from perception_core.zoo.spec import FaceCrop

# The detector's box by the box about the landmarks, all in heights of the latter: least squares over 117 faces of
# portraits, groups and two clips. What remains has a standard deviation of 0.01 to 0.04.
_SIDE, _UP = 1.11, 0.057
_WIDTH_OF_HEIGHT, _WIDTH_OF_WIDTH = 0.21, 0.71
_MESH_POINTS = 468  # without the irises

_LEAST_INSIDE = 0.5  # of the box; less of a face is not enough to read it
_LEAST_SIDE = 2.0  # pixels: less is no picture of anything


@dataclass(frozen=True, slots=True)
class FaceView:
    """Where a face is in a picture.

    Attributes:
        box: The detector's, or `box_of_landmarks`; pixels.
        keypoints: Pixels; None where they are not known: an aligned crop is then taken by the box.
    """

    box: Box
    keypoints: FaceKeypoints | None = None


def face_region(view: FaceView, crop: FaceCrop, width: int, height: int) -> RotatedRegion | None:
    """The part of the picture that a network wants of a face.

    Args:
        view: Where the face is.
        crop: What the network wants.
        width: Of the picture, pixels.
        height: Of the picture, pixels.

    Returns:
        None if there is no face to be read: not finite, of no size, or most of it outside the picture.
    """
    box = view.box
    if not all(map(math.isfinite, (box.x, box.y, box.width, box.height))) or min(box.width, box.height) < _LEAST_SIDE:
        return None
    if box.clipped(width, height).area < _LEAST_INSIDE * box.area:
        return None
    if crop.kind == "aligned" and view.keypoints is not None:
        return _aligned(view.keypoints, crop.scale)
    return RotatedRegion(box.centre, crop.scale * max(box.width, box.height), 0.0)


def box_of_landmarks(points: NDArray[np.float32]) -> Box:
    """The box that the detector would have found, for a face that was followed by its landmarks.

    Args:
        points: Nx2 or Nx3 of MediaPipe's meshes, N = 468 or 478: pixels of the picture.

    Returns:
        Not finite where a point is not.
    """
    left, top, right, bottom = bounds(points[:_MESH_POINTS])
    width, height = right - left, bottom - top
    centre = (left + right) / 2, (top + bottom) / 2 - _UP * height
    return Box.around(centre, _WIDTH_OF_HEIGHT * height + _WIDTH_OF_WIDTH * width, _SIDE * height)


def _aligned(keypoints: FaceKeypoints, scale: float) -> RotatedRegion | None:
    try:
        to_template = alignment(keypoints.as_array())
        (cos, sin), middle = to_template[0, :2], np.full((1, 2), (TEMPLATE_SIZE - 1) / 2)
        (centre,) = transformed(middle, inverse(to_template))
    except GeometryError:  # not finite, or all in one place
        return None
    side = scale * TEMPLATE_SIZE / math.hypot(cos, sin)
    return RotatedRegion((float(centre[0]), float(centre[1])), side, math.atan2(sin, cos))
