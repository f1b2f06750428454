import re

import cv2
import numpy as np
import pytest
from builtin_interfaces.msg import Time
from sensor_msgs.msg import CompressedImage
from std_msgs.msg import Header

from perception_core.frame import Intrinsics
from perception_core.image_messages import ImageError
from perception_ros.frame_builder import FrameBuilder
from perception_ros.image_codec import encode_camera_info, encode_image
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
    """Moves on by ten seconds whenever it is looked at: nothing is too early to be said, or to be said again."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        self.seconds += 10.0
        return self.seconds


@pytest.fixture
def builder(log):
    return FrameBuilder(Notices(log, Clock()))


def header():
    return Header(stamp=Time(sec=1), frame_id="camera")


def colour(width=8, height=6):
    return encode_image(np.zeros((height, width, 3), np.uint8), "bgr8", header())


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
        (
            camera_info(Intrinsics(6, 8, 10.0, 10.0, 3.0, 4.0)),
            "6x8, the image is 8x6: its width and height are swapped",
        ),
    ],
    ids=["none", "another image", "swapped"],
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


def filled(value, dtype, encoding):
    return encode_image(np.full((6, 8), value, dtype), encoding, header())


@pytest.mark.parametrize(
    ("depth_image", "reason"),
    [
        (filled(1500, np.float32, "32FC1"), "32FC1, which means metres, .* publish them as 16UC1"),
        (filled(3, np.uint16, "16UC1"), "16UC1, which means millimetres, .* publish them as 32FC1"),
    ],
    ids=["millimetres as metres", "metres as millimetres"],
)
def test_depth_in_the_wrong_unit_is_left_out_and_said_once(builder, log, depth_image, reason):
    for _ in range(3):
        assert builder.build(colour(), depth_image, camera_info()).depth is None
    assert len(log.lines) == 1 and re.search(reason, log.lines[0])


@pytest.mark.parametrize(
    "empty", [filled(0, np.uint16, "16UC1"), filled(np.nan, np.float32, "32FC1"), filled(0, np.float32, "32FC1")]
)
def test_depth_that_holds_nothing_is_said_once_until_there_is_some(builder, log, empty):
    for image in (empty, empty, empty, depth(), empty, empty):
        builder.build(colour(), image, camera_info())
    assert len(log.lines) == 2
    assert all("holds no distance at all" in line for line in log.lines)


def test_one_empty_depth_image_is_no_news(builder, log):
    for image in (depth(), filled(0, np.uint16, "16UC1"), depth()):
        builder.build(colour(), image, camera_info())
    assert log.lines == []


def test_depth_that_comes_at_another_time_is_told_from_depth_that_does_not_come(builder, log):
    for _ in range(3):
        assert builder.build(colour(), None, camera_info(), depth_comes=True).depth is None
    assert len(log.lines) == 1 and "their stamps are too far from those of the colour images" in log.lines[0]


def test_images_without_stamps_go_on_and_are_said_once(builder, log):
    unstamped = colour()
    unstamped.header.stamp = Time()
    for _ in range(3):
        assert builder.build(unstamped, depth(), camera_info()).stamp_ns == 0
    assert len(log.lines) == 1 and "sets no stamps" in log.lines[0]
    builder.build(colour(), depth(), camera_info())
    for _ in range(3):
        builder.build(unstamped, depth(), camera_info())
    assert len(log.lines) == 2


def test_compressed_images_make_a_frame(builder, log):
    picture = cv2.imencode(".png", np.full((6, 8, 3), 77, np.uint8))[1].tobytes()
    millimetres = bytes(12) + cv2.imencode(".png", np.full((6, 8), 1500, np.uint16))[1].tobytes()
    frame = builder.build(
        CompressedImage(header=header(), format="rgb8; png compressed bgr8", data=picture),
        CompressedImage(header=header(), format="16UC1; compressedDepth png", data=millimetres),
        camera_info(),
    )
    assert (frame.stamp_ns, frame.frame_id) == (1_000_000_000, "camera")
    assert (frame.colour == 77).all() and frame.depth.metres() == pytest.approx(1.5)
    assert log.lines == []


def test_compressed_depth_cut_short_is_left_out_and_said_once(builder, log):
    half = cv2.imencode(".png", np.full((6, 8), 1500, np.uint16))[1].tobytes()[:40]
    message = CompressedImage(header=header(), format="16UC1; png compressed ", data=half)
    for _ in range(3):
        assert builder.build(colour(), message, camera_info()).depth is None
    assert len(log.lines) == 1 and "cut short" in log.lines[0]
