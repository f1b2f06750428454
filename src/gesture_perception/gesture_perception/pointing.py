"""Where an index finger points, and what it meets there.

The ray follows the bones of the finger. It is walked along in the depth image: as long as the surface that a pixel
shows lies behind the ray, the ray is in the open; the first surface that it goes into is what is pointed at. Where the
ray passes far behind a surface, it is hidden by it, and the search goes on beyond.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gesture_perception.hand import HandLandmarks, Pointing
from gesture_perception.hand_crop import box_of_hand
from gesture_perception.hand_points import INDEX_DIP, INDEX_MCP, INDEX_PIP, INDEX_TIP
from perception_core.depth import Position3D, PositionSource
from perception_core.frame import DepthImage, Intrinsics, Point3, RgbdFrame

Floats = NDArray[np.float64]

_FINGER = np.array([INDEX_MCP, INDEX_PIP, INDEX_DIP, INDEX_TIP])
_SHORTEST_FINGER_M = 0.02  # less is curled, or broken
_OFF_LINE_M = 0.008  # a joint that lies further off the line of the others is left out

_REACH_M = 10.0  # as far as depth cameras see
_NEAREST_M = 0.05  # from the tip: before that is the finger itself
_NEAREST_Z = 0.1  # no depth camera sees nearer
_STEP_M = 0.02
_STEP_PX = 1.0
_MOST_STEPS = 1500  # a diagonal of a 1280x720 image

_OPEN_M = 0.02  # so far before a surface, the ray is in the open
_THICK_M = 0.1  # whatever is met is at least so deep; further behind it the ray is hidden
_JUMP_M = 0.05  # between neighbouring samples: an edge, not a surface
_HAND_BOX = 1.3  # times the box around its points: the hand with its outline
_HAND_DEPTH_M = 0.08  # before and behind its points
_AROUND = 10  # samples on either side from which the place of a hit is refined
_RIVALS = 8  # surfaces that are looked at more closely

_NOISE = 0.005  # of depth, metres at 1 m; grows with the square: 0.15 px of disparity of a D435
_RAY_SIGMA = math.radians(4.0)  # of the direction: the network's own error along a finger
_GRID = np.stack(np.meshgrid(np.linspace(-1, 1, 7), np.linspace(-1, 1, 7)), axis=-1).reshape(-1, 2)

_NOTHING = Position3D((math.nan, math.nan, math.nan), math.nan, 0.0, PositionSource.NONE)


def pointing_of(frame: RgbdFrame, landmarks: HandLandmarks, in_camera: NDArray[np.float32] | None) -> Pointing | None:
    """The ray of a hand's index finger, and where it meets the depth image.

    Args:
        frame: Depth and intrinsics may be missing; then the ray meets nothing.
        landmarks: Of the hand.
        in_camera: 21x3 metres in the camera's optical frame; None where that is not known.

    Returns:
        None where the finger's joints are not known in metres, or lie all in one place.
    """
    if in_camera is None:
        return None
    ray = _ray(in_camera[_FINGER].astype(np.float64))
    if ray is None:
        return None
    origin, direction = ray
    return Pointing(_point3(origin), _point3(direction), _target(frame, landmarks, in_camera, origin, direction))


def _ray(joints: Floats) -> tuple[Floats, Floats] | None:
    """The line along the joints of a finger: its foremost point, and its direction of length one."""
    joints = joints[np.isfinite(joints).all(axis=1)]
    if len(joints) < 2 or np.linalg.norm(joints[-1] - joints[0]) < _SHORTEST_FINGER_M:
        return None
    centre, direction = _line(joints)
    if len(joints) > 3:
        off = _distances(joints, centre, direction)
        if off.max() > _OFF_LINE_M:
            lines = [_line(np.delete(joints, k, axis=0)) for k in range(len(joints))]
            off = np.array([np.median(_distances(joints, *line)) for line in lines])
            centre, direction = lines[int(off.argmin())]
    return centre + direction * float((joints[-1] - centre) @ direction), direction


def _line(points: Floats) -> tuple[Floats, Floats]:
    """Least squares: a point of the line and its direction, from the first to the last point."""
    centre = points.mean(axis=0)
    direction = np.linalg.svd(points - centre)[2][0]
    return centre, direction if (points[-1] - points[0]) @ direction > 0 else -direction


def _distances(points: Floats, centre: Floats, direction: Floats) -> Floats:
    from_centre = points - centre
    along = np.outer(from_centre @ direction, direction)
    return np.asarray(np.linalg.norm(from_centre - along, axis=1), np.float64)


def _target(
    frame: RgbdFrame,
    landmarks: HandLandmarks,
    in_camera: NDArray[np.float32],
    origin: Floats,
    direction: Floats,
) -> Position3D:
    depth, intrinsics = frame.depth, frame.intrinsics
    if depth is None or intrinsics is None or depth.size != frame.size:
        return _NOTHING
    lengths, pixels = _steps(intrinsics, depth.size, origin, direction)
    if not lengths.size:
        return _NOTHING
    surface = depth.at(pixels[:, 0], pixels[:, 1]).astype(np.float64)
    surface[_on_hand(pixels, surface, landmarks, in_camera)] = np.nan
    behind = origin[2] + lengths * direction[2] - surface
    hit = _first_hit(depth, pixels, behind, surface)
    if hit is None:
        return _NOTHING
    point = origin + direction * _refined(lengths, behind, hit, float(surface[hit]))
    return _measured(depth, intrinsics, pixels[hit], point, float(np.linalg.norm(point - origin)))


def _steps(intrinsics: Intrinsics, size: tuple[int, int], origin: Floats, direction: Floats) -> tuple[Floats, Floats]:
    """Places along the ray that are dense both in metres and in pixels, as long as it is in the image.

    Returns:
        N metres from the origin; Nx2 pixels.
    """
    far = _REACH_M if direction[2] > -1e-6 else min(_REACH_M, (_NEAREST_Z - origin[2]) / direction[2])
    if far <= _NEAREST_M or origin[2] <= _NEAREST_Z:
        return np.empty(0), np.empty((0, 2))
    by_length = np.linspace(_NEAREST_M, far, 2 + int(far / _STEP_M))
    pixels = intrinsics.project(origin + by_length[:, None] * direction)
    stays = _first_stretch(_inside(pixels, size))
    by_length, pixels = by_length[stays], pixels[stays]
    if len(by_length) < 2:
        return by_length, pixels
    ways = np.diff(pixels, axis=0)
    travelled = np.concatenate([[0.0], np.cumsum(np.hypot(ways[:, 0], ways[:, 1]))])
    steps = min(_MOST_STEPS, 2 + int(travelled[-1] / _STEP_PX))
    by_pixel = np.interp(np.linspace(0.0, travelled[-1], steps), travelled, by_length)
    lengths = np.sort(np.concatenate([by_length, by_pixel]))
    pixels = intrinsics.project(origin + lengths[:, None] * direction)
    stays = _first_stretch(_inside(pixels, size))
    return lengths[stays], pixels[stays]


def _inside(pixels: Floats, size: tuple[int, int]) -> NDArray[np.bool_]:
    limits = np.array(size) - 0.5
    return np.asarray(((pixels > -0.5) & (pixels < limits)).all(axis=1))


def _first_stretch(inside: NDArray[np.bool_]) -> slice:
    """The first places that are in the image, one after the other: far outside, lens models bend back into it."""
    places = np.flatnonzero(inside)
    if not places.size:
        return slice(0, 0)
    first = int(places[0])
    left = np.flatnonzero(~inside[first:])
    return slice(first, first + int(left[0]) if left.size else len(inside))


def _on_hand(
    pixels: Floats, surface: Floats, landmarks: HandLandmarks, in_camera: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Which samples show the hand that points."""
    box = box_of_hand(landmarks).scaled(_HAND_BOX)
    distances = in_camera[:, 2][np.isfinite(in_camera[:, 2])]
    near, far = float(distances.min()) - _HAND_DEPTH_M, float(distances.max()) + _HAND_DEPTH_M
    columns, rows = pixels.T
    there = (columns >= box.x) & (columns <= box.right) & (rows >= box.y) & (rows <= box.bottom)
    return np.asarray(there & (surface >= near) & (surface <= far))


