"""What is wrong with how images arrive is said in words, once, with the remedy."""

from dataclasses import dataclass, field

import pytest

from perception_ros.camera_watch import CameraWatch, check_clock
from perception_ros.notices import Notices

SECOND = 1_000_000_000
PROFILE = {"FASTRTPS_DEFAULT_PROFILES_FILE": "fastdds_shm.xml"}


class Log:
    def __init__(self):
        self.lines = []

    def warning(self, text):
        self.lines.append(text)


class Clock:
    seconds = 0.0

    def __call__(self):
        return self.seconds


@dataclass
class Camera:
    """What a subscriber tells of itself."""

    lost_colour: int = 0
    lost_depth: int = 0
    reliable: bool = True
    published: bool = True
    silence: float = 0.0
    wrong: list = field(default_factory=list)

    def complaints(self):
        return list(self.wrong)

    def silent_s(self):
        return self.silence

    def colour_is_published(self):
        return self.published


@pytest.fixture
def log():
    return Log()


@pytest.fixture
def clock():
    return Clock()


def watch(camera, log, clock, environ=None):
    return CameraWatch(camera, Notices(log, clock), clock, environ or {})


def test_without_a_loss_there_is_nothing_to_say(log, clock):
    assert watch(Camera(), log, clock).look(dropped=100) == []
    assert log.lines == []


@pytest.mark.parametrize("topic", ["lost_colour", "lost_depth"])
def test_a_loss_is_said_once_with_the_profile_as_remedy(log, clock, topic):
    camera = Camera()
    looking = watch(camera, log, clock)
    for lost in (3, 9, 9, 20):
        clock.seconds += 1
        setattr(camera, topic, lost)
        looking.look(dropped=0)
    assert len(log.lines) == 1
    assert "config/fastdds_shm.xml in the camera's process and in this one" in log.lines[0]


def test_who_has_the_profile_is_pointed_to_the_camera(log, clock):
    watch(Camera(lost_colour=1), log, clock, PROFILE).look(dropped=0)
    assert "config/fastdds_shm.xml in the camera's process." in log.lines[0]


def test_a_best_effort_camera_is_asked_to_be_reliable(log, clock):
    watch(Camera(lost_colour=1, reliable=False), log, clock).look(dropped=0)
    assert "have the camera publish reliably" in log.lines[0]


def test_fewer_losses_than_drops_are_overload(log, clock):
    watch(Camera(lost_colour=1), log, clock, PROFILE).look(dropped=5)
    assert "Lower the camera's rate" in log.lines[0]
    assert "fastdds" not in log.lines[0]


@pytest.mark.parametrize(("lost", "dropped", "environ"), [(9, 1, PROFILE), (1, 5, {})])
def test_a_few_drops_or_a_missing_profile_do_not_make_a_loss_overload(log, clock, lost, dropped, environ):
    watch(Camera(lost_colour=lost), log, clock, environ).look(dropped)
    assert "fastdds_shm.xml" in log.lines[0]


def test_a_loss_long_after_the_last_is_said_again(log, clock):
    camera = Camera(lost_colour=1)
    looking = watch(camera, log, clock)
    for second in (0, 5, 11):
        clock.seconds = float(second)
        looking.look(dropped=0)
    camera.lost_colour = 2
    looking.look(dropped=0)
    assert len(log.lines) == 2


def test_silence_is_told_only_of_a_camera_that_is_there(log, clock):
    assert "no colour image for 3 s" in watch(Camera(silence=3.0), log, clock).look(0)[0]
    assert watch(Camera(silence=3.0, published=False, wrong=["nobody"]), log, clock).look(0) == ["nobody"]
    assert watch(Camera(silence=1.0), log, clock).look(0) == []


@pytest.mark.parametrize(("late_s", "said"), [(-3600, "future"), (-1, "future"), (6, "past"), (1e9, "past")])
def test_stamps_of_another_clock_are_told_once(log, clock, late_s, said):
    notices = Notices(log, clock)
    for frame in range(60):
        clock.seconds = frame / 30
        now = 2_000_000_000 * SECOND + frame
        check_clock(notices, now - round(late_s * SECOND), now)
    assert len(log.lines) == 1
    assert said in log.lines[0]


@pytest.mark.parametrize("late_s", [-0.05, 0.0, 0.03, 1.0, 4.9])
def test_stamps_of_this_clock_are_nothing_to_talk_about(log, clock, late_s):
    now = 2_000_000_000 * SECOND
    check_clock(Notices(log, clock), now - round(late_s * SECOND), now)
    assert log.lines == []


def test_one_image_judged_by_the_time_after_a_jump_is_nothing_to_talk_about(log, clock):
    notices = Notices(log, clock)
    for frame in range(300):
        clock.seconds = frame / 30
        now = 2_000_000_000 * SECOND
        check_clock(notices, now + (5 * SECOND if frame % 36 == 0 else 0), now)
    assert log.lines == []


def test_a_clock_that_has_not_begun_and_a_camera_without_stamps_are_no_witnesses(log, clock):
    check_clock(Notices(log, clock), 5 * SECOND, 0)
    check_clock(Notices(log, clock), 0, 5000 * SECOND)
    assert log.lines == []
