from dataclasses import replace

import numpy as np
import pytest

from benchmarks.harness.made_people import Knowing, film
from benchmarks.harness.people_scenes import SCENES, TWO_PEOPLE
from benchmarks.people import crowd, judge, tally

SEED = 11


@pytest.mark.parametrize("name", TWO_PEOPLE)
@pytest.mark.parametrize("knowing", list(Knowing))
def test_of_two_people_side_by_side_every_gesture_has_its_author_and_hands_are_given_to_whom_they_belong(name, knowing):
    told = tally(SCENES[name], knowing, SEED)
    assert told.authors_right == told.authors > 100
    assert told.right >= 0.97 * told.hands
    assert told.wrong == 0


# With seed 12 the hand of the unseen could be the other's right one, which was in view before and then goes.
@pytest.mark.parametrize(
    ("name", "seed"), [("hand_of_the_unseen", SEED), ("hand_of_the_unseen", 12), ("hand_from_behind_the_camera", SEED)]
)
@pytest.mark.parametrize("knowing", [Knowing.DEPTH, Knowing.SIZE])
def test_the_hand_of_somebody_who_is_not_in_view_is_nobodys(name, seed, knowing):
    assert tally(SCENES[name], knowing, seed).wrong == 0


# Who shakes hands is turned away from the camera by up to 65 degrees; the fusion expects shoulders that face it.
@pytest.mark.parametrize(
    ("name", "least"),
    [("one_behind_the_other", 0.9), ("walking_past", 0.9), ("one_turns_away", 0.9), ("shaking_hands", 0.8)],
)
def test_with_depth_nobody_is_given_the_hand_of_another(name, least):
    told = tally(SCENES[name], Knowing.DEPTH, SEED)
    assert told.wrong == 0
    assert told.right >= least * told.hands
    assert told.ids == [1, 1]
    assert told.mixed == 0


def test_a_judge_who_is_told_of_exchanged_people_notices():
    frames = list(film(SCENES["side_by_side"](np.random.default_rng(3)), 2.0, Knowing.DEPTH, 3))
    exchanged = [replace(seen, face_of={face: 1 - who for face, who in seen.face_of.items()}) for seen in frames]
    assert judge(frames).wrong == 0
    assert judge(exchanged).right == 0


def test_the_crowd_that_is_timed_has_four_people_and_up_to_eight_hands():
    frames = list(film(crowd(), 1.0, Knowing.DEPTH, 0))
    assert max(len(seen.faces) for seen in frames) == 4
    assert max(len(seen.hands) for seen in frames) == 8
