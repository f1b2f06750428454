import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from perception_core.frame import Intrinsics, IntrinsicsError
from perception_ros.image_codec import (
    ImageError,
    decode_camera_info,
    decode_colour,
    decode_depth,
    encode_camera_info,
    encode_image,
)

D435 = Intrinsics(640, 480, 615.0, 614.0, 320.5, 239.5, (0.1, -0.2, 0.001, 0.002, 0.05))


def picture(height=6, width=8, channels=3):
    return np.random.default_rng(0).integers(0, 256, (height, width, channels), np.uint8)


def smooth():
    """A picture that survives the halved colour resolution of YUV 4:2:2."""
    return cv2.resize(np.array([[[200, 40, 60], [180, 60, 80]]], np.uint8), (8, 6), interpolation=cv2.INTER_LINEAR)


def yuv422(bgr, luma_first):
    """Two bytes per pixel: luma, and by turns the two differences of the even columns."""
    yuv = cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV)
    packed = np.empty((*bgr.shape[:2], 2), np.uint8)
    luma, chroma = (0, 1) if luma_first else (1, 0)
    packed[..., luma] = yuv[..., 0]
    packed[:, 0::2, chroma] = yuv[:, 0::2, 1]
    packed[:, 1::2, chroma] = yuv[:, 0::2, 2]
    return packed


@pytest.mark.parametrize(
    ("encoding", "from_bgr"),
    [
        ("bgr8", lambda bgr: bgr),
        ("rgb8", lambda bgr: bgr[..., ::-1]),
        ("bgra8", lambda bgr: np.dstack([bgr, np.full(bgr.shape[:2], 7, np.uint8)])),
        ("rgba8", lambda bgr: np.dstack([bgr[..., ::-1], np.full(bgr.shape[:2], 7, np.uint8)])),
    ],
)
def test_every_order_of_channels_becomes_bgr(encoding, from_bgr):
    message = encode_image(np.ascontiguousarray(from_bgr(picture())), encoding, Header())
    assert np.array_equal(decode_colour(message), picture())


@pytest.mark.parametrize(
    ("encoding", "luma_first"), [("yuv422", False), ("uyvy", False), ("yuv422_yuy2", True), ("yuyv", True)]
)
def test_yuv_becomes_bgr(encoding, luma_first):
    message = encode_image(yuv422(smooth(), luma_first), encoding, Header())
    assert np.abs(decode_colour(message).astype(int) - smooth()).max() < 16


def test_grey_has_three_equal_channels():
    grey = picture(channels=1)[..., 0]
    decoded = decode_colour(encode_image(grey, "mono8", Header()))
    assert all(np.array_equal(decoded[..., channel], grey) for channel in range(3))


def test_bgr_is_a_view_and_not_a_copy():
    message = encode_image(picture(), "bgr8", Header())
    decoded = decode_colour(message)
    message.data[0] = (int(message.data[0]) + 1) % 256
    assert decoded[0, 0, 0] == message.data[0]


@given(padding=st.integers(0, 9))
def test_padded_rows_are_read_without_their_padding(padding):
    pixels = picture()
    message = encode_image(pixels, "bgr8", Header())
    rows = np.zeros((6, 24 + padding), np.uint8)
    rows[:, :24] = pixels.reshape(6, 24)
    message.step, message.data = 24 + padding, rows.tobytes()
    assert np.array_equal(decode_colour(message), pixels)


def test_millimetres_and_metres_mean_the_same_distance():
    millimetres = np.array([[1500, 0]], np.uint16)
    metres = np.array([[1.5, np.nan]], np.float32)
    for pixels, encoding in ((millimetres, "16UC1"), (millimetres, "mono16"), (metres, "32FC1")):
        depth = decode_depth(encode_image(pixels, encoding, Header())).metres()
        assert depth[0, 0] == pytest.approx(1.5) and np.isnan(depth[0, 1])


def test_big_endian_depth_is_read():
    message = encode_image(np.array([[1500]], ">u2"), "16UC1", Header())
    message.is_bigendian = 1
    assert decode_depth(message).metres()[0, 0] == pytest.approx(1.5)


def broken(**changes):
    message = encode_image(picture(), "bgr8", Header())
    for name, value in changes.items():
        setattr(message, name, value)
    return message


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (Image(encoding="bgr8"), "no pixels"),
        (broken(height=0), "no pixels"),
        (broken(width=0), "no pixels"),
        (broken(step=3), "wrong step"),
        (broken(data=b"123"), "cut short"),
        (broken(height=7), "cut short"),
        (broken(height=2**32 - 1, step=2**32 - 1), "cut short"),
        (broken(encoding="bayer_rggb8"), "'bayer_rggb8' is not known"),
        (broken(encoding=""), "'' is not known"),
    ],
)
def test_an_image_that_cannot_be_says_why(message, reason):
    with pytest.raises(ImageError, match=reason):
        decode_colour(message)


def test_colour_is_not_depth():
    with pytest.raises(ImageError, match="depth encoding 'bgr8' is not known; known are 16UC1"):
        decode_depth(encode_image(picture(), "bgr8", Header()))


def test_intrinsics_survive_the_way_through_a_message():
    assert decode_camera_info(encode_camera_info(D435, Header())) == D435


def test_fisheye_intrinsics_survive_too():
    fisheye = Intrinsics(640, 480, 300.0, 300.0, 320.0, 240.0, (0.1, 0.01, 0.0, 0.0), fisheye=True)
    assert decode_camera_info(encode_camera_info(fisheye, Header())) == fisheye


def test_a_camera_that_was_never_calibrated_is_said_to_be():
    with pytest.raises(ImageError, match="no calibration"):
        decode_camera_info(CameraInfo(width=640, height=480))


def test_an_unknown_distortion_model_is_named():
    message = encode_camera_info(D435, Header())
    message.distortion_model = "mirror_ball"
    with pytest.raises(ImageError, match="'mirror_ball' is not known"):
        decode_camera_info(message)


@pytest.mark.parametrize(
    "k", [[float("nan")] * 9, [-615.0, 0, 320, 0, 615, 240, 0, 0, 1], [615.0, 0, 5e3, 0, 615, 1, 0, 0, 1]]
)
def test_numbers_no_lens_can_have_are_refused(k):
    message = encode_camera_info(D435, Header())
    message.k = k
    with pytest.raises(IntrinsicsError):
        decode_camera_info(message)
