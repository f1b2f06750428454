import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from person_perception.rigid_motion import MotionError, RigidMotion

AHEAD, RIGHT, DOWN = (0.0, 0.0, 1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)  # in an optical frame

metres = st.floats(-10, 10)
angles = st.floats(-math.pi, math.pi)
motions = st.builds(RigidMotion.of_camera, st.tuples(metres, metres, metres), angles, angles, angles)
places = st.tuples(metres, metres, metres)


def test_a_level_camera_sees_ahead_what_is_ahead_of_the_robot():
    motion = RigidMotion.of_camera((0.1, 0.2, 1.3), 0.0, 0.0, 0.0)
    assert motion.point((0.0, 0.0, 2.0)) == pytest.approx((2.1, 0.2, 1.3))
    assert motion.direction(RIGHT) == pytest.approx((0, -1, 0))
    assert motion.direction(DOWN) == pytest.approx((0, 0, -1))


@pytest.mark.parametrize(
    ("roll", "pitch", "yaw", "ahead", "right"),
    [
        (0, math.pi / 2, 0, (0, 0, -1), (0, -1, 0)),
        (0, 0, math.pi / 2, (0, 1, 0), (1, 0, 0)),
        (math.pi / 2, 0, 0, (1, 0, 0), (0, 0, -1)),
    ],
    ids=["looks down", "looks to the left", "lies on its right side"],
)
def test_a_turned_camera_sees_with_it(roll, pitch, yaw, ahead, right):
    motion = RigidMotion.of_camera((0, 0, 0), roll, pitch, yaw)
    assert motion.direction(AHEAD) == pytest.approx(ahead, abs=1e-9)
    assert motion.direction(RIGHT) == pytest.approx(right, abs=1e-9)


@given(motions, places)
def test_there_and_back_is_where_it_was(motion, place):
    assert motion.inverse().point(motion.point(place)) == pytest.approx(place, abs=1e-6)


@given(motions, motions, places)
def test_two_motions_are_one(first, second, place):
    assert second.after(first).point(place) == pytest.approx(second.point(first.point(place)), abs=1e-6)


@given(motions, places)
def test_many_points_go_where_each_goes(motion, place):
    points = np.array([place, (1, 2, 3)], np.float32)
    np.testing.assert_allclose(motion.points(points), [motion.point(each) for each in points], atol=1e-4)
    np.testing.assert_allclose(motion.directions(points), [motion.direction(each) for each in points], atol=1e-4)


@given(motions, motions, places)
def test_an_orientation_turns_like_what_it_stands_for(motion, held, place):
    orientation = RigidMotion.none().turned((0.0, 0.0, 0.0, 1.0))
    for each in (held, motion):
        turned = each.turned(orientation)
        as_motion = RigidMotion.from_quaternion((0, 0, 0), turned)
        before = RigidMotion.from_quaternion((0, 0, 0), orientation)
        assert as_motion.direction(place) == pytest.approx(each.direction(before.direction(place)), abs=1e-5)
        orientation = turned


def test_a_quaternion_of_any_length_is_a_rotation():
    motion = RigidMotion.from_quaternion((1, 2, 3), (0, 0, 5, 5))
    assert motion.point((1, 0, 0)) == pytest.approx((1, 3, 3))


def test_what_is_not_known_stays_so():
    assert all(map(math.isnan, RigidMotion.none().point((math.nan,) * 3)))


@pytest.mark.parametrize(
    ("translation", "quaternion"),
    [((0, 0, 0), (0, 0, 0, 0)), ((math.nan, 0, 0), (0, 0, 0, 1)), ((0, 0, 0), (0, math.inf, 0, 1))],
)
def test_no_place_in_a_frame_is_refused(translation, quaternion):
    with pytest.raises(MotionError, match="no place in a frame"):
        RigidMotion.from_quaternion(translation, quaternion)
