import pytest

from perception_ros.notices import Notices


class Log:
    def __init__(self):
        self.lines = []

    def warning(self, text):
        self.lines.append(text)


class Clock:
    seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def log():
    return Log()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def notices(log, clock):
    return Notices(log, clock)


def test_a_condition_is_said_once_while_it_lasts(notices, log):
    for _ in range(100):
        notices.begins("depth", "no depth")
    assert log.lines == ["no depth"]


def test_a_condition_that_came_back_is_said_again(notices, log, clock):
    notices.begins("depth", "no depth")
    notices.ends("depth")
    clock.seconds = 10.0
    notices.begins("depth", "no depth")
    assert log.lines == ["no depth", "no depth"]


def test_what_comes_and_goes_with_every_frame_does_not_fill_the_log(notices, log, clock):
    for frame in range(3000):
        clock.seconds = frame / 30
        notices.begins("colour", "cut short")
        assert notices.standing() == ["cut short"]
        notices.ends("colour")
    assert log.lines == ["cut short"] * 10


def test_a_reason_with_other_numbers_is_no_other_reason(notices, log):
    for length in range(100):
        notices.begins("colour", f"{length} bytes are too few")
    assert log.lines == ["0 bytes are too few"]
    assert notices.standing() == ["99 bytes are too few"]


def test_reasons_that_take_turns_are_said_once_each(notices, log):
    for _ in range(100):
        notices.begins("depth", "no depth")
        notices.begins("depth", "depth of another size")
    assert log.lines == ["no depth", "depth of another size"]


def test_another_reason_is_another_line(notices, log):
    notices.begins("depth", "no depth")
    notices.begins("depth", "depth of another size")
    assert log.lines == ["no depth", "depth of another size"]


def test_what_lasts_no_longer_than_patience_is_never_said(notices, log, clock):
    notices.begins("depth", "no depth", after_s=1.0)
    clock.seconds = 0.9
    notices.begins("depth", "no depth", after_s=1.0)
    notices.ends("depth")
    clock.seconds = 5.0
    notices.begins("depth", "no depth", after_s=1.0)
    assert log.lines == [] and notices.standing() == []
    clock.seconds = 6.0
    notices.begins("depth", "no depth", after_s=1.0)
    assert log.lines == notices.standing() == ["no depth"]


def test_only_what_has_not_ended_stands(notices):
    notices.begins("depth", "no depth")
    notices.begins("camera_info", "no camera_info")
    notices.ends("depth")
    assert notices.standing() == ["no camera_info"]


def test_what_somebody_else_wrote_differently_each_time_is_said_once(notices, log):
    for word in ("bgr9", "it's", "'", "a" * 100):
        notices.begins("colour", f"encoding {word!r} is not known")
    assert len(log.lines) == 1
    assert notices.standing()[0].count("a") >= 100  # diagnostics tell what it is now


def test_what_somebody_else_wrote_cannot_pretend_to_be_another_line_nor_fill_the_disk(notices, log):
    notices.begins("colour", "encoding 'x\n[ERROR] the robot is on fire\x1b[2J' is not known")
    notices.begins("depth", "x" * 1_000_000)
    assert "\n" not in log.lines[0] and "\x1b" not in log.lines[0]
    assert len(log.lines[1]) < 1000