def _first_hit(depth: DepthImage, pixels: Floats, behind: Floats, surface: Floats) -> int | None:
    """The first sample where the ray has gone from the open into a surface."""
    opened = np.flatnonzero(behind < -_OPEN_M)
    if not opened.size:
        return None
    within = (behind >= 0) & (behind <= _THICK_M)
    within[: opened[0]] = False
    for candidate in np.flatnonzero(within)[:_RIVALS]:
        # A single pixel may be noise, or fly between an edge and what is behind it.
        columns, rows = (pixels[candidate] + _GRID[np.abs(_GRID).max(axis=1) < 0.5] * 3.0).T
        around = depth.at(columns, rows)
        around = around[np.isfinite(around)]
        off = abs(float(np.median(around)) - surface[candidate]) if around.size else math.inf
        if off <= max(_JUMP_M, 3 * _noise(surface[candidate])):
            return int(candidate)
    return None


def _refined(lengths: Floats, behind: Floats, hit: int, distance: float) -> float:
    """Metres along the ray at which it goes through the surface, which is at that distance from the camera."""
    near = slice(max(0, hit - _AROUND), hit + _AROUND + 1)
    along, gaps = lengths[near], behind[near]
    smooth = np.isfinite(gaps) & (np.abs(gaps) <= _THICK_M)
    along, gaps = along[smooth], gaps[smooth]
    jump = max(_JUMP_M, 4 * _noise(distance))
    if len(gaps) < 3 or not gaps[0] < 0 < gaps[-1] or np.abs(np.diff(gaps)).max() > jump:
        return float(lengths[hit])
    # A line by least squares; only places that differ tell its slope.
    away, off = along - along.mean(), gaps - gaps.mean()
    spread, slope = float(away @ away), float(away @ off)
    if spread <= 0 or slope <= 0:
        return float(lengths[hit])
    through = float(along.mean() - gaps.mean() * spread / slope)
    return min(max(through, float(along[0])), float(along[-1]))


def _measured(depth: DepthImage, intrinsics: Intrinsics, pixel: Floats, point: Floats, length: float) -> Position3D:
    """The place that was hit; its sigma tells what else lies where the ray may go just as well."""
    radius = max(2.0, length * math.tan(_RAY_SIGMA) * intrinsics.fx / point[2])
    columns, rows = (pixel + _GRID * radius).T
    around = depth.at(columns, rows)
    known = around[np.isfinite(around)]
    spread = float(known.std()) if known.size else 0.0
    sigma = math.hypot(_noise(point[2]), spread)
    return Position3D(_point3(point), sigma, known.size / around.size, PositionSource.DEPTH)


def _noise(distance: float) -> float:
    return _NOISE * distance**2


def _point3(vector: Floats) -> Point3:
    return float(vector[0]), float(vector[1]), float(vector[2])
