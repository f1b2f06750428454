"""Landmarks in the schemes that other tools and data sets use.

A point of another scheme is a point of the mesh, or lies on the edge between two. The contour of the jaw is what the
mesh cannot follow exactly: on a turned head the other schemes put it where the face ends in the image.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from face_perception.landmarks import Landmarks, LandmarkScheme

_MESHES = (LandmarkScheme.MEDIAPIPE478, LandmarkScheme.MEDIAPIPE468)
_MESH = 468
_RIGHT_PUPIL, _LEFT_PUPIL = 468, 473  # of the 478 points
_RIGHT_EYE, _LEFT_EYE = [33, 133, 159, 145], [263, 362, 386, 374]

_Entry = int | tuple[int, int, float]  # a point, or two points and the share of the first

# The 68 points of iBUG's 300-W, as dlib's predictor gives them (C. Sagonas et al., "300 Faces in-the-Wild Challenge",
# ICCV workshop, 2013). The usual choice of mesh points was fitted to that predictor on 63 faces, symmetrically: the
# median distance is 2.5 % of that between the outer corners of the eyes, 3.2 % without the pairs.
# fmt: off
_DLIB68: tuple[_Entry, ...] = (
    # jaw, from the person's right ear to the left
    127, (137, 234, 0.25), (137, 177, 0.5), 215, 172, (136, 150, 0.75), 149, (148, 176, 0.5), 152,
    (377, 400, 0.5), 378, (365, 379, 0.75), 397, 435, (366, 401, 0.5), (366, 454, 0.25), 356,
    # right brow from outside, left brow from inside
    (70, 156, 0.75), 63, (66, 105, 0.25), (66, 107, 0.75), (55, 107, 0.5),
    (285, 336, 0.5), (296, 336, 0.75), (296, 334, 0.25), 293, (300, 383, 0.75),
    # bridge of the nose downwards, nostrils from right to left
    168, (6, 197, 0.25), (5, 195, 0.5), 4, (75, 240, 0.5), (97, 242, 0.75), (2, 164, 0.75), (326, 462, 0.75),
    (305, 460, 0.5),
    # right eye from its outer corner over the top, left eye from its inner one
    33, (159, 160, 0.25), 158, 133, (145, 153, 0.25), 144,
    362, 385, (386, 387, 0.25), 263, 373, (374, 380, 0.25),
    # outer lips, then inner lips, from the right corner over the top
    61, (39, 40, 0.5), 37, (0, 11, 0.5), 267, (269, 270, 0.5), 291, (321, 405, 0.5), 314, 17, 84, (91, 181, 0.5),
    (62, 96, 0.5), 82, 13, 312, (292, 325, 0.5), 317, 14, 87,
)


def _d(point: int) -> int:
    """A point of DLIB68, in the numbering of `_WFLW98`."""
    return _MESH + point


_P = _MESH + len(_DLIB68)  # the two pupils, likewise

# The 98 points of WFLW (W. Wu et al., "Look at Boundary: A Boundary-Aware Face Alignment Algorithm", CVPR 2018): the
# 68 are among them, on the jaw every other. Brows have a lower edge too, eyes a middle above and below, and pupils.
_WFLW98: tuple[_Entry, ...] = (
    *(_d(k // 2) if k % 2 == 0 else (_d(k // 2), _d(k // 2 + 1), 0.5) for k in range(33)),
    70, 63, 105, 66, 107, 55, 65, 52, 53,  # right brow: upper edge from outside, lower edge back
    336, 296, 334, 293, 300, 283, 282, 295, 285,  # left brow: upper edge from inside, lower edge back
    *map(_d, range(27, 36)),  # nose
    _d(36), _d(37), (159, 158, 0.75), _d(38), _d(39), _d(40), (145, 144, 0.75), _d(41),
    _d(42), _d(43), (386, 385, 0.75), _d(44), _d(45), _d(46), (374, 373, 0.75), _d(47),
    *map(_d, range(48, 68)),  # lips
    _P, _P + 1,
)
# fmt: on

_Table = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]


def _table(entries: tuple[_Entry, ...]) -> _Table:
    pairs = [(entry, entry, 1.0) if isinstance(entry, int) else entry for entry in entries]
    first, second, share = zip(*pairs, strict=True)
    return np.array(first, np.int64), np.array(second, np.int64), np.array(share, np.float32)[:, None]


_DLIB68_TABLE, _WFLW98_TABLE = _table(_DLIB68), _table(_WFLW98)


def to_scheme(landmarks: Landmarks, scheme: LandmarkScheme) -> Landmarks:
    """The same face in another scheme.

    Args:
        landmarks: Of a mesh. Without irises, the middle of the eye's opening stands for the pupil.
        scheme: MEDIAPIPE468 takes the irises away; MEDIAPIPE478 cannot be made of 468 points.

    Raises:
        ValueError: The landmarks are no mesh, or have no irises where the scheme asks for them.
    """
    if landmarks.scheme is scheme:
        return landmarks
    if landmarks.scheme not in _MESHES or scheme is LandmarkScheme.MEDIAPIPE478:
        raise ValueError(f"{scheme.value} landmarks cannot be made of {landmarks.scheme.value} ones")
    mesh = landmarks.points[:_MESH]
    if scheme is LandmarkScheme.MEDIAPIPE468:
        return Landmarks(scheme, mesh, landmarks.presence)
    points = _combined(mesh, _DLIB68_TABLE)
    if scheme is LandmarkScheme.WFLW98:
        points = _combined(np.concatenate([mesh, points, _pupils(landmarks)]), _WFLW98_TABLE)
    return Landmarks(scheme, points, landmarks.presence)


def _combined(points: NDArray[np.float32], table: _Table) -> NDArray[np.float32]:
    first, second, share = table
    return np.asarray(share * points[first] + (1 - share) * points[second], np.float32)


def _pupils(landmarks: Landmarks) -> NDArray[np.float32]:
    points = landmarks.points
    if landmarks.scheme is LandmarkScheme.MEDIAPIPE478:
        return points[[_RIGHT_PUPIL, _LEFT_PUPIL]]
    return np.stack([points[_RIGHT_EYE].mean(axis=0), points[_LEFT_EYE].mean(axis=0)])
