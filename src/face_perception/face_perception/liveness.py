"""Whether a face has the relief of a head, by depth: photographs and screens are flat.

The depth under the landmarks is explained by a tilted sheet, bent in one direction as paper can be, and by so much of
the relief that a head in this pose has. How much relief that takes, 1 for a head and 0 for a picture of one, and how
sure that is, follows from Bayesian linear regression (C. Bishop, "Pattern Recognition and Machine Learning", 2006).
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from face_perception.canonical_face import CanonicalFace
from face_perception.landmarks import Landmarks
from perception_core.depth import Position3D, PositionSource
from perception_core.frame import DepthImage

Floats = NDArray[np.float64]

_REACH_M = 0.12  # before and behind the sellion; what lies further away is hair, a hand or the wall
_LEAST_POINTS = 150
_BEND_PER_M = 4.0  # of paper: a radius of 12 cm
_ROUNDS = 3
_LEAST_SIGMA = 0.01
_NORMAL_MAD = 1.4826  # of a normal distribution: its deviation per median absolute deviation
_FIRST_NOISE_M, _LEAST_NOISE_M = 0.01, 0.0005
_INDEPENDENT_PX = 50.0  # a stereo camera's errors are alike within its matching window of about 7 x 7 pixels
_INDEPENDENT_IMAGES = 4.0  # and, for the better part, from one image to the next
_HEADS_DIFFER = 0.08  # standard deviation of what is measured of one head and another
_TRIM = 3.0  # deviations, in robust standard deviations, that are somebody's glasses or a flying pixel
_FACING_COS = 0.35  # points whose surface is seen at a flatter angle lie on edges, where depth is mixed
_HALF = 0.2  # between a picture and a head; stereo smooths noses and no head is the mean one: heads measure below 1
_SURE_SIGMAS = 2.0
_MEMORY_S = 1.0
_FORGET_S = 3.0
_DIRECTIONS = np.arange(8) * math.pi / 8


def _bends() -> Floats:
    """For each direction a 7x5 matrix: from relief, sheet and bend to relief, 1, x, y, xx, xy and yy."""
    matrices = np.zeros((len(_DIRECTIONS), 7, 5))
    matrices[:, [0, 1, 2, 3], [0, 1, 2, 3]] = 1.0
    cos, sin = np.cos(_DIRECTIONS), np.sin(_DIRECTIONS)
    matrices[:, 4:, 4] = np.column_stack([cos * cos, 2 * cos * sin, sin * sin])
    return matrices


_BENDS = _bends()
_BEND_PRIOR = np.diag([0.0, 0.0, 0.0, 0.0, 1 / _BEND_PER_M**2])


class Liveness(Enum):
    """What the depth says of a face."""

    UNKNOWN = "unknown"
    REAL = "real"
    FLAT = "flat"


@dataclass(frozen=True, slots=True)
class Relief:
    """How much of a head's relief the depth under a face has.

    Attributes:
        share: 1 for a head, 0 for something flat or bent like paper.
        sigma: Standard deviation of `share` by the noise of the camera.
    """

    share: float
    sigma: float


def measure_relief(
    face: CanonicalFace, depth: DepthImage, landmarks: Landmarks, rotation: Floats, position: Position3D
) -> Relief | None:
    """The relief under a face in one image.

    Args:
        face: What heads look like.
        depth: Aligned to the image of the landmarks.
        landmarks: Of a mesh.
        rotation: 3x3, the head's axes as columns; see `HeadPose`.
        position: Of the sellion.

    Returns:
        None if the distance of the face was not measured, or too little of it.
    """
    if position.source is not PositionSource.DEPTH:
        return None
    turned = face.points @ rotation.T
    seen = _facing(face, rotation, position)
    z = _sampled(depth, landmarks.points[: len(face.points), :2])
    usable = seen & (np.abs(z - position.xyz[2] - turned[:, 2]) < _REACH_M)
    if np.count_nonzero(usable) < _LEAST_POINTS:
        return None
    spread_px = np.ptp(landmarks.points[: len(face.points), :2], axis=0)
    independent = float(spread_px[0] * spread_px[1]) / _INDEPENDENT_PX * usable.mean()
    return _regressed(turned[usable], z[usable], max(independent, 1.0))


class LivenessEvidence:
    """What was measured of one face in the last second or so."""

    def __init__(self) -> None:
        self.state = Liveness.UNKNOWN
        self._share = 0.0
        self._weight = 0.0
        self._stamp_ns: int | None = None

    def update(self, relief: Relief | None, stamp_ns: int) -> Liveness:
        """Takes in a measurement, or that there is none; a jump of time back, or a long pause, begins anew."""
        if self._stamp_ns is not None and not 0 <= stamp_ns - self._stamp_ns <= _FORGET_S * 1e9:
            self.state, self._weight, self._stamp_ns = Liveness.UNKNOWN, 0.0, None
        if relief is None:
            return self.state
        elapsed_s = (stamp_ns - self._stamp_ns) / 1e9 if self._stamp_ns is not None else 0.0
        self._stamp_ns = stamp_ns
        kept = self._weight * math.exp(-elapsed_s / _MEMORY_S)
        weight = 1 / relief.sigma**2
        self._weight = kept + weight
        self._share += weight / self._weight * (relief.share - self._share)
        images = min(self._weight / weight, _INDEPENDENT_IMAGES)
        margin = _SURE_SIGMAS * math.hypot(_HEADS_DIFFER, relief.sigma / math.sqrt(images))
        if self._share - margin > _HALF:
            self.state = Liveness.REAL
        elif self._share + margin < _HALF:
            self.state = Liveness.FLAT
        elif self._contradicted():
            self.state = Liveness.UNKNOWN
        return self.state

    def _contradicted(self) -> bool:
        real = self._share > _HALF
        return (self.state is Liveness.REAL and not real) or (self.state is Liveness.FLAT and real)


def _facing(face: CanonicalFace, rotation: Floats, position: Position3D) -> NDArray[np.bool_]:
    """Points whose surface looks at the camera."""
    to_camera = -np.array(position.xyz) @ rotation
    to_camera /= np.linalg.norm(to_camera)
    return np.asarray(_normals(face) @ to_camera > _FACING_COS)


@functools.lru_cache(maxsize=4)
def _normals(face: CanonicalFace) -> Floats:
    """Nx3 unit vectors out of the surface at the face's points."""
    first, second, third = (face.points[face.triangles[:, corner]] for corner in range(3))
    across = np.cross(second - first, third - first)
    normals = np.zeros_like(face.points)
    for corner in range(3):
        np.add.at(normals, face.triangles[:, corner], across)
    return np.asarray(normals / np.linalg.norm(normals, axis=1, keepdims=True), np.float64)


