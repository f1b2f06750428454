import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perception_core.stages import RunningStatistics, StageTimes


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=50))
def test_running_statistics_agree_with_those_of_the_whole_list(numbers):
    running = RunningStatistics()
    for number in numbers:
        running.add(number)
    assert running.mean == pytest.approx(statistics.fmean(numbers), abs=1e-6)
    assert running.deviation == pytest.approx(statistics.stdev(numbers), rel=1e-6, abs=1e-3)


def test_one_number_has_no_deviation():
    running = RunningStatistics()
    running.add(3.0)
    assert (running.count, running.mean, running.deviation) == (1, 3.0, 0.0)


def test_stages_keep_the_order_in_which_they_first_ran():
    times = StageTimes()
    for name in ("detect", "track", "detect"):
        with times.stage(name):
            pass
    assert list(times.stages()) == ["detect", "track"]
    assert times.stages()["detect"].wall_ms.count == 2


def test_a_stage_that_fails_is_not_counted():
    times = StageTimes()
    with pytest.raises(ValueError), times.stage("detect"):
        raise ValueError
    assert times.stages() == {}
