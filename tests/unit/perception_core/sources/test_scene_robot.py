import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perception_core.sources.scene_camera import INTRINSICS
from perception_core.sources.scene_path import Pose
from perception_core.sources.scene_robot import AT_REST, RobotPose, on_floor, seen_from
from perception_core.sources.scene_source import SceneSource
from perception_core.sources.scenes import empty, static

METRES = st.floats(-3, 3)
HEADINGS = st.floats(-math.pi, math.pi)


@given(METRES, METRES, HEADINGS, METRES, METRES)
def test_distances_do_not_depend_on_where_the_camera_looks(x, y, heading, right, ahead):
    seen = seen_from(RobotPose(x, y, heading), Pose(right, 0.3, ahead, 0.1))
    place_ahead, place_left = on_floor((right, 0.3, ahead))
    assert math.hypot(seen.x, seen.z) == pytest.approx(math.hypot(place_ahead - x, place_left - y), abs=1e-9)
    assert (seen.y, seen.roll) == (0.3, 0.1)


def test_a_robot_that_drives_on_comes_closer_and_one_that_turns_left_sees_things_move_right():
    thing = Pose(0.0, 0.0, 2.0)
    assert seen_from(RobotPose(x=0.5), thing).z == pytest.approx(1.5)
    assert seen_from(RobotPose(heading=0.2), thing).x > 0.3
    assert seen_from(RobotPose(y=0.5), thing).x == pytest.approx(0.5)


@pytest.fixture(scope="module")
def two_faces(scene_pictures):
    return SceneSource(static(2.0), scene_pictures)


@pytest.fixture(scope="module")
def room():
    return SceneSource(empty(), {})


def test_a_scene_that_is_seen_from_its_usual_place_is_the_same_byte_for_byte(two_faces):
    for k in (0, 40):
        usual, placed = two_faces.frame(k), two_faces.frame(k, RobotPose(0.0, 0.0, 0.0))
        np.testing.assert_array_equal(usual.colour, placed.colour)
        np.testing.assert_array_equal(usual.depth.raw, placed.depth.raw)
        assert two_faces.truth(k) == two_faces.truth(k, AT_REST)


def test_a_room_in_perspective_is_the_room_that_is_painted_for_a_camera_at_rest(room):
    usual, moved = room.frame(3), room.frame(3, RobotPose(x=1e-9))
    assert np.abs(usual.colour.astype(int) - moved.colour).mean() < 4
    np.testing.assert_allclose(usual.depth.metres(), moved.depth.metres(), atol=0.02)


@pytest.mark.parametrize(
    ("robot", "distance"),
    [
        (RobotPose(x=1.0), 4.0),
        (RobotPose(heading=math.pi / 2), 2.0),
        (RobotPose(y=0.5, heading=math.pi / 2), 1.5),
        (RobotPose(heading=-math.pi / 2, y=0.5), 2.5),
        (RobotPose(heading=math.pi, x=-0.5), 2.5),
    ],
)
def test_the_wall_ahead_is_as_far_as_it_is(room, robot, distance):
    metres = room.frame(0, robot).depth.metres()
    assert np.nanmedian(metres[220:260, 300:340]) == pytest.approx(distance, abs=0.03)


def test_a_robot_outside_the_room_sees_it_from_the_wall(room):
    metres = room.frame(0, RobotPose(x=40.0, y=-40.0)).depth.metres()
    assert np.nanmedian(metres[220:260, 300:340]) < 0.2


def test_faces_are_where_the_moved_camera_sees_them(two_faces, detect_faces):
    robot = RobotPose(0.7, 0.15, -0.12)
    truth = two_faces.truth(0, robot).faces
    found = detect_faces(two_faces.frame(0, robot).colour)
    assert len(found) == len(truth) == 2
    for row, face in zip(sorted(found, key=lambda row: row[0]), truth, strict=True):
        assert INTRINSICS.project([face.sellion])[0] == pytest.approx(face.pixel, abs=1e-6)
        assert np.hypot(*((row[4:6] + row[6:8]) / 2 - face.pixel)) < 0.05 * face.box.width + 1


def test_who_is_behind_the_camera_is_neither_painted_nor_true(two_faces, room):
    robot = RobotPose(x=2.5)
    assert two_faces.truth(0, robot).faces == ()
    np.testing.assert_array_equal(two_faces.frame(0, robot).colour, room.frame(0, robot).colour)


def test_a_moved_camera_sees_the_same_whatever_it_saw_before(room):
    robot = RobotPose(0.3, 0.1, 0.2)
    first = room.frame(5, robot)
    room.frame(6, RobotPose(1.0, 0.0, -0.4))
    np.testing.assert_array_equal(room.frame(5, robot).colour, first.colour)
