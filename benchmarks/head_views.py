"""Views of a head whose rotation and place are known: MediaPipe's canonical face, painted with a photograph.

The photograph's landmarks say which of its pixels lies on which point of the face. Behind the head is the same
photograph, blurred: the landmark networks expect more around a face than one colour.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from face_perception.canonical_face import CanonicalFace
from face_perception.head_pose import rotation_of
from face_perception.landmarks import Landmarks
from perception_core.frame import ColourImage, Intrinsics

_BACKGROUND_BLUR = 0.02  # of the width
_SHIFT = 4  # fractional bits of OpenCV's drawing


@dataclass(frozen=True, slots=True, eq=False)
class PaintedHead:
    """A surface with a photograph on it.

    Attributes:
        points: Nx3, metres, in the head's frame: x out of the face, y to its left, z up, the sellion at the origin.
        triangles: Mx3 indices.
        photograph: HxWx3 uint8, BGR.
        pixels: Nx2, where each point lies in the photograph.
    """

    points: NDArray[np.float64]
    triangles: NDArray[np.int64]
    photograph: ColourImage
    pixels: NDArray[np.float64]


def painted(face: CanonicalFace, photograph: ColourImage, landmarks: Landmarks) -> PaintedHead:
    """The canonical face with somebody's skin.

    Args:
        face: Its shape.
        photograph: HxWx3 uint8, BGR, of a face seen from the front.
        landmarks: Of the photograph; a mesh.
    """
    pixels = landmarks.points[: len(face.points), :2].astype(np.float64)
    return PaintedHead(face.points, face.triangles, photograph, pixels)


def view(
    head: PaintedHead,
    angles_deg: tuple[float, float, float],
    sellion: tuple[float, float, float],
    intrinsics: Intrinsics,
) -> ColourImage:
    """What a camera without distortion sees.

    Args:
        head: Who.
        angles_deg: Yaw, pitch and roll as `HeadPose` has them.
        sellion: Where it is, metres in the camera's frame.
        intrinsics: Of the camera.
    """
    metres = head.points @ rotation_of(*angles_deg).T + np.array(sellion)
    pixels = intrinsics.project(metres)
    which = _visible_triangles(pixels, metres, head.triangles, (intrinsics.height, intrinsics.width))
    rows, columns = np.nonzero(which >= 0)
    corners = head.triangles[which[rows, columns]]
    source = _on_photograph(np.column_stack([columns, rows]), pixels[corners], metres[corners, 2], head.pixels[corners])
    lookup = np.zeros((*which.shape, 2), np.float32)
    lookup[rows, columns] = source
    skin = cv2.remap(head.photograph, lookup, np.empty(0), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.where(which[:, :, None] >= 0, skin, _background(head.photograph, intrinsics)).astype(np.uint8)


def _visible_triangles(
    pixels: NDArray[np.float64], metres: NDArray[np.float64], triangles: NDArray[np.int64], size: tuple[int, int]
) -> NDArray[np.int32]:
    """For every pixel the triangle seen there, -1 for none; painted from the farthest to the nearest."""
    which = np.full(size, -1, np.int32)
    order = metres[triangles, 2].mean(axis=1).argsort()[::-1]
    first, second, third = (metres[triangles[:, i]] for i in range(3))
    facing = (np.cross(second - first, third - first) * first).sum(axis=1) < 0
    for triangle in order[facing[order]]:
        outline = np.rint(pixels[triangles[triangle]] * (1 << _SHIFT)).astype(np.int32)
        cv2.fillConvexPoly(which, outline, [float(triangle)], shift=_SHIFT)
    return which


def _on_photograph(
    at: NDArray[np.int64], corners: NDArray[np.float64], depth: NDArray[np.float64], source: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Pixels of the photograph by barycentric coordinates, in the right perspective."""
    base = corners[:, 0]
    one, two, point = corners[:, 1] - base, corners[:, 2] - base, at - base
    area = one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]
    along_one = (point[:, 0] * two[:, 1] - point[:, 1] * two[:, 0]) / area
    along_two = (one[:, 0] * point[:, 1] - one[:, 1] * point[:, 0]) / area
    shares = np.column_stack([1 - along_one - along_two, along_one, along_two]) / depth
    shares /= shares.sum(axis=1, keepdims=True)
    return np.asarray((shares[:, :, None] * source).sum(axis=1), np.float64)


def _background(photograph: ColourImage, intrinsics: Intrinsics) -> ColourImage:
    filled = cv2.resize(photograph, (intrinsics.width, intrinsics.height), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(filled, (0, 0), _BACKGROUND_BLUR * intrinsics.width), np.uint8)
