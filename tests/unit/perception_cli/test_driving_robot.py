import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perception_cli.driving_robot import DrivingRobot
from perception_core.sources.scene_robot import RobotPose

SPEEDS = st.floats(-1, 1)
STEPS = st.lists(st.tuples(st.floats(0.001, 0.4), SPEEDS, SPEEDS), min_size=1, max_size=30)


def test_a_robot_drives_straight_ahead():
    robot = DrivingRobot()
    robot.command(0.4, 0.0, 1.0)
    assert robot.advance(1.25) == RobotPose(pytest.approx(0.1), 0.0, 0.0)


def test_a_robot_drives_a_quarter_of_a_circle_to_the_left():
    robot = DrivingRobot(command_timeout_s=10)
    robot.command(math.pi / 4, math.pi / 4, 0.0)  # radius 1 m
    pose = robot.advance(2.0)
    assert (pose.x, pose.y, pose.heading) == pytest.approx((1.0, 1.0, math.pi / 2))


def test_it_drives_the_way_it_looks():
    robot = DrivingRobot(RobotPose(1.0, 2.0, math.pi / 2))
    robot.command(-0.5, 0.0, 0.0)
    pose = robot.advance(0.4)
    assert (pose.x, pose.y) == pytest.approx((1.0, 1.8))


def test_it_stops_when_nobody_commands_it_any_more():
    robot = DrivingRobot(command_timeout_s=0.5)
    robot.command(1.0, 0.0, 0.0)
    assert robot.advance(9.0).x == pytest.approx(0.5)
    assert robot.now.linear == 0
    robot.command(1.0, 0.0, 9.0)
    assert robot.advance(9.1).x == pytest.approx(0.6)


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
def test_a_command_that_is_no_number_stops_it(broken):
    robot = DrivingRobot()
    robot.command(1.0, 0.0, 0.0)
    robot.command(0.3, broken, 0.1)
    assert robot.advance(0.4).x == pytest.approx(0.1)


def test_time_does_not_go_back():
    robot = DrivingRobot()
    robot.command(1.0, 0.0, 1.0)
    robot.advance(1.2)
    assert robot.advance(0.5).x == pytest.approx(0.2)
    assert robot.now.at_s == 1.2


@pytest.mark.parametrize("timeout", [0.0, -1.0, math.nan, math.inf])
def test_a_timeout_that_is_none_is_refused(timeout):
    with pytest.raises(ValueError, match="command_timeout_s is"):
        DrivingRobot(command_timeout_s=timeout)


@given(STEPS)
def test_the_trail_is_continuous_and_as_long_as_the_speed_allows(steps):
    robot, now = DrivingRobot(), 0.0
    for seconds, linear, angular in steps:
        robot.command(linear, angular, now)
        now += seconds
    robot.advance(now)
    for before, after in zip(robot.trail[:-1], robot.trail[1:], strict=True):
        seconds = after.at_s - before.at_s
        moved = math.hypot(after.pose.x - before.pose.x, after.pose.y - before.pose.y)
        assert seconds > 0
        assert moved <= abs(before.linear) * seconds + 1e-9


@given(SPEEDS, SPEEDS, st.floats(0.01, 0.5))
def test_many_small_steps_end_where_one_large_step_does(linear, angular, seconds):
    once, often = DrivingRobot(), DrivingRobot()
    once.command(linear, angular, 0.0)
    often.command(linear, angular, 0.0)
    for k in range(1, 21):
        often.advance(seconds * k / 20)
    assert (often.now.pose.x, often.now.pose.y) == pytest.approx((once.advance(seconds).x, once.now.pose.y), abs=1e-9)
