"""Where the robot with the camera stands in the virtual room, and what that does to where things are."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from perception_core.frame import Point3
from perception_core.sources.scene_path import Pose


@dataclass(frozen=True, slots=True)
class RobotPose:
    """A place on the floor, by REP 103; the camera is above it, level, and looks ahead.

    Attributes:
        x: Metres ahead of where the camera stands in a scene that does not move.
        y: Metres to the left of there.
        heading: Radians to the left of there.
    """

    x: float = 0.0
    y: float = 0.0
    heading: float = 0.0


AT_REST = RobotPose()
"""Where the camera of every scene stands unless it is placed elsewhere."""


def on_floor(place: Point3) -> tuple[float, float]:
    """Where something is on the floor, metres ahead of where the camera stands at rest and to the left of there.

    Args:
        place: In the frame of a camera at rest.
    """
    x, _, z = place
    return z, -x


def seen_from(robot: RobotPose, pose: Pose) -> Pose:
    """Where a thing of the room is for the camera; pictures go on facing the camera.

    Args:
        robot: Where the camera stands.
        pose: Where the thing is for a camera at rest.
    """
    if robot == AT_REST:
        return pose
    right, ahead = pose.x + robot.y, pose.z - robot.x
    cos, sin = math.cos(robot.heading), math.sin(robot.heading)
    return replace(pose, x=right * cos + ahead * sin, z=ahead * cos - right * sin)
