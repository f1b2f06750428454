import numpy as np
import pytest
from std_msgs.msg import Header

from perception_core.frame import Intrinsics
from perception_ros.frame_builder import FrameBuilder
from perception_ros.image_codec import ImageError, encode_camera_info, encode_image
from perception_ros.notices import Notices

INTRINSICS = Intrinsics(8, 6, 10.0, 10.0, 4.0, 3.0)


class Log:
    """Keeps what a logger would print."""

    def __init__(self):
        self.lines = []

    def warning(self, text):
        self.lines.append(text)


@pytest.fixture
def log():
    return Log()


class Clock:
    """Moves on by a second whenever it is looked at."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        self.seconds += 1.0
        return self.seconds


@pytest.fixture
def builder(log):
    return FrameBuilder(Notices(log, Clock()))


def colour(width=8, height=6):
    return encode_image(np.zeros((height, width, 3), np.uint8), "bgr8", Header(frame_id="camera"))


def depth(width=8, height=6, encoding="16UC1"):
    return encode_image(np.full((height, width), 1000, np.uint16), encoding, Header())


def camera_info(intrinsics=INTRINSICS):
    return encode_camera_info(intrinsics, Header())


def test_all_three_make_a_frame_in_silence(builder, log):
    message = colour()
    message.header.stamp.sec, message.header.stamp.nanosec = 5, 7
    frame = builder.build(message, depth(), camera_info())
    assert (frame.stamp_ns, frame.frame_id, frame.size) == (5_000_000_007, "camera", (8, 6))
    assert frame.intrinsics == INTRINSICS
    assert frame.depth.metres() == pytest.approx(1.0)
    assert log.lines == []


@pytest.mark.parametrize(
    ("depth_image", "reason"),
    [
        (None, "align_depth.enable:=true"),
        (depth(width=4), "depth is 4x6, colour is 8x6"),
        (depth(encoding="8UC1"), "depth encoding '8UC1' is not known"),
    ],
    ids=["none", "another size", "unknown encoding"],
)
def test_unusable_depth_is_left_out_and_said_once(builder, log, depth_image, reason):
    for _ in range(3):
        assert builder.build(colour(), depth_image, camera_info()).depth is None
    assert len(log.lines) == 1 and reason in log.lines[0]


@pytest.mark.parametrize(
    ("info", "reason"),
    [
        (None, "no camera_info has come"),
        (camera_info(Intrinsics(640, 480, 615.0, 615.0, 320.0, 240.0)), "camera_info is for 640x480"),
    ],
    ids=["none", "another image"],
)
def test_unusable_intrinsics_are_left_out_and_said_once(builder, log, info, reason):
    for _ in range(3):
        assert builder.build(colour(), depth(), info).intrinsics is None
    assert len(log.lines) == 1 and reason in log.lines[0]


def test_garbage_calibration_is_said_once_and_a_good_one_ends_it(builder, log):
    garbage = camera_info()
    garbage.k[0] = float("nan")
    for _ in range(3):
        assert builder.build(colour(), depth(), garbage).intrinsics is None
    assert builder.build(colour(), depth(), camera_info()).intrinsics == INTRINSICS
    assert len(log.lines) == 1 and "not finite" in log.lines[0]


def test_depth_that_returns_and_is_lost_again_is_said_again(builder, log):
    for image in (None, None, depth(), None, None):
        builder.build(colour(), image, camera_info())
    assert len(log.lines) == 2


def test_unusable_colour_is_an_error(builder):
    image = colour()
    image.data = b""
    with pytest.raises(ImageError, match="cut short"):
        builder.build(image, depth(), camera_info())
