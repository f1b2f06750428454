import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gesture_perception.motion_window import STEP_S
from gesture_perception.strokes import Stroke, strokes, swings


def along(*pieces):
    """Steps of a path from pieces of (right, down, seconds), each as an arm moves: slow, quick, slow."""
    points = [np.zeros((1, 2))]
    for right, down, seconds in pieces:
        share = np.linspace(0, 1, round(seconds / STEP_S) + 1)[1:]
        points.append(points[-1][-1] + (share**3 * (10 - 15 * share + 6 * share**2))[:, None] * [right, down])
    return np.concatenate(points)


def test_a_movement_from_rest_to_rest_is_one_stroke():
    (stroke,) = strokes(along((0, 0, 0.4), (0.3, -0.1, 0.4), (0, 0, 0.4)), 0.3)
    assert stroke.way == pytest.approx((0.3, -0.1), abs=0.03)
    assert stroke.path == pytest.approx(stroke.length, rel=1e-3)
    assert stroke.speed == pytest.approx(1.875 * math.hypot(0.3, 0.1) / 0.4, rel=0.05)
    assert 0.2 < stroke.seconds <= 0.4
    assert 0.4 <= stroke.start * STEP_S < 0.55


def test_there_and_back_are_two_strokes_against_each_other():
    there, back = strokes(along((0.3, 0, 0.4), (-0.3, 0.05, 0.4)), 0.3)
    assert there.end <= back.start
    assert there.way[0] > 0.2 and back.way[0] < -0.2
    assert there.against(back) and not there.against(there)


def test_aside_is_not_against():
    one, other = strokes(along((0.3, 0, 0.4), (0, 0, 0.2), (0, 0.3, 0.4)), 0.3)
    assert not one.against(other)


def test_slow_movements_and_none_are_no_strokes():
    assert strokes(along((0.3, 0, 2.0)), 0.5) == []
    assert strokes(np.zeros((1, 2)), 0.5) == []
    assert strokes(np.full((20, 2), np.nan), 0.5) == []


def test_a_quick_stroke_is_told_with_the_slow_one_beside_it_or_there_are_none():
    path = along((0.1, 0, 0.4), (0, 0, 0.2), (0.3, 0, 0.4))
    slow, quick = strokes(path, 0.3)
    assert strokes(path, 0.3, quick.speed) == [slow, quick]
    assert strokes(path, 0.3, quick.speed + 0.01) == []


def test_a_stroke_along_one_axis_only_has_one_number():
    (stroke,) = strokes(along((0.3, 0, 0.4))[:, :1], 0.3)
    assert len(stroke.way) == 1
    assert stroke == Stroke(stroke.start, stroke.end, stroke.way, stroke.path, stroke.speed)


@pytest.mark.parametrize("turns", [1, 2, 3, 6])
def test_every_turn_begins_a_swing(turns):
    values = np.cos(np.linspace(0, turns * math.pi, 25 * turns + 1))
    found = swings(values, 0.5)
    assert len(found) == turns
    assert [swing.change for swing in found] == pytest.approx([2.0 * (-1) ** (k + 1) for k in range(turns)])
    assert [swing.seconds for swing in found] == pytest.approx([25 * STEP_S] * turns)


def test_trembling_is_no_swing_and_does_not_part_one():
    trembling = 0.1 * np.sin(np.arange(80) * 2.0)
    assert swings(trembling, 0.5) == []
    (swing,) = swings(np.linspace(0, 2, 80) + trembling, 0.5)
    assert swing.change == pytest.approx(2.0, abs=0.25)


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=60), st.floats(0.05, 1.0))
def test_swings_go_to_and_fro_without_a_gap_and_are_high_enough(numbers, least):
    found = swings(np.array(numbers), least)
    for swing in found:
        assert abs(swing.change) >= least
        assert swing.change == numbers[swing.end] - numbers[swing.start]
        assert swing.start < swing.end
    for one, two in itertools.pairwise(found):
        assert one.end == two.start
        assert one.change * two.change < 0
    if max(numbers) - min(numbers) < least:
        assert not found
