"""How far a head is turned away from the camera, wherever in the image it is."""

from __future__ import annotations

import math

from face_perception.head_pose import HeadPose
from face_perception.view_quality import HeadAngles


def turn_from_camera(pose: HeadPose) -> HeadAngles:
    """The angles between the head and the line of sight to it; those of the pose are against the optical axis.

    Args:
        pose: Of the head.

    Returns:
        Yaw positive where the head is turned to its own left, pitch positive where it looks down; both are 0 for a
        head that looks into the camera.
    """
    aside, down, away = (pose.to_camera.T @ pose.forward).tolist()
    return HeadAngles(math.atan2(aside, -away), math.asin(max(-1.0, min(1.0, down))))
