import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.harness.trend import BATCHES, trend


@given(st.floats(-10, 10).filter(lambda slope: abs(slope) > 1e-3), st.floats(-1e3, 1e3), st.integers(2 * BATCHES, 700))
def test_a_straight_line_has_its_slope_and_is_not_flat(slope, begin, count):
    seconds = np.arange(count)
    found = trend(seconds, begin + slope * seconds)
    assert found.slope == pytest.approx(slope, rel=1e-6, abs=1e-9)
    assert not found.flat


@given(st.floats(0, 1e3))
def test_what_does_not_change_is_flat(value):
    found = trend(range(60), [value] * 60)
    assert found.slope == pytest.approx(0, abs=1e-9)
    assert found.flat


def test_flat_memory_with_slow_ups_and_downs_is_seldom_called_growing():
    """Neighbours alike: least squares on the samples themselves would call more than half of these growing."""
    rng = np.random.default_rng(0)
    growing = 0
    for _ in range(200):
        values, level = [], 0.0
        for _ in range(670):
            level = 0.9 * level + rng.normal()
            values.append(level)
        growing += not trend(range(670), values).flat
    assert growing < 0.12 * 200


def test_growth_of_a_kilobyte_per_frame_is_found_under_noise():
    rng = np.random.default_rng(1)
    seconds = np.arange(60)
    found = trend(seconds, 100 + 0.03 * seconds + rng.normal(0, 0.1, 60))
    assert found.low < 0.03 < found.high
    assert not found.flat


def test_too_few_values_are_refused():
    with pytest.raises(ValueError, match="at least 20 values"):
        trend(range(19), [0.0] * 19)
