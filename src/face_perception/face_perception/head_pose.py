"""Where a head is and how it is turned, in all six degrees of freedom.

Two estimates are made and their mean is taken. One fits the canonical face to where the landmarks are in the image
(perspective-n-point); it knows nothing of the person's own proportions. The other fits it to the landmarks in three
dimensions, as MediaPipe does; it inherits what the network guesses of depth. On rendered heads either is off by 2.6
degrees in the median, their mean by 2.3. Neither has a second solution nearby: the pose does not flip from frame to
frame.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from face_perception.canonical_face import SELLION, CanonicalFace
from face_perception.landmarks import Landmarks
from perception_core.depth import Position3D, PositionSource
from perception_core.frame import Intrinsics
from perception_core.geometry import bounds
from perception_core.quaternions import Quaternion, quaternion_of

Floats = NDArray[np.float64]

# The networks make faces flatter than they are: rendered heads ask for 1.25, photographs for 1.0.
_DEPTH_GAIN = 1.15
_SIZE_SIGMA = 0.055  # of a distance judged by size: the spread of inter-ocular distances among adults
_ROTATION_SIGMA_DEG = 2.5  # where both estimates agree
_LEAST_SIZE_PX = 4.0  # a smaller face has no pose
_LARGEST_SPREAD = 4.0  # in units of the focal length: a view of 127 degrees, which no face fills
_NEAREST = 0.03  # metres; a head that comes out nearer is none
# In focal lengths squared. The less a face spreads, the less perspective there is to go by: below the first, 15 cm at
# 4 m, only the fit in space counts (and OpenCV refuses the other); from the second on both count the same.
_SPREAD_OF_FAR, _SPREAD_OF_NEAR = 1e-4, 2e-4
_FIELD_OF_VIEW_DEG = 63.0  # vertical; what MediaPipe assumes of a camera that nothing is known of

# Columns: the axes of a head that looks straight into the camera, in the camera's optical frame.
_FACING = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, -1.0], [-1.0, 0.0, 0.0]])


@dataclass(frozen=True, slots=True, eq=False)
class HeadPose:
    """A head in the camera's optical frame.

    The head's axes follow REP-103: x out of the face, y to the person's own left, z up; the origin is the sellion.
    Angles are zero where the head faces along the optical axis into the camera, and are positive by the right-hand
    rule: rotation = facing * Rz(yaw) * Ry(pitch) * Rx(roll).

    Attributes:
        rotation: 3x3, the head's axes as columns.
        position: Of the sellion.
        sigma_deg: Standard deviation of the rotation, degrees.
        to_camera: 3x3, as columns the axes of a camera at the same place that looks straight at the face.
        metres_per_pixel: What a pixel is worth at the face, were it as large as the canonical one.
    """

    rotation: Floats
    position: Position3D
    sigma_deg: float
    to_camera: Floats
    metres_per_pixel: float

    @property
    def forward(self) -> Floats:
        """Unit vector out of the face."""
        return self.rotation[:, 0]

    @property
    def yaw_deg(self) -> float:
        """Positive where the head is turned to its own left, which is to the right in the image; -180 to 180."""
        turn = self._from_facing()
        return math.degrees(math.atan2(turn[1, 0], turn[0, 0]))

    @property
    def pitch_deg(self) -> float:
        """Positive where it looks down; -90 to 90."""
        return math.degrees(-math.asin(max(-1.0, min(1.0, self._from_facing()[2, 0]))))

    @property
    def roll_deg(self) -> float:
        """Positive where it leans to its own right shoulder, which is to the left in the image; -180 to 180."""
        turn = self._from_facing()
        return math.degrees(math.atan2(turn[2, 1], turn[2, 2]))

    @property
    def quaternion(self) -> Quaternion:
        """The rotation as x, y, z, w."""
        return quaternion_of(self.rotation)

    def _from_facing(self) -> Floats:
        return np.asarray(_FACING.T @ self.rotation, np.float64)


def rotation_of(yaw_deg: float, pitch_deg: float, roll_deg: float) -> Floats:
    """The 3x3 rotation of a head with these angles; see `HeadPose`."""
    yaw, pitch, roll = (math.radians(angle) for angle in (yaw_deg, pitch_deg, roll_deg))
    about_z = np.array([[math.cos(yaw), -math.sin(yaw), 0], [math.sin(yaw), math.cos(yaw), 0], [0, 0, 1]])
    about_y = np.array([[math.cos(pitch), 0, math.sin(pitch)], [0, 1, 0], [-math.sin(pitch), 0, math.cos(pitch)]])
    about_x = np.array([[1, 0, 0], [0, math.cos(roll), -math.sin(roll)], [0, math.sin(roll), math.cos(roll)]])
    return np.asarray(_FACING @ about_z @ about_y @ about_x, np.float64)


def assumed_intrinsics(width: int, height: int) -> Intrinsics:
    """A common camera, for where none is known: good enough for rotations, not for positions."""
    focal = height / 2 / math.tan(math.radians(_FIELD_OF_VIEW_DEG / 2))
    focal = max(focal, width / 4)  # a panorama is not seen through a wider lens than intrinsics allow
    return Intrinsics(width, height, focal, focal, width / 2, height / 2)


def head_pose(
    face: CanonicalFace, landmarks: Landmarks, intrinsics: Intrinsics, position: Position3D | None = None
) -> HeadPose | None:
    """The pose of a head by its landmarks.

    Args:
        face: What heads look like.
        landmarks: Of a mesh.
        intrinsics: Of the image.
        position: Of the sellion, where something else has found it. What depth has measured gives the distance;
            otherwise it is judged by the size of the face.

    Returns:
        None if the points are not finite, too close together to tell anything, or of no head before the camera.
    """
    points = landmarks.points[: len(face.points)].astype(np.float64)
    if not np.isfinite(points).all():
        return None
    left, top, right, bottom = bounds(points)
    extent, depth = max(right - left, bottom - top), float(np.ptp(points[:, 2]))
    if extent < _LEAST_SIZE_PX or max(extent, depth) > _LARGEST_SPREAD * intrinsics.fx:
        return None
    directions = _directions(points[:, :2], intrinsics)
    to_camera = _axes_towards(directions.mean(axis=0))
    turned = np.column_stack([directions, np.ones(len(directions))]) @ to_camera
    rays = turned[:, :2] / turned[:, 2:]
    spread = _variance(rays)
    scale = math.sqrt(spread / _variance(points[:, :2]))  # of a pixel at the face, in units of the rays
    in_space, sellion = _fitted_in_space(face, rays, points[:, 2] * scale)
    share = min(1.0, (spread - _SPREAD_OF_FAR) / (_SPREAD_OF_NEAR - _SPREAD_OF_FAR)) / 2
    rotation, apart_deg = in_space, 0.0
    in_image = _fitted_in_image(face, rays) if share > 0 else None
    if in_image is not None:
        rotation, apart_deg = _between(in_space, in_image[0], share)
        sellion = sellion + 2 * share * (in_image[1] - sellion)
    sigma_deg = math.hypot(_ROTATION_SIGMA_DEG, apart_deg / 2)
    at = to_camera @ sellion
    if not (np.isfinite(at).all() and min(float(sellion[2]), float(at[2])) > _NEAREST):
        return None
    placed = _placed(at, directions[SELLION], position)
    return HeadPose(to_camera @ rotation, placed, sigma_deg, to_camera, scale * float(sellion[2]))


def _directions(pixels: Floats, intrinsics: Intrinsics) -> Floats:
    """Nx2 directions x/z and y/z of pixels near each other.

    Without distortion they are a shift and a scale. Else, within a face a lens is as good as projective: undistorting
    the corners of a box about it says all, and costs less than undistorting every point.
    """
    if not (intrinsics.fisheye or any(intrinsics.distortion)):
        return (pixels - (intrinsics.cx, intrinsics.cy)) / (intrinsics.fx, intrinsics.fy)
    left, top, right, bottom = bounds(pixels)
    corners = [(left - 1, top - 1), (right + 1, top - 1), (right + 1, bottom + 1), (left - 1, bottom + 1)]
    seen = [intrinsics.deproject(column, row, 1.0)[:2] for column, row in corners]
    # Both as seen from the first corner: single precision would lose digits of large columns and rows.
    start, origin = np.array(corners[0]), np.array(seen[0])
    to_directions = cv2.getPerspectiveTransform(
        (np.array(corners) - start).astype(np.float32), (np.array(seen) - origin).astype(np.float32)
    )
    return np.asarray(cv2.perspectiveTransform((pixels - start)[None], to_directions)[0] + origin, np.float64)


def _axes_towards(direction: Floats) -> Floats:
    """3x3, as columns the axes of a camera at the same place that looks at the face.

    What the networks give as depth is along the line of sight to the face, not along the optical axis.
    """
    x, y = direction.tolist()
    aside, away = math.hypot(x, 1.0), math.hypot(x, y, 1.0)
    right, ahead = (1 / aside, 0.0, -x / aside), (x / away, y / away, 1 / away)
    down = (-x * y / aside / away, aside / away, -y / aside / away)
    return np.array([right, down, ahead]).T


def _variance(points: Floats) -> float:
    """Mean squared distance from the middle; a quarter of the time that numpy's own takes for so few points."""
    away = points - points.sum(axis=0) / len(points)
    return float(np.vdot(away, away)) / len(points)


