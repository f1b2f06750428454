import math

import numpy as np
import pytest

from face_perception.head_pose import HeadPose, rotation_of
from face_perception.head_turn import turn_from_camera
from perception_core.depth import Position3D, PositionSource


def pose(rotation, aside_deg=0.0):
    """A head in a direction to the right of the optical axis."""
    angle = math.radians(aside_deg)
    ahead = np.array([math.sin(angle), 0.0, math.cos(angle)])
    right = np.array([math.cos(angle), 0.0, -math.sin(angle)])
    to_camera = np.column_stack([right, [0.0, 1.0, 0.0], ahead])
    where = Position3D(tuple(ahead.tolist()), 0.01, 1.0, PositionSource.DEPTH)
    return HeadPose(rotation, where, 2.0, to_camera, 0.001)


@pytest.mark.parametrize(("yaw", "pitch"), [(0, 0), (30, 0), (-40, 0), (0, 25), (20, -15)])
def test_in_the_middle_of_the_image_the_angles_are_those_of_the_pose(yaw, pitch):
    turn = turn_from_camera(pose(rotation_of(yaw, pitch, 0)))
    assert math.degrees(turn.yaw) == pytest.approx(yaw, abs=1e-6)
    assert math.degrees(turn.pitch) == pytest.approx(pitch, abs=1e-6)


def test_who_looks_at_the_camera_from_the_side_is_not_turned_away():
    head = pose(rotation_of(0, 0, 0), aside_deg=30)
    looks = HeadPose(head.to_camera @ rotation_of(0, 0, 0), head.position, 2.0, head.to_camera, 0.001)
    assert turn_from_camera(looks).yaw == pytest.approx(0, abs=1e-9)
    assert abs(math.degrees(turn_from_camera(head).yaw)) == pytest.approx(30)
