import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from person_perception.behaviours.limits import Limiter, Limits

LIMITS = Limits()
targets = st.floats(-3, 3) | st.sampled_from([math.nan, math.inf, -math.inf, 0.0])
steps = st.floats(0, 0.5) | st.sampled_from([0.0, 0.02, 30.0, -1.0])


@settings(max_examples=150)
@given(st.lists(st.tuples(steps, targets, targets, st.booleans()), min_size=1, max_size=40))
def test_no_sequence_of_targets_and_times_exceeds_a_limit(asked):
    limiter, now_s = Limiter(LIMITS), 50.0
    told = [(now_s, *limiter(now_s, 1.0, 1.0))]
    assert told[0] == (now_s, 0.0, 0.0)
    for since_s, linear, angular, hard in asked:
        now_s += since_s
        told.append((max(now_s, told[-1][0]), *limiter(now_s, linear, angular, hard=hard)))
    for (before_s, *before), (after_s, *after) in itertools.pairwise(told):
        axes = (
            (LIMITS.linear, LIMITS.linear_acceleration, LIMITS.linear_stop),
            (LIMITS.angular, LIMITS.angular_acceleration, LIMITS.angular_stop),
        )
        for old, new, (most, up, down) in zip(before, after, axes, strict=True):
            rises = abs(new) > abs(old)
            assert abs(new) <= most
            assert old * new >= 0  # through rest
            assert abs(new - old) <= (up if rises else down) * (after_s - before_s) + 1e-9
            assert not rises or abs(new - old) <= up * 0.1 + 1e-9


def test_a_stop_is_harder_than_slowing_down_and_what_is_no_number_is_a_stop():
    for target, hard, expected in ((0.0, False, 0.4 - 0.8 * 0.02), (0.0, True, 0.4 - 5 * 0.02), (math.nan, False, 0.3)):
        limiter = Limiter(LIMITS)
        for step in range(100):
            limiter(step * 0.02, 0.4, 0.0)
        assert limiter(100 * 0.02, target, 0.0, hard=hard)[0] == pytest.approx(expected, abs=0.021)


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
@pytest.mark.parametrize("name", ["linear", "angular", "linear_acceleration", "angular_stop"])
def test_a_limit_of_zero_or_below_is_refused_by_its_name(name, value):
    with pytest.raises(ValueError, match=name):
        Limits(**{name: value})


def test_a_stop_that_is_slower_than_slowing_down_is_refused():
    with pytest.raises(ValueError, match="linear_stop"):
        Limits(linear_stop=0.5)
