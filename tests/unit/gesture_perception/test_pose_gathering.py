import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from perception_msgs.srv import TeachGesture

from gesture_perception.hand import Gesture, HandLandmarks
from gesture_perception.pose_gathering import PoseGathering, PoseView, TeachResult

HAND = HandLandmarks(np.zeros((21, 3), np.float32), np.zeros((21, 3), np.float32), 1.0, 1.0)
NONE = Gesture("None", 0.9)
THREE, FOUR = 3, 4
KEEP_LOST_S = 0.7


def direction(seed):
    numbers = np.random.default_rng(seed).normal(size=128)
    return numbers / np.linalg.norm(numbers)


def view(pose=THREE, frame=0, trembling=0.05):
    """A pose as it is seen in one frame; the cosine to the next frame is 1 - trembling² or so."""
    row = 50 * (direction(pose) + trembling * direction((pose, frame + 1)))
    return PoseView(HAND, row.astype(np.float32), NONE)


class Film:
    """A camera before which hands are held."""

    def __init__(self, gathering, rate_hz=30.0):
        self.gathering, self.rate_hz = gathering, rate_hz
        self.seconds, self.frame = 1.0, 0

    def show(self, seconds, *visible, pose=THREE, trembling=0.05, found=True):
        for _ in range(round(seconds * self.rate_hz)):
            self.frame += 1
            self.seconds += 1 / self.rate_hz
            wanted = self.gathering.whose(visible)
            seen = view(pose, self.frame, trembling) if found and wanted in visible else None
            self.gathering.take(round(self.seconds * 1e9), visible, seen)
            if self.gathering.end is not None:
                return self.gathering.end.result
        return None


@pytest.fixture
def gathering():
    return PoseGathering(0, 5, KEEP_LOST_S)


def test_the_results_are_those_of_the_service():
    constants = {name: getattr(TeachGesture.Response, name) for name in dir(TeachGesture.Response) if name.isupper()}
    assert {result.name: result.value for result in TeachResult} == {
        name: value for name, value in constants.items() if isinstance(value, int)
    }


@pytest.mark.parametrize("rate_hz", [5.0, 10.0, 30.0, 60.0])
def test_a_hand_that_is_held_still_gives_views_apart_from_each_other(gathering, rate_hz):
    film = Film(gathering, rate_hz)
    assert film.show(3, 7) is TeachResult.OK
    assert len(gathering.views) == 5 and gathering.track_id == 7
    assert 4 * 0.25 <= film.seconds - 1.0 <= 5 * (0.25 + 1 / rate_hz) + 2 / rate_hz


def test_a_hand_that_moves_gives_no_views(gathering):
    assert Film(gathering).show(2, 7, trembling=1.0) is None
    assert gathering.views == [] and "hold it still" in gathering.refused.most_common(1)[0][0]


def test_the_same_image_again_and_again_is_no_view(gathering):
    for k in range(90):
        gathering.take(round(k / 30 * 1e9), [7], view())
    assert gathering.views == [] and "same" in gathering.refused.most_common(1)[0][0]


def test_a_hand_on_its_way_to_the_pose_does_not_spoil_it(gathering):
    film = Film(gathering)
    film.show(0.1, 7, pose=FOUR)
    assert film.show(4, 7) is TeachResult.OK
    assert all(each.embedding @ direction(THREE) > 40 for each in gathering.views)


def test_a_finger_that_slips_once_is_left_out(gathering):
    film = Film(gathering)
    film.show(0.6, 7)
    film.show(0.3, 7, pose=FOUR)
    assert film.show(4, 7) is TeachResult.OK
    assert all(each.embedding @ direction(THREE) > 40 for each in gathering.views)


def test_of_two_hands_none_is_guessed(gathering):
    assert Film(gathering).show(1, 7, 8) is TeachResult.SEVERAL_HANDS
    assert "track_id" in gathering.end.message


def test_the_hand_that_is_named_is_taken_beside_another():
    gathering = PoseGathering(8, 5, KEEP_LOST_S)
    assert Film(gathering).show(3, 7, 8) is TeachResult.OK


def test_a_second_hand_that_comes_meanwhile_ends_what_was_meant_for_one_alone(gathering):
    film = Film(gathering)
    film.show(0.5, 7)
    assert film.show(0.5, 7, 8) is TeachResult.SEVERAL_HANDS


def test_a_hand_that_was_named_and_goes_away_ends_it():
    gathering = PoseGathering(7, 5, KEEP_LOST_S)
    film = Film(gathering)
    film.show(0.5, 7)
    assert film.show(0.6) is None
    assert film.show(0.3) is TeachResult.NO_SUCH_HAND


def test_the_only_hand_may_be_lost_and_come_back_with_another_id(gathering):
    film = Film(gathering)
    film.show(0.6, 7)
    views = len(gathering.views)
    assert film.show(2.0) is None
    assert film.show(3, 9) is TeachResult.OK
    assert 0 < views < 5 == len(gathering.views)


def test_a_hand_that_is_not_there_ends_it():
    gathering = PoseGathering(99, 5, KEEP_LOST_S)
    assert Film(gathering).show(1, 7) is TeachResult.NO_SUCH_HAND
    assert "99" in gathering.end.message


def test_a_hand_that_is_bridged_for_a_moment_is_waited_for(gathering):
    film = Film(gathering)
    film.show(0.5, 7)
    film.show(0.4, 7, found=False)
    assert film.show(3, 7) is TeachResult.OK


def test_time_that_goes_back_ends_it(gathering):
    film = Film(gathering)
    film.show(0.5, 7)
    film.seconds -= 10
    assert film.show(0.1, 7) is TeachResult.NO_SUCH_HAND


def test_motion_blur_that_loses_the_description_is_no_view(gathering):
    film = Film(gathering)
    lost = PoseView(HAND, np.full(128, math.nan, np.float32), NONE)
    for k in range(60):
        gathering.take(round(k / 30 * 1e9), [7], lost)
    assert gathering.views == [] and gathering.end is None
    film.seconds = 3.0
    assert film.show(3, 7) is TeachResult.OK


@given(st.lists(st.tuples(st.floats(0, 0.5), st.lists(st.integers(1, 3), unique=True), st.booleans()), max_size=60))
def test_whatever_comes_no_two_views_are_close_in_time_and_there_are_never_too_many(images):
    gathering, stamp_ns, taken = PoseGathering(0, 5, KEEP_LOST_S), 0, []
    for frame, (seconds, visible, found) in enumerate(images):
        stamp_ns += round(seconds * 1e9)
        before = len(gathering.views)
        gathering.take(stamp_ns, visible, view(frame=frame) if found and visible else None)
        if len(gathering.views) > before:
            taken.append(stamp_ns)
    assert len(gathering.views) <= 5
    assert all(later - earlier >= 0.25e9 for earlier, later in pairwise(taken))
