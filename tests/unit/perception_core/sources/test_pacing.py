import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perception_core.frame import RgbdFrame
from perception_core.sources.pacing import paced

COLOUR = np.zeros((1, 1, 3), np.uint8)
SECOND = 1_000_000_000


class Clock:
    """Time that goes on only by waiting and by work."""

    def __init__(self):
        self.now = 100.0
        self.waits = []

    def __call__(self):
        return self.now

    def wait(self, seconds):
        self.waits.append(seconds)
        self.now += seconds
        return False


def frames(stamps):
    return (RgbdFrame(stamp_ns, "camera", COLOUR) for stamp_ns in stamps)


def times(stamps, work_s=0.0):
    """When each frame is handed on, if the work on each takes that long."""
    clock = Clock()
    found = []
    for frame in paced(frames(stamps), clock.wait, clock):
        found.append((frame.stamp_ns, clock.now - 100.0))
        clock.now += work_s
    return found


def test_frames_come_when_their_stamps_say():
    stamps = [7 * SECOND, 7 * SECOND + 40_000_000, 8 * SECOND]
    assert [when for _, when in times(stamps)] == pytest.approx([0.0, 0.04, 1.0])


def test_work_that_is_fast_enough_delays_nothing():
    assert times([k * SECOND for k in range(9)], work_s=0.9)[-1][1] == pytest.approx(8.0)


def test_a_late_frame_comes_at_once_and_the_delay_is_made_up_for():
    stamps = [0, SECOND // 10, SECOND // 5, 2 * SECOND]
    assert [when for _, when in times(stamps, work_s=0.5)] == pytest.approx([0.0, 0.5, 1.0, 2.0])


@pytest.mark.parametrize("jump_s", [-5, -0.001, 11, 86_400])
def test_after_a_jump_of_time_the_pace_goes_on(jump_s):
    jumped = SECOND + round(jump_s * SECOND)
    stamps = [0, SECOND, jumped, jumped + SECOND]
    assert [when for _, when in times(stamps)] == pytest.approx([0.0, 1.0, 1.0, 2.0])


def test_a_pause_of_less_than_ten_seconds_is_kept():
    assert times([0, 9 * SECOND])[-1][1] == pytest.approx(9.0)


def test_who_waits_can_end_it():
    answers = iter([False, False, True])
    assert len(list(paced(frames(range(0, SECOND, 10_000_000)), lambda _: next(answers), lambda: 0.0))) == 2


@given(st.lists(st.integers(-(2**62), 2**62) | st.integers(0, 30 * SECOND), max_size=30))
def test_whatever_the_stamps_are_every_frame_comes_in_order_and_none_is_waited_for_long(stamps):
    clock = Clock()
    assert [frame.stamp_ns for frame in paced(frames(stamps), clock.wait, clock)] == stamps
    assert all(0 <= wait <= 10.001 for wait in clock.waits)
