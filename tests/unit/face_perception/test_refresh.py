"""Who is served when not everybody can be."""

from collections import Counter

import pytest

from face_perception.refresh import Turns


def served(turns, people, frames):
    """How often everybody had a turn, and the most who had one at the same time."""
    counts, at_once = Counter(), 0
    for frame in range(frames):
        now = turns(list(people), frame)
        counts.update(now)
        at_once = max(at_once, len(now))
    return counts, at_once


@pytest.mark.parametrize("people", [1, 2])
def test_a_few_are_each_served_in_every_period(people):
    counts, at_once = served(Turns(3, many=2, at_once=1), range(people), 300)
    assert all(counts[each] in {99, 100} for each in range(people))
    assert at_once == 1


@pytest.mark.parametrize("people", [3, 6, 20])
def test_a_crowd_is_served_in_turn_and_has_no_more_turns_than_a_few(people):
    counts, _ = served(Turns(3, many=2, at_once=1), range(people), 600)
    assert 200 <= sum(counts.values()) <= 402
    assert max(counts.values()) - min(counts.values()) <= 1


def test_who_comes_new_is_served_before_those_who_wait():
    turns = Turns(3, many=2, at_once=1)
    for frame in range(30):
        turns([1, 2, 3], frame)
    later = [turns([1, 2, 3, 4], 30 + frame) for frame in range(3)]
    assert next(now for now in later if now) == [4]


def test_many_newcomers_are_served_one_after_the_other():
    turns = Turns(3, many=2, at_once=1)
    assert [turns([1, 2], frame) for frame in range(5)] == [[1], [2], [], [1], [2]]


def test_stamps_that_tremble_lose_no_turn():
    turns = Turns(0.1, many=1, at_once=1)
    stamps = [frame / 30 + (0.003 if frame % 2 else -0.003) for frame in range(300)]
    assert sum(len(turns([1], stamp)) for stamp in stamps) == pytest.approx(100, abs=2)


def test_when_time_jumps_back_everybody_is_new():
    turns = Turns(1.0, many=2, at_once=2)
    assert turns([1, 2], 100.0) == [1, 2]
    assert turns([1, 2], 100.1) == []
    assert turns([1, 2], 5.0) == [1, 2]


def test_who_leaves_and_returns_within_a_period_gains_no_turn():
    turns = Turns(1.0, many=5, at_once=5)
    assert turns([1], 0.0) == [1]
    assert turns([], 0.1) == []
    assert turns([1], 0.2) == []


@pytest.mark.parametrize(("period", "many", "at_once"), [(0, 1, 1), (1, 0, 1), (1, 1, 0), (float("nan"), 1, 1)])
def test_a_rule_without_sense_is_refused(period, many, at_once):
    with pytest.raises(ValueError, match="needs numbers above 0"):
        Turns(period, many, at_once)
