import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gesture_perception.finger_geometry import measured
from gesture_perception.pose_rules import FIST, LOVE, ONE, PALM, THUMB, VICTORY, Bound, PoseRule

from .bone_hands import NAMES, bones, hand, turn

RULES = {"fist": FIST, "palm": PALM, "one": ONE, "victory": VICTORY, "love": LOVE, "thumb": THUMB}
POSES = {
    "fist": bones(()),
    "palm": bones(NAMES, "out"),
    "one": bones(("index",)),
    "victory": bones(("index", "middle")),
    "love": bones(("index", "little"), "out"),
    "thumb": bones((), "out"),
}
CERTAIN = math.log(0.999 / 0.001)


def geometry_of(points, *turns):
    return measured([hand(points, *turns)])[0]


@pytest.mark.parametrize("name", RULES)
def test_a_pose_as_it_should_be_loses_nothing(name):
    assert RULES[name].evidence(0.5, geometry_of(POSES[name])) == pytest.approx(RULES[name].bias)


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("other", POSES)
def test_a_network_that_is_half_sure_is_not_believed_against_the_fingers(name, other):
    if name != other:
        assert RULES[name].evidence(0.5, geometry_of(POSES[other])) < 0


@pytest.mark.parametrize(
    ("rule", "near"),
    [
        (PALM, bones(NAMES)),  # four fingers
        (PALM, bones(("middle", "ring", "little"), "out")),
        (VICTORY, bones(("index", "middle"), "out")),  # three, counted with the thumb
        (VICTORY, bones(("index", "middle", "ring"))),
        (ONE, bones(("index",), "out")),
        (THUMB, bones(("little",), "out")),  # a telephone
        (FIST, bones(("little",))),
    ],
)
def test_even_a_sure_network_is_not_believed_when_a_finger_more_is_raised(rule, near):
    assert rule.evidence(0.8, geometry_of(near)) < 0


@pytest.mark.parametrize("name", ["fist", "palm"])
def test_a_hand_that_hangs_says_less(name):
    held, hanging = geometry_of(POSES[name]), geometry_of(POSES[name], turn(180))
    assert RULES[name].evidence(0.8, hanging) < 0 < RULES[name].evidence(0.8, held)


@given(low=st.floats(-5, 0), high=st.floats(0, 5), value=st.floats(-20, 20), scale=st.floats(0.1, 10))
def test_a_bound_takes_away_one_for_every_scale_beyond(low, high, value, scale):
    geometry = replace(geometry_of(POSES["fist"]), gap=value)
    beyond = Bound(lambda hand: hand.gap, low, high, scale).beyond(geometry)
    nearest = min(max(value, low), high)
    assert beyond == pytest.approx(abs(value - nearest) / scale)


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_probability_is_never_less_evidence(first, second):
    less, more = sorted((first, second))
    fist = geometry_of(POSES["fist"])
    assert FIST.evidence(less, fist) <= FIST.evidence(more, fist)


@pytest.mark.parametrize("probability", [0.0, 1.0, -0.1, 1.1])
def test_no_probability_is_beyond_doubt(probability):
    assert abs(PoseRule(0.0, ()).evidence(probability, geometry_of(POSES["fist"]))) <= CERTAIN + 1e-9
