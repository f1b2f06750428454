import numpy as np
import pytest

from gesture_perception.hand_sameness import same_hand, same_palm
from gesture_perception.palms import PalmDetection
from perception_core.geometry import Box


@pytest.fixture
def at(open_hand, landmarks_of):
    """The open hand, 500 pixels to the metre, about this place; as a left hand if mirrored."""

    def place(x, y, *, mirrored=False):
        points = open_hand[:, :2] * ([-500, 500] if mirrored else [500, 500])
        return landmarks_of(points + np.array([x, y]))

    return place


def palm_of(landmarks, shift=(0, 0), off=0.0):
    points = landmarks.points[[0, 5, 9, 13, 17, 1, 2], :2] + np.float32(shift)
    (left, top), (width, height) = points.min(axis=0).tolist(), np.ptp(points, axis=0).tolist()
    side = max(width, height)
    wrong = np.random.default_rng(0).normal(0, off * side, points.shape).astype(np.float32)
    return PalmDetection(Box(left, top, side, side), 0.9, points + wrong)


def test_what_settles_on_one_hand_is_one(at):
    assert same_hand(at(200, 200), at(203, 198))


@pytest.mark.parametrize("other", [(320, 200, False), (200, 330, False), (203, 200, True), (235, 200, False)])
def test_hands_beside_and_on_each_other_are_two(at, other):
    x, y, mirrored = other
    assert not same_hand(at(200, 200), at(x, y, mirrored=mirrored))


def test_points_that_are_no_numbers_are_no_known_hand(at, landmarks_of):
    assert not same_hand(at(200, 200), landmarks_of(np.full((21, 2), np.nan)))


@pytest.mark.parametrize("off", [0.0, 0.1, 0.4])
def test_a_palm_is_that_of_its_hand_also_where_its_points_are_poor(at, off):
    assert same_palm(palm_of(at(200, 200), off=off), at(200, 200))


def test_the_palm_of_another_hand_is_another(at):
    assert not same_palm(palm_of(at(200, 200)), at(260, 200))
    assert not same_palm(palm_of(at(200, 200)), at(200, 270))
