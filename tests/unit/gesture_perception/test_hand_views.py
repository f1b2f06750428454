import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gesture_perception.hand_points import INDEX_MCP, LITTLE_MCP, MIDDLE_MCP, THUMB_MCP, THUMB_TIP, WRIST
from gesture_perception.hand_views import thumb_up, to_front, upright

from .bone_hands import NAMES, bones, hand, turn

ANGLES = st.floats(-180, 180)
POSES = [bones(NAMES, "out"), bones(()), bones(("index", "middle"))]


def seen(points, rotation, **view):
    landmarks = hand(points, rotation, **view)
    return landmarks.points.astype(np.float64), landmarks.right


def turned(points, turn):
    return (points - points[WRIST]) @ np.array(turn(points.tolist()))


def front(right):
    return lambda points: to_front(points, right)


def straight_up(direction):
    return direction[1] < 0 and abs(direction[0]) < 1e-6 * abs(direction[1]) + 1e-9


@given(around=ANGLES, aside=ANGLES)
@settings(max_examples=40)
def test_an_upright_hand_has_its_fingers_above_the_wrist(around, aside):
    points, _ = seen(POSES[0], turn(around) @ turn(aside * 0.4, 1))
    view = turned(points, upright)
    assert straight_up(view[MIDDLE_MCP] - view[WRIST])


@given(around=ANGLES)
def test_a_thumb_is_turned_up(around):
    points, _ = seen(bones((), "out"), turn(around))
    view = turned(points, thumb_up)
    assert straight_up(view[THUMB_TIP] - view[THUMB_MCP])


@given(around=ANGLES, aside=ANGLES, forward=ANGLES, left=st.booleans())
@settings(max_examples=60)
def test_from_the_front_a_hand_looks_the_same_however_it_was_turned(around, aside, forward, left):
    rotation = turn(around) @ turn(aside, 1) @ turn(forward, 0)
    for pose in POSES:
        as_held, right = seen(pose, None, left=left)
        points, _ = seen(pose, rotation, left=left)
        size = np.ptp(as_held, axis=0).max()
        assert turned(points, front(right)) == pytest.approx(turned(as_held, front(right)), abs=1e-3 * size)


@pytest.mark.parametrize("left", [False, True])
def test_a_hand_that_is_held_up_to_the_camera_stays_as_it_is(left):
    points, right = seen(POSES[0], None, left=left)
    view, plain = turned(points, front(right)), turned(points, upright)
    assert view == pytest.approx(plain, abs=0.04 * np.ptp(points, axis=0).max())
    assert (view[INDEX_MCP, 0] > view[LITTLE_MCP, 0]) is not left


def test_a_hand_seen_from_behind_is_turned_about():
    points, right = seen(POSES[0], turn(180, 1))
    assert points[INDEX_MCP, 0] < points[LITTLE_MCP, 0]
    view = turned(points, front(right))
    assert view[INDEX_MCP, 0] > view[LITTLE_MCP, 0]


@given(around=ANGLES, aside=ANGLES)
@settings(max_examples=30)
def test_a_turn_keeps_the_shape(around, aside):
    points, right = seen(POSES[2], turn(around) @ turn(aside, 1))
    for view in (upright, thumb_up, front(right)):
        matrix = np.array(view(points.tolist()))
        assert matrix @ matrix.T == pytest.approx(np.eye(3), abs=1e-9)
        assert np.linalg.det(matrix) == pytest.approx(1)


@pytest.mark.parametrize("broken", [7.0, np.nan, np.inf, 3e38])
def test_points_that_are_no_hand_are_no_error(broken):
    points = [[broken] * 3] * 21
    for view in (upright, thumb_up, front(0.9)):
        assert np.array(view(points)).shape == (3, 3)
