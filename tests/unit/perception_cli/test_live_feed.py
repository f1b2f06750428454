import threading

import numpy as np
import pytest

from perception_cli import live_feed
from perception_cli.live_feed import LiveFeed
from perception_core.frame import RgbdFrame
from perception_core.sources.error import SourceError

COLOUR = np.zeros((2, 2, 3), np.uint8)


class Camera:
    """Delivers frames as fast as they are taken, then ends, fails or hangs."""

    name, rate_hz, live = "camera", None, True

    def __init__(self, count, then=lambda: None):
        self.closed = False
        self.delivered = threading.Event()
        self._count = count
        self._then = then

    def frames(self):
        yield from (RgbdFrame(k, "camera", COLOUR) for k in range(self._count))
        self.delivered.set()
        self._then()

    def close(self):
        self.closed = True


def fail():
    raise SourceError("unplugged")


def test_frames_come_in_their_order_and_the_camera_is_closed_in_the_end():
    camera = Camera(20)
    feed = LiveFeed(camera)
    assert [frame.stamp_ns for frame in feed.frames(lambda: False)] == list(range(20))
    feed.close()
    assert (feed.lost, camera.closed) == (0, True)


def test_who_is_too_slow_loses_frames_that_are_counted_and_no_memory():
    camera = Camera(100)
    feed = LiveFeed(camera)
    camera.delivered.wait()
    assert [frame.stamp_ns for frame in feed.frames(lambda: False)] == list(range(30))
    assert feed.lost == 70


def test_a_camera_that_fails_is_said_after_its_last_frame():
    feed = LiveFeed(Camera(3, fail))
    frames = feed.frames(lambda: False)
    assert [next(frames).stamp_ns for _ in range(3)] == [0, 1, 2]
    with pytest.raises(SourceError, match="unplugged"):
        next(frames)


def test_a_camera_that_hangs_keeps_nobody_from_ending(monkeypatch):
    monkeypatch.setattr(live_feed, "_LAST_FRAME_S", 0.01)
    hanging = threading.Event()
    camera = Camera(1, hanging.wait)
    feed = LiveFeed(camera)
    taken = []
    assert [taken.append(frame) for frame in feed.frames(lambda: bool(taken))] == [None]
    feed.close()
    assert not camera.closed  # closing it under its own feet could crash
    hanging.set()
