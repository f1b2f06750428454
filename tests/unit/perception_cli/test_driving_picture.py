import math

import numpy as np
import pytest

from perception_cli.driving_picture import Drive, Mark, Walked, draw_drive
from perception_cli.driving_robot import DrivenPoint, DrivingRobot
from perception_core.sources.scene_robot import RobotPose

PATH = (176, 98, 26)
HALT = (50, 50, 200)
PERSON = (46, 92, 226)


def driven(angular=0.0):
    robot = DrivingRobot(command_timeout_s=10)
    robot.command(0.4, angular, 0.0)
    for k in range(100):
        robot.advance(k / 30)
    return robot.trail


def places(picture, tint):
    """Rows and columns of what has nearly this colour."""
    return np.nonzero(np.abs(picture.astype(int) - tint).sum(axis=2) < 40)


def test_a_path_goes_up_as_the_robot_goes_ahead_and_left_as_it_turns_left():
    straight, left = (draw_drive(Drive(driven(angular))) for angular in (0.0, 0.4))
    rows, columns = places(straight, PATH)
    assert np.ptp(rows) > 150
    assert np.ptp(columns) < 170  # the robot, and what its camera sees
    assert places(left, PATH)[1].min() < columns.min() - 40


def test_a_person_stands_where_they_are():
    picture = draw_drive(Drive(driven(), [Walked("somebody", [(2.0, 0.5), (3.0, 1.0)])]))
    rows, columns = places(picture, PERSON)
    nobody = draw_drive(Drive(driven()))
    robot_rows, robot_columns = places(nobody, PATH)
    assert rows.mean() < robot_rows.min()  # further ahead
    assert columns.mean() < robot_columns.mean() - 100  # 1 m to the left


def test_the_distance_kept_is_drawn_around_whom_it_is_kept_to():
    person = [Walked("somebody", [(3.0, 0.0)])]
    with_circle, without = (draw_drive(Drive(driven(), person, distance_m=metres)) for metres in (1.2, 0.0))
    rows, _ = np.nonzero((with_circle != without).any(axis=2))
    circle = rows[rows < 1000]  # above the legend, which names the distance
    assert np.ptp(circle) / 170 == pytest.approx(2.4, abs=0.05)


def test_what_halts_the_robot_is_red_and_told():
    quiet, told = (draw_drive(Drive(driven(), marks=marks)) for marks in ((), (Mark(2.0, "Open_Palm", halts=True),)))
    assert len(places(quiet, HALT)[0]) == 0
    assert len(places(told, HALT)[0]) > 60


def test_marks_at_the_same_place_do_not_cover_each_other():
    here = [DrivenPoint(0.0, RobotPose(), 0.0, 0.0)]
    one = draw_drive(Drive(here, marks=[Mark(0.0, "stop", halts=True)]))
    two = draw_drive(Drive(here, marks=[Mark(0.0, "stop", halts=True)] * 2))
    assert np.ptp(places(two, HALT)[0]) > np.ptp(places(one, HALT)[0]) + 10


@pytest.mark.parametrize("pose", [RobotPose(-9.0, 0.0, 0.0), RobotPose(40.0, -40.0, math.pi)])
def test_a_robot_that_leaves_the_room_breaks_nothing(pose):
    picture = draw_drive(Drive([DrivenPoint(0.0, RobotPose(), 0.4, 0.0), DrivenPoint(1.0, pose, 0.0, 0.0)]))
    assert 700 < picture.shape[1] < 900 and picture.shape[0] < 1600


def test_a_drive_without_a_trail_is_refused():
    with pytest.raises(ValueError, match="trail"):
        draw_drive(Drive([]))
