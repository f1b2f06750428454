"""Where one frame lies in another: turned, then moved."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perception_core.frame import Point3
from perception_core.quaternions import Quaternion, quaternion_of, rotation_of

Floats = NDArray[np.float64]

_SHORTEST = 1e-6  # of a quaternion; a shorter one says no direction

# An optical frame looks along z, with x to the right and y down: REP 103 of ROS.
_OPTICAL_IN_BODY = np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])


class MotionError(ValueError):
    """Numbers that are no rotation or translation."""


@dataclass(frozen=True, slots=True, eq=False)
class RigidMotion:
    """Takes what is given in one frame to another.

    Attributes:
        rotation: 3x3 float64.
        translation: 3 float64, metres.
    """

    rotation: Floats
    translation: Floats

    @classmethod
    def none(cls) -> RigidMotion:
        """Leaves everything where it is."""
        return cls(np.eye(3), np.zeros(3))

    @classmethod
    def from_quaternion(cls, translation: Point3, quaternion: Quaternion) -> RigidMotion:
        """As TF has it.

        Args:
            translation: Metres.
            quaternion: x, y, z, w, of any length but 0.

        Raises:
            MotionError: A number is not finite, or the quaternion is 0.
        """
        turned, moved = np.array(quaternion, np.float64), np.array(translation, np.float64)
        length = float(np.linalg.norm(turned))
        if not (np.isfinite(moved).all() and math.isfinite(length) and length > _SHORTEST):
            raise MotionError(f"translation {translation} and rotation {quaternion} are no place in a frame")
        x, y, z, w = (turned / length).tolist()
        return cls(rotation_of((x, y, z, w)), moved)

    @classmethod
    def of_camera(cls, place: Point3, roll: float, pitch: float, yaw: float) -> RigidMotion:
        """From the optical frame of a camera to the frame in which it is mounted.

        Args:
            place: Of the camera: ahead, left, up; metres.
            roll: Radians about the way it looks; all zero looks ahead and level.
            pitch: Likewise, down.
            yaw: Likewise, to the left; the order is that of URDF: roll, pitch, yaw about fixed axes.
        """
        (cr, sr), (cp, sp), (cy, sy) = ((math.cos(angle), math.sin(angle)) for angle in (roll, pitch, yaw))
        body = np.array(
            [
                [cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr],
                [sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr],
                [-sp, cp * sr, cp * cr],
            ]
        )
        return cls(body @ _OPTICAL_IN_BODY, np.array(place, np.float64))

    def after(self, first: RigidMotion) -> RigidMotion:
        """Both in turn."""
        return RigidMotion(self.rotation @ first.rotation, self.rotation @ first.translation + self.translation)

    def inverse(self) -> RigidMotion:
        """The way back."""
        return RigidMotion(self.rotation.T, -self.rotation.T @ self.translation)

    def point(self, xyz: Point3) -> Point3:
        """A place; NaN stays NaN."""
        x, y, z = (self.rotation @ xyz + self.translation).tolist()
        return x, y, z

    def direction(self, xyz: Point3) -> Point3:
        """A direction, which is turned only."""
        x, y, z = (self.rotation @ xyz).tolist()
        return x, y, z

    def points(self, xyz: NDArray[np.float32]) -> NDArray[np.float32]:
        """Nx3 places, float32."""
        return (xyz @ self.rotation.T + self.translation).astype(np.float32)

    def directions(self, xyz: NDArray[np.float32]) -> NDArray[np.float32]:
        """Nx3 directions, or points about a centre that is not moved; float32."""
        return (xyz @ self.rotation.T).astype(np.float32)

    def turned(self, quaternion: Quaternion) -> Quaternion:
        """An orientation, of length one."""
        return quaternion_of(self.rotation @ rotation_of(quaternion))
