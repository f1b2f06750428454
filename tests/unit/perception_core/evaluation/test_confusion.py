import math

import numpy as np
import pytest

from perception_core.evaluation.confusion import NO_ANSWER, confusion

KNOWN = ("calm", "glad", "cross")


def test_shares_of_a_class_and_of_all_are_different_things():
    """A class with few members weighs as much as the others in the mean recall, and little in the accuracy."""
    truths = ["calm"] * 8 + ["glad"] * 2
    answers = ["calm"] * 8 + ["calm", "glad"]
    found = confusion(truths, answers, KNOWN)
    assert found.accuracy == pytest.approx(0.9)
    assert found.recall == {"calm": 1.0, "glad": 0.5}
    assert found.mean_recall == pytest.approx(0.75)
    assert found.precision["calm"] == pytest.approx(8 / 9)
    assert found.precision["glad"] == 1.0


def test_a_class_that_nothing_belongs_to_has_no_row_but_can_be_answered():
    found = confusion(["calm", "calm"], ["calm", "cross"], KNOWN)
    assert found.classes == ("calm",)
    assert found.answers == (*KNOWN, NO_ANSWER)
    assert found.counts.tolist() == [[1, 0, 1, 0]]
    assert found.mean_recall == found.accuracy == 0.5


def test_no_answer_is_a_wrong_one():
    found = confusion(["glad", "glad"], ["glad", None], KNOWN)
    assert found.accuracy == 0.5
    assert found.counts[0, -1] == 1


def test_every_answer_is_counted_once():
    draw = np.random.default_rng(0)
    truths = [KNOWN[k] for k in draw.integers(0, 3, 500)]
    answers = [None if k == 3 else KNOWN[k] for k in draw.integers(0, 4, 500)]
    found = confusion(truths, answers, KNOWN)
    assert found.counts.sum() == 500
    assert found.accuracy == pytest.approx(np.mean([a == b for a, b in zip(truths, answers, strict=True)]))


def test_of_nothing_nothing_is_said():
    found = confusion([], [], KNOWN)
    assert math.isnan(found.accuracy) and math.isnan(found.mean_recall) and found.recall == {}


@pytest.mark.parametrize(("truths", "answers"), [(["calm"], ["odd"]), (["odd"], ["calm"]), (["calm"], [])])
def test_what_nobody_knows_is_refused(truths, answers):
    with pytest.raises(ValueError):
        confusion(truths, answers, KNOWN)
