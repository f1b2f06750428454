import pytest

from person_perception.frame_tree import FrameTree
from person_perception.rigid_motion import MotionError, RigidMotion

TO_THE_LEFT = (0.0, 0.0, 0.5**0.5, 0.5**0.5)


@pytest.fixture
def robot():
    tree = FrameTree()
    tree.put("base_link", "neck", RigidMotion.from_quaternion((0, 0, 1), TO_THE_LEFT))
    tree.put("neck", "camera_link", RigidMotion.from_quaternion((0.1, 0, 0), (0, 0, 0, 1)))
    tree.put("/camera_link", "camera_optical", RigidMotion.of_camera((0, 0, 0), 0, 0, 0))
    tree.put("base_link", "arm", RigidMotion.from_quaternion((0.5, 0, 0), (0, 0, 0, 1)))
    return tree


def test_the_way_goes_over_all_frames_between(robot):
    assert robot.between("camera_optical", "base_link").point((0, 0, 2)) == pytest.approx((0, 2.1, 1))


def test_it_goes_down_another_branch(robot):
    assert robot.between("camera_optical", "arm").point((0, 0, 2)) == pytest.approx((-0.5, 2.1, 1))


def test_a_frame_is_where_it_is_in_itself_known_or_not(robot):
    assert robot.between("nowhere", "/nowhere").point((1, 2, 3)) == (1, 2, 3)


@pytest.mark.parametrize(("source", "target"), [("nowhere", "base_link"), ("camera_optical", "map")])
def test_there_is_no_way_between_frames_that_nothing_connects(robot, source, target):
    assert robot.between(source, target) is None


def test_a_later_word_counts(robot):
    robot.put("base_link", "neck", RigidMotion.none())
    assert robot.between("camera_optical", "base_link").point((0, 0, 2)) == pytest.approx((2.1, 0, 0))


@pytest.mark.parametrize("parent", ["neck", "camera_optical"])
def test_a_frame_that_would_hang_on_itself_is_refused(robot, parent):
    with pytest.raises(MotionError, match="hangs on 'neck' already"):
        robot.put(parent, "neck", RigidMotion.none())