def _sampled(depth: DepthImage, pixels: NDArray[np.float32]) -> Floats:
    """Metres at pixels; NaN where there are none, or outside of the image."""
    width, height = depth.size
    with np.errstate(invalid="ignore"):
        columns, rows = np.rint(np.nan_to_num(pixels, nan=-1.0)).astype(np.int64).T
    inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    units = depth.raw[rows.clip(0, height - 1), columns.clip(0, width - 1)].astype(np.float64)
    units[~(inside & np.isfinite(units) & (units > 0))] = np.nan
    return np.asarray(units * depth.metres_per_unit, np.float64)


def _regressed(turned: Floats, z: Floats, independent: float) -> Relief:
    """The share of the relief `turned` (Nx3, metres) that explains z best, besides a sheet bent in one direction."""
    x, y = turned[:, 0], turned[:, 1]
    parts = np.column_stack([turned[:, 2], np.ones_like(x), x, y, x * x, x * y, y * y])
    kept: NDArray[np.bool_] = np.ones(len(z), np.bool_)
    noise = _FIRST_NOISE_M
    for _ in range(_ROUNDS):
        scale = independent * kept.mean() / np.count_nonzero(kept) / noise**2
        solution, deviation = _best_bent(parts[kept], z[kept], scale)
        off = z - parts @ solution
        noise = max(_NORMAL_MAD * float(np.median(np.abs(off[kept]))), _LEAST_NOISE_M)
        kept = np.abs(off) <= _TRIM * noise
    return Relief(float(solution[0]), max(deviation, _LEAST_SIGMA))


def _best_bent(parts: Floats, z: Floats, scale: float) -> tuple[Floats, float]:
    """Weights of the parts, and the deviation of the first, for the direction of bending that explains z best."""
    squares, products = parts.T @ parts, parts.T @ z
    precision = np.einsum("tip,ij,tjq->tpq", _BENDS, squares, _BENDS) * scale + _BEND_PRIOR
    target = np.einsum("tip,i->tp", _BENDS, products) * scale
    weights = np.linalg.solve(precision, target[..., None])[..., 0]
    best = int(np.argmax((weights * target).sum(axis=1)))
    deviation = math.sqrt(float(np.linalg.inv(precision[best])[0, 0]))
    return np.asarray(_BENDS[best] @ weights[best], np.float64), deviation
