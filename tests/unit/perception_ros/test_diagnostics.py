import math

import pytest
from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticStatus

from perception_core.stages import StageTimes
from perception_ros.diagnostics import Activity, Losses, activity_values, status

MS = 1_000_000
STAMP = 1_700_000_000_000 * MS


class Clock:
    seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def activity(clock):
    return Activity(clock)


def work(activity, clock, frames):
    for frame in range(frames):
        clock.seconds = frame * 0.033
        activity.frame_done(STAMP, STAMP + (20 if frame == 30 else 10) * MS)


def test_rate_and_latency_are_those_of_the_frames(activity, clock):
    work(activity, clock, 31)
    clock.seconds = 31 * 0.033
    summary = activity.summary()
    assert summary.frames == 31
    assert summary.rate_hz == pytest.approx(30, rel=0.03)
    assert summary.latency_median_ms == pytest.approx(10)
    assert 10 <= summary.latency_p95_ms <= 20


def test_before_the_first_frame_figures_are_not_numbers(activity):
    summary = activity.summary()
    assert (summary.frames, summary.failed, summary.rate_hz) == (0, 0, 0)
    assert math.isnan(summary.latency_median_ms)


def test_the_rate_falls_when_no_more_frames_come(activity, clock):
    work(activity, clock, 300)
    last_s = clock.seconds
    assert activity.summary().rate_hz == pytest.approx(30, rel=0.05)
    clock.seconds = last_s + 2.5
    assert activity.summary().rate_hz == pytest.approx(15, rel=0.05)
    clock.seconds = last_s + 10
    assert activity.summary().rate_hz == 0


def test_frames_that_failed_are_counted_apart(activity):
    activity.frame_failed()
    activity.frame_done(STAMP, STAMP + MS)
    assert (activity.summary().frames, activity.summary().failed) == (1, 1)


@pytest.mark.parametrize(("stamp_ns", "now_ns"), [(0, STAMP), (STAMP, 0)])
def test_without_a_stamp_or_a_clock_that_has_begun_no_latency_is_told(activity, stamp_ns, now_ns):
    activity.frame_done(stamp_ns, now_ns)
    assert activity.summary().frames == 1
    assert math.isnan(activity.summary().latency_median_ms)


def test_memory_does_not_grow_with_the_frames(activity):
    for frame in range(5000):
        activity.frame_done(STAMP, STAMP + (1 if frame >= 4000 else 99) * MS)
    assert activity.summary().latency_p95_ms == pytest.approx(1)


def test_every_stage_has_mean_deviation_and_count():
    times = StageTimes()
    for wall_ms in (4.0, 6.0):
        times.add("detect", wall_ms, 3.0)
    losses = Losses(dropped=7, lost_colour=3, lost_depth=4, without_depth=2, time_jumps=1)
    values = activity_values(Activity().summary(), losses, times.stages())
    assert values["stage/detect/mean_ms"] == "5.000"
    assert values["stage/detect/sd_ms"] == "1.414"
    assert values["stage/detect/cpu_ms"] == "3.000"
    assert values["stage/detect/count"] == "2"
    names = ("dropped_frames", "lost_frames", "lost_depth_images", "frames_without_depth", "time_jumps")
    assert [values[name] for name in names] == ["7", "3", "4", "2", "1"]


def test_a_node_with_something_wrong_warns_in_words():
    message = status(Time(sec=5), "/face_perception", "active", ["no depth", "no camera_info"], {"frames": "3"})
    told = message.status[0]
    assert (told.level, told.name, told.message) == (
        DiagnosticStatus.WARN,
        "/face_perception",
        "no depth; no camera_info",
    )
    assert {item.key: item.value for item in told.values} == {"state": "active", "frames": "3"}
    assert message.header.stamp.sec == 5


def test_a_node_with_nothing_wrong_tells_its_state():
    told = status(Time(), "/face_perception", "inactive", [], {}).status[0]
    assert (told.level, told.message) == (DiagnosticStatus.OK, "inactive")
