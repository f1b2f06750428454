"""Where a hand is in metres: its wrist from depth, or from its size where there is none, and its points about it.

The network tells the shape of a hand, the depth image where it is. A hand that points to the camera hides its own
wrist: what the depth image shows at its pixel is the hand, and the shape tells how far the wrist lies behind.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gesture_perception.hand import HandLandmarks
from gesture_perception.hand_points import INDEX_MCP, LITTLE_MCP, MIDDLE_MCP, WRIST
from perception_core.depth import Position3D, PositionSource, locate
from perception_core.frame import Intrinsics, RgbdFrame
from perception_core.hand_anatomy import (
    HAND_SIZE_SPREAD,
    INDEX_TO_LITTLE,
    WRIST_SITE,
    WRIST_TO_INDEX,
    WRIST_TO_LITTLE,
    WRIST_TO_MIDDLE,
)
from perception_core.size_prior import KnownLength, Pixel, Segment, SizePrior, size_prior

Floats = NDArray[np.float64]
Shape = Sequence[Sequence[float]]  # 21 x 3 metres

_PALM_LENGTHS = (
    (WRIST, MIDDLE_MCP, WRIST_TO_MIDDLE),
    (WRIST, INDEX_MCP, WRIST_TO_INDEX),
    (WRIST, LITTLE_MCP, WRIST_TO_LITTLE),
    (INDEX_MCP, LITTLE_MCP, INDEX_TO_LITTLE),
)
_ENDS = [end for one, other, _ in _PALM_LENGTHS for end in (one, other)]
_TILT_SIGMA = 0.15  # of how far a length reaches into depth: the network has tilts wrong by so much
_LEAST_SEEN = 0.35  # a length of which less is seen, of its true one, says nothing of the distance
_HIDES_WITHIN = 0.03  # metres beside the wrist: what lies before it there covers it
_HIDES_BEFORE = 0.025  # metres: what is less far before it is as good as the wrist itself
_SIZE_SIGMA = 0.08  # people's hands differ by 6 %, the network's from both
_SHAPE_SIGMA_M = 0.007  # typical distance between the points in the image and the network's shape, metres
_NEAREST = 0.05  # metres
_SIZES = (0.5, 1.6)  # of an adult's mean hand: a small child's and the largest; beyond, the depth is of something else


def wrist_position(frame: RgbdFrame, landmarks: HandLandmarks) -> Position3D:
    """Where the skin before the wrist is.

    Args:
        frame: Depth and intrinsics may be missing.
        landmarks: Points in the frame's colour image.

    Returns:
        From depth if a surface is found that can be the hand, else from the size of the palm, else with the source
        NONE: without intrinsics, or with points that are not finite.
    """
    shape = None if frame.intrinsics is None else _shape(landmarks)
    if frame.intrinsics is None or shape is None:
        return locate(frame, (math.nan, math.nan), None, WRIST_SITE)
    points = shape.tolist()
    prior = _size_prior(landmarks, points, frame.intrinsics)
    at = _uncovered(points)
    depth = points[at][2]
    if prior is not None:
        away = depth - sum(points[end][2] for end in _ENDS) / len(_ENDS)
        prior = SizePrior(max(prior.distance + away, _NEAREST), prior.sigma)
    seen = locate(frame, _pixel(landmarks, at), prior, WRIST_SITE)
    if seen.source is PositionSource.NONE or at == WRIST:
        return seen
    distance = seen.xyz[2] + points[WRIST][2] - depth
    return replace(seen, xyz=frame.intrinsics.deproject(*_pixel(landmarks, WRIST), distance))


def in_camera(frame: RgbdFrame, landmarks: HandLandmarks, position: Position3D) -> NDArray[np.float32] | None:
    """All points in the camera's optical frame.

    Each lies on the ray through its pixel, as far before or behind the wrist as the shape tells; the hand has the size
    with which it looks, at the wrist's distance, as large as it does.

    Args:
        frame: In which the hand was seen.
        landmarks: Points in the frame's colour image.
        position: Of its wrist.

    Returns:
        21x3 metres; None unless the position comes from depth, where a point is not finite, and where the hand would
        have a size that no hand has.
    """
    if frame.intrinsics is None or position.source is not PositionSource.DEPTH:
        return None
    shape = _shape(landmarks)
    if shape is None:
        return None
    directions = frame.intrinsics.directions(landmarks.points[:, :2])
    about_wrist = shape - shape[WRIST]
    scale = _scale(about_wrist, directions, position.xyz[2])
    distances = position.xyz[2] + scale * about_wrist[:, 2:]
    if not (_SIZES[0] <= scale <= _SIZES[1] and (distances > 0).all()):
        return None
    return np.concatenate([directions * distances, distances], axis=1, dtype=np.float32, casting="same_kind")


def _shape(landmarks: HandLandmarks) -> Floats | None:
    """21x3 metres: the network's shape in the size of an adult's hand; None if there is none."""
    metric = landmarks.metric.astype(np.float64)
    if not (np.isfinite(metric).all() and np.isfinite(landmarks.points).all()):
        return None
    points = metric.tolist()
    found = sum(math.dist(points[one], points[other]) for one, other, _ in _PALM_LENGTHS)
    if found <= 0:
        return None
    return metric * (sum(length.metres for _, _, length in _PALM_LENGTHS) / found)


def _size_prior(landmarks: HandLandmarks, shape: Shape, intrinsics: Intrinsics) -> SizePrior | None:
    """How far away the middle of a palm is, judged by what is seen of it; the shape tells what is foreshortened."""
    segments = []
    for one, other, length in _PALM_LENGTHS:
        across, down, away = (there - here for here, there in zip(shape[one], shape[other], strict=True))
        seen = math.hypot(across, down)
        if seen >= _LEAST_SEEN * length.metres:
            known = KnownLength(seen, math.hypot(length.sigma, _TILT_SIGMA * abs(away)))
            segments.append(Segment(_pixel(landmarks, one), _pixel(landmarks, other), known))
    prior = size_prior(segments, intrinsics)
    return prior and SizePrior(prior.distance, math.hypot(prior.sigma, HAND_SIZE_SPREAD * prior.distance))


def _uncovered(shape: Shape) -> int:
    """The point of the hand that is seen where the wrist is: itself, unless the hand points to the camera."""
    wrist = shape[WRIST]
    covering = (place for place, point in enumerate(shape) if math.dist(point[:2], wrist[:2]) < _HIDES_WITHIN)
    foremost = min(covering, key=lambda place: shape[place][2])
    return foremost if wrist[2] - shape[foremost][2] > _HIDES_BEFORE else WRIST


def _scale(about_wrist: Floats, directions: Floats, distance: float) -> float:
    """Size of a hand in that of its shape, so that it looks as large as it does at this distance; least squares.

    Args:
        about_wrist: 21x3 metres.
        directions: 21x2: x / z and y / z of the points' rays.
        distance: Of the wrist, metres.
    """
    shape = about_wrist[:, :2] - directions * about_wrist[:, 2:]
    seen = directions * distance
    shape, seen = shape - shape.mean(axis=0), seen - seen.mean(axis=0)
    doubt = (_SHAPE_SIGMA_M / _SIZE_SIGMA) ** 2  # a hand that is seen end on does not tell its size
    return float((np.vdot(shape, seen) + doubt) / (np.vdot(shape, shape) + doubt))


def _pixel(landmarks: HandLandmarks, which: int) -> Pixel:
    x, y = landmarks.points[which, :2].tolist()
    return x, y