def _fitted_in_image(face: CanonicalFace, rays: Floats) -> tuple[Floats, Floats] | None:
    """Rotation, and the sellion in metres; None where it cannot be told.

    G. Terzakis, M. Lourakis, "A Consistently Fast and Globally Optimal Solution to the Perspective-n-Point Problem",
    ECCV 2020.
    """
    found, rotation, shift = cv2.solvePnP(face.points, rays, np.eye(3), np.zeros(4), flags=cv2.SOLVEPNP_SQPNP)
    if not found or not np.isfinite(shift).all() or shift[2, 0] <= 0:
        return None
    return np.asarray(cv2.Rodrigues(rotation)[0], np.float64), np.asarray(shift.ravel(), np.float64)


def _fitted_in_space(face: CanonicalFace, rays: Floats, depth: Floats) -> tuple[Floats, Floats]:
    """Rotation, and the sellion in metres.

    S. Umeyama, "Least-squares estimation of transformation parameters between two point patterns", PAMI 13(4), 1991.

    Args:
        face: What is fitted.
        rays: Nx2.
        depth: N, relative to anything, in units of `rays`.
    """
    away = 1 + _DEPTH_GAIN * (depth - depth.mean())
    seen = np.column_stack([rays * away[:, None], away])
    model, model_mean, spread = _about_its_middle(face)
    seen_mean = seen.sum(axis=0) / len(seen)
    left, singular, right = np.linalg.svd((seen - seen_mean).T @ model)
    keep_hand = np.array([1.0, 1.0, np.sign(np.linalg.det(left @ right)) or 1.0])
    rotation = (left * keep_hand) @ right
    scale = float((singular * keep_hand).sum() / spread)
    return rotation, seen_mean / scale - rotation @ model_mean


@functools.lru_cache(maxsize=4)
def _about_its_middle(face: CanonicalFace) -> tuple[Floats, Floats, float]:
    """The points as seen from their middle, the middle, and the sum of their squares."""
    middle = face.points.mean(axis=0)
    points = face.points - middle
    return points, middle, float(np.vdot(points, points))


def _between(one: Floats, other: Floats, share: float) -> tuple[Floats, float]:
    """The rotation a share of the way from one to the other, and the angle between them in degrees."""
    way = cv2.Rodrigues(one.T @ other)[0]
    part = cv2.Rodrigues(way * share)[0]
    return np.asarray(one @ part, np.float64), math.degrees(float(np.linalg.norm(way)))


def _placed(sellion: Floats, direction: Floats, position: Position3D | None) -> Position3D:
    if position is not None and position.source is PositionSource.DEPTH:
        z = position.xyz[2]
        xyz = (float(direction[0]) * z, float(direction[1]) * z, z)
        return Position3D(xyz, position.sigma, position.valid_share, PositionSource.DEPTH)
    x, y, z = sellion.tolist()
    valid_share = position.valid_share if position is not None else 0.0
    return Position3D((x, y, z), _SIZE_SIGMA * z, valid_share, PositionSource.SIZE_PRIOR)
