import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perception_core.sources.scene_path import Walk, Waypoint

WALK = Walk(
    (Waypoint(1.0, -1.0, 2.0), Waypoint(3.0, 1.0, 1.0), Waypoint(5.0, 1.0, 1.0)), period=10.0, y=-0.1, sway=False
)


def test_a_walker_is_at_its_waypoints_in_time():
    for waypoint in WALK.waypoints:
        pose = WALK.at(waypoint.second)
        assert (pose.x, pose.y, pose.z) == pytest.approx((waypoint.x, -0.1, waypoint.z))


def test_halfway_in_time_is_halfway_in_space():
    pose = WALK.at(2.0)
    assert (pose.x, pose.z) == pytest.approx((0.0, 1.5))


@given(st.floats(0, 100))
def test_a_walk_repeats_after_its_period(second):
    before, after = WALK.at(second), WALK.at(second + WALK.period)
    assert (before.x, before.z) == pytest.approx((after.x, after.z), abs=1e-6)


@given(st.floats(0, 30), st.booleans())
def test_nobody_jumps(second, sway):
    walk = Walk(WALK.waypoints, WALK.period, WALK.y, sway)
    before, after = walk.at(second), walk.at(second + 1 / 30)
    fastest = 1.875 * math.hypot(2.0, 1.0) / 2.0  # of a minimum-jerk movement, against its mean speed
    swaying = 0.06
    assert math.dist((before.x, before.z), (after.x, after.z)) <= (fastest + swaying) / 30 + 1e-6


def test_a_cut_leaves_the_walker_standing_until_it_is_elsewhere():
    walk = Walk((Waypoint(0.0, 0.0, 2.0), Waypoint(4.0, 3.0, 2.0, cut=True)), 8.0, 0.0, sway=False)
    assert walk.at(3.99).x == 0.0
    assert walk.at(4.0).x == 3.0


def test_one_waypoint_is_a_place_to_stay():
    walk = Walk((Waypoint(0.0, 0.3, 1.2),), 5.0, 0.0, sway=False)
    assert {walk.at(second).x for second in (0.0, 1.7, 4.99, 12.0)} == {0.3}


def test_who_sways_stays_within_two_centimetres_and_two_degrees():
    walk = Walk((Waypoint(0.0, 0.0, 1.0),), 20.0, 0.0)
    poses = [walk.at(k / 30) for k in range(600)]
    assert max(math.dist((p.x, p.y, p.z), (0, 0, 1)) for p in poses) < 0.02
    assert max(abs(p.roll) for p in poses) < math.radians(2)
    assert len({p.x for p in poses}) > 100


def test_a_moment_that_rounding_makes_the_end_of_the_period_is_the_beginning():
    first = Waypoint(19.6 - 0.9, 0.5, 1.5, below=0.2)
    walk = Walk((first, Waypoint(25.0, 0.0, 1.0)), 40.0, 0.1, sway=False)
    pose = walk.at(18.7)  # a little less than 19.6 - 0.9, but not after 40 has been added
    assert (pose.x, pose.y, pose.z) == pytest.approx((0.5, 0.3, 1.5))


def test_what_is_lowered_is_below_its_height():
    walk = Walk((Waypoint(0.0, 0.0, 1.0, below=0.6), Waypoint(2.0, 0.0, 1.0)), 10.0, 0.1, sway=False)
    assert walk.at(0.0).y == pytest.approx(0.7)
    assert walk.at(2.0).y == pytest.approx(0.1)
    assert walk.at(1.0).y == pytest.approx(0.4)
