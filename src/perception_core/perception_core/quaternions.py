"""Rotations as quaternions, x, y, z, w, as messages carry them."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

Quaternion = tuple[float, float, float, float]
Floats = NDArray[np.float64]


def quaternion_of(rotation: Floats) -> Quaternion:
    """Of a 3x3 rotation, of length one."""
    vector = cv2.Rodrigues(rotation)[0].ravel()
    angle = float(np.linalg.norm(vector))
    x, y, z = (vector * (math.sin(angle / 2) / angle if angle else 0.5)).tolist()
    return x, y, z, math.cos(angle / 2)


def rotation_of(quaternion: Quaternion) -> Floats:
    """The 3x3 rotation of a quaternion of length one."""
    x, y, z, w = quaternion
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
