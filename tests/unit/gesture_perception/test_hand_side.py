import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gesture_perception.hand import Side
from gesture_perception.hand_side import SideEvidence


def after(looks):
    evidence = SideEvidence()
    for look in looks:
        evidence.update(look)
    return evidence.told


def test_nothing_is_known_before_a_look():
    side, certainty = after([])
    assert side is Side.UNKNOWN and math.isnan(certainty)


@pytest.mark.parametrize(("right", "side"), [(0.95, Side.RIGHT), (0.05, Side.LEFT)])
def test_one_sure_look_is_enough_to_begin_with(right, side):
    told, certainty = after([right])
    assert told is side and certainty > 0.9


def test_a_look_at_a_hand_edgewise_does_not_change_its_side():
    assert after([0.97] * 10 + [0.05, 0.1])[0] is Side.RIGHT


def test_a_side_that_was_wrong_is_put_right():
    assert after([0.9] * 10 + [0.03] * 12)[0] is Side.LEFT


@pytest.mark.parametrize("nothing", [math.nan, 0.5])
def test_a_look_that_says_nothing_changes_nothing(nothing):
    assert after([0.9, nothing]) == after([0.9])
    assert after([nothing, 0.1]) == after([0.1])


@given(st.lists(st.floats(0, 1) | st.just(math.nan), min_size=1, max_size=40))
def test_the_certainty_lies_between_a_half_and_one(looks):
    side, certainty = after(looks)
    assert math.isnan(certainty) if side is Side.UNKNOWN else 0.5 <= certainty <= 1


# Nearer to 0.5 it may be exactly that on one side only.
@given(st.lists(st.floats(0, 1).filter(lambda look: look == 0.5 or abs(look - 0.5) > 1e-9), min_size=1, max_size=40))
def test_left_and_right_are_treated_alike(looks):
    other = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT}
    side, certainty = after(looks)
    mirrored, as_certain = after([1 - look for look in looks])
    if certainty > 0.5001:
        assert mirrored is other[side] and as_certain == pytest.approx(certainty, abs=1e-9)
