import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gesture_perception.finger_geometry import FOUR, LITTLE, MIDDLE, measured

from .bone_hands import NAMES, bones, finger, hand, ring, turn

ANGLES = st.floats(-180, 180)
OF_VIEW = ("from_up",)


def one(points, *turns, **view):
    (geometry,) = measured([hand(points, *turns, **view)])
    return geometry


def values(geometry):
    """Every measure that does not depend on the view."""
    return np.hstack([getattr(geometry, name) for name in geometry.__slots__ if name not in OF_VIEW])


@pytest.mark.parametrize("thumb", ["over", "out"])
@pytest.mark.parametrize("raised", [names for k in range(5) for names in itertools.combinations(NAMES, k)])
def test_raised_fingers_are_counted_whichever_they_are(raised, thumb):
    assert one(bones(raised, thumb)).raised == len(raised) + (thumb == "out")


@given(around=ANGLES, aside=ANGLES, forward=ANGLES, scale=st.floats(100, 5000), left=st.booleans())
@settings(max_examples=60)
def test_the_fingers_are_the_same_from_every_side(around, aside, forward, scale, left):
    rotation = turn(around) @ turn(aside, 1) @ turn(forward, 0)
    for points in (bones(("index", "middle")), ring()):
        seen = one(points, rotation, scale=scale, left=left)
        assert values(seen) == pytest.approx(values(one(points)), abs=0.02, rel=1e-3)
        assert seen.raised == one(points).raised


def test_a_finger_that_bends_more_is_folded_more():
    folds = []
    for bend in range(0, 90, 10):
        points = bones(NAMES)
        points[9:13] = finger("middle", bend)
        folds.append(one(points).fold[MIDDLE])
    assert all(later > sooner for sooner, later in itertools.pairwise(folds))


def test_straight_fingers_have_no_bend_and_folded_ones_bend_at_two_joints():
    straight, folded = one(bones(NAMES)), one(bones(()))
    assert all(straight.bend[each] < 10 for each in FOUR)
    assert all(folded.bend[each] == pytest.approx(176, abs=1) for each in FOUR)


def test_thumb_and_index_that_meet_make_a_ring():
    geometry = one(ring())
    assert geometry.ring
    assert not geometry.pinch
    assert geometry.raised == 3


def test_with_the_others_folded_it_is_a_pinch():
    points = ring()
    for place, name in ((9, "middle"), (13, "ring"), (17, "little")):
        points[place : place + 4] = finger(name, 80)
    geometry = one(points)
    assert geometry.pinch
    assert not geometry.ring


def test_when_all_fingers_meet_the_thumb_it_is_an_o_and_no_pinch():
    points = ring()
    for place in (9, 13, 17):
        points[place + 1 : place + 4] = np.linspace(points[place] + (0, -0.02, -0.04), points[8], 3)
    assert not one(points).pinch


@pytest.mark.parametrize("points", [bones(()), bones(NAMES, "out"), bones(NAMES), bones(("index",), "out")])
def test_what_does_not_meet_is_neither(points):
    assert not one(points).ring
    assert not one(points).pinch


@pytest.mark.parametrize(("degrees", "from_up"), [(0, 0), (90, 90), (-90, 90), (180, 180)])
def test_a_hand_that_hangs_is_told(degrees, from_up):
    assert one(bones(NAMES), turn(degrees)).from_up == pytest.approx(from_up, abs=4)


def test_a_hand_that_points_at_the_camera_does_not_hang():
    assert one(bones(()), turn(95, 0)).from_up == pytest.approx(95, abs=4)


@pytest.mark.parametrize("worth", [math.nan, math.inf, 0.0, 1e30])
def test_what_is_no_hand_has_no_fingers(worth):
    fine = hand(bones(NAMES))
    for broken in (
        replace(fine, points=np.full((21, 3), worth, np.float32)),
        replace(fine, metric=np.full((21, 3), worth, np.float32)),
    ):
        geometry, beside = measured([broken, fine])
        assert geometry.raised == -1
        assert not geometry.usable
        assert not geometry.ring
        assert beside.raised == 4


def test_the_image_says_nothing_of_the_little_finger_that_the_metric_does_not_weigh():
    straight, folded = hand(bones(NAMES)), hand(bones(()))
    (mixed,) = measured([replace(straight, metric=folded.metric)])
    assert mixed.fold[LITTLE] == pytest.approx((one(bones(NAMES)).fold[LITTLE] + one(bones(())).fold[LITTLE]) / 2)


def test_no_hands_no_measures():
    assert measured([]) == []
