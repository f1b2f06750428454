import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perception_core.smoothing import Hysteresis, OneEuroFilter

RATES = [10, 30, 60]


def stamps(rate, seconds):
    return [round(index * 1e9 / rate) for index in range(int(seconds * rate) + 1)]


def filtered(signal, rate, seconds=4.0, **parameters):
    one_euro = OneEuroFilter(**parameters)
    return np.array([float(one_euro(signal(stamp / 1e9), stamp)) for stamp in stamps(rate, seconds)])


@given(st.floats(-1e6, 1e6), st.lists(st.integers(0, 10**10), min_size=1, max_size=30))
def test_what_is_constant_stays_constant(value, when):
    one_euro = OneEuroFilter()
    for stamp in sorted(when):
        assert one_euro([value, value], stamp) == pytest.approx([value, value])


@pytest.mark.parametrize("rate", RATES)
def test_noise_on_a_still_thing_is_calmed(rate):
    rng = np.random.default_rng(0)
    calm = filtered(lambda _: rng.normal(0, 1), rate, 30.0, min_cutoff_hz=0.5, beta=0.0)
    assert calm[rate:].std() < 0.55


@pytest.mark.parametrize("rate", RATES)
def test_the_lag_behind_a_quick_motion_is_below_a_tenth_of_a_second(rate):
    speed = 200.0
    behind = speed * 4.0 - filtered(lambda t: speed * t, rate, min_cutoff_hz=1.0, beta=0.05)[-1]
    assert behind / speed < 0.1


def test_the_answer_to_a_step_is_the_same_at_every_frame_rate():
    def half_a_second_after_a_step(rate):
        return filtered(lambda t: float(t > 1.0), rate, 1.5, min_cutoff_hz=0.5, beta=0.0)[-1]

    slow, middle, quick = map(half_a_second_after_a_step, RATES)
    assert slow == pytest.approx(quick, abs=0.08)
    assert middle == pytest.approx(quick, abs=0.04)


def test_the_filter_of_the_paper():
    """Two samples a tenth of a second apart, worked out by hand."""
    one_euro = OneEuroFilter(min_cutoff_hz=1.0, beta=0.5, speed_cutoff_hz=1.0)
    one_euro(0.0, 0)
    alpha_speed = 1 / (1 + 1 / (2 * math.pi * 1.0) / 0.1)
    cutoff = 1.0 + 0.5 * alpha_speed * (2.0 / 0.1)
    assert float(one_euro(2.0, 100_000_000)) == pytest.approx(2.0 / (1 + 1 / (2 * math.pi * cutoff) / 0.1))


def test_an_unknown_element_is_unknown_and_disturbs_nothing():
    one_euro = OneEuroFilter()
    one_euro([1.0, 5.0], 0)
    unknown = one_euro([math.nan, 5.0], 100_000_000)
    assert math.isnan(unknown[0]) and unknown[1] == 5.0
    assert one_euro([1.0, 5.0], 200_000_000) == pytest.approx([1.0, 5.0])


def test_what_was_away_for_long_starts_anew():
    one_euro = OneEuroFilter(min_cutoff_hz=0.1, longest_gap_s=1.0)
    one_euro(0.0, 0)
    assert float(one_euro(100.0, 2_000_000_000)) == 100.0


def test_time_that_jumps_back_starts_anew_and_equal_stamps_repeat():
    one_euro = OneEuroFilter()
    one_euro(1.0, 10**9)
    assert float(one_euro(9.0, 10**9)) == 1.0
    assert float(one_euro(7.0, 0)) == 7.0


def test_the_caller_keeps_his_array():
    one_euro = OneEuroFilter()
    first = np.array([1.0, 2.0])
    answer = one_euro(first, 0)
    answer[:] = 99.0
    assert first.tolist() == [1.0, 2.0]
    assert one_euro(first, 1).tolist() == pytest.approx([1.0, 2.0])


def test_another_shape_is_refused_with_both_shapes():
    one_euro = OneEuroFilter()
    one_euro([1.0, 2.0], 0)
    with pytest.raises(ValueError, match=r"\(2,\).*\(3,\)"):
        one_euro([1.0, 2.0, 3.0], 1)
    one_euro.reset()
    assert one_euro([1.0, 2.0, 3.0], 1).shape == (3,)


@pytest.mark.parametrize("rate", RATES)
def test_a_score_that_hovers_about_the_threshold_does_not_flicker(rate):
    rng = np.random.default_rng(0)
    hysteresis = Hysteresis(on=0.6, off=0.4, on_after_s=0.2, off_after_s=0.2)
    answers = [hysteresis.update(rng.normal(0.5, 0.07), stamp) for stamp in stamps(rate, 60)]
    assert np.count_nonzero(np.diff(answers)) <= 1


@pytest.mark.parametrize("rate", RATES)
def test_a_real_change_is_told_after_the_minimum_duration_at_every_rate(rate):
    hysteresis = Hysteresis(on=0.6, off=0.4, on_after_s=0.3, off_after_s=0.5)
    answers = {stamp: hysteresis.update(float(1e9 <= stamp < 3e9), stamp) for stamp in stamps(rate, 5)}
    active = [stamp / 1e9 for stamp, answer in answers.items() if answer]
    assert active[0] == pytest.approx(1.3, abs=1.01 / rate)
    assert active[-1] == pytest.approx(3.5, abs=1.01 / rate)


def test_an_unknown_score_changes_nothing():
    hysteresis = Hysteresis(on=0.6, off=0.4)
    assert hysteresis.update(0.9, 0)
    assert hysteresis.update(math.nan, 1)


def test_hysteresis_begins_anew_when_time_jumps_back():
    hysteresis = Hysteresis(on=0.6, off=0.4, on_after_s=0.1)
    hysteresis.update(0.9, 0)
    assert hysteresis.update(0.9, 10**9)
    assert not hysteresis.update(0.9, 0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: OneEuroFilter(min_cutoff_hz=0.0),
        lambda: OneEuroFilter(beta=-1.0),
        lambda: Hysteresis(on=0.4, off=0.6),
        lambda: Hysteresis(on=0.6, off=0.4, on_after_s=-1.0),
    ],
)
def test_parameters_that_make_no_sense_are_refused(make):
    with pytest.raises(ValueError, match="needs"):
        make()
