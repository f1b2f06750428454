import tracemalloc
from array import array
from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perception_core.frame import Intrinsics, IntrinsicsError
from perception_core.image_messages import (
    ImageError,
    UnknownEncodingError,
    decode_camera_info,
    decode_colour,
    decode_depth,
    nanoseconds,
)

D435 = Intrinsics(640, 480, 615.0, 614.0, 320.5, 239.5, (0.1, -0.2, 0.001, 0.002, 0.05))


@dataclass
class Stamp:
    sec: int = 0
    nanosec: int = 0


@dataclass
class Header:
    stamp: Stamp = field(default_factory=Stamp)
    frame_id: str = "camera"


@dataclass
class Image:
    """As a library that is not ROS deserialises it."""

    height: int
    width: int
    encoding: str
    is_bigendian: int
    step: int
    data: Any
    header: Header = field(default_factory=Header)


@dataclass
class CameraInfo:
    height: int = 480
    width: int = 640
    distortion_model: str = "plumb_bob"
    d: Any = D435.distortion
    k: Any = (615.0, 0.0, 320.5, 0.0, 614.0, 239.5, 0.0, 0.0, 1.0)
    header: Header = field(default_factory=Header)


def image(pixels, encoding, padding=0):
    height, width = pixels.shape[:2]
    rows = np.ascontiguousarray(pixels).reshape(height, -1).view(np.uint8)
    padded = np.concatenate([rows, np.full((height, padding), 99, np.uint8)], axis=1)
    return Image(height, width, encoding, 0, padded.shape[1], padded.reshape(-1))


def picture(height=6, width=8, channels=3):
    return np.random.default_rng(0).integers(0, 256, (height, width, channels), np.uint8)


def smooth(height=6, width=8):
    """A picture that survives less resolution for colour than for light."""
    corners = np.array([[[200, 40, 60], [180, 60, 80]]], np.uint8)
    return cv2.resize(corners, (width, height), interpolation=cv2.INTER_LINEAR)


def yuv422(bgr, luma_first):
    """Two bytes per pixel: luma, and by turns the two differences of the even columns."""
    yuv = cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV)
    packed = np.empty((*bgr.shape[:2], 2), np.uint8)
    luma, chroma = (0, 1) if luma_first else (1, 0)
    packed[..., luma] = yuv[..., 0]
    packed[:, 0::2, chroma] = yuv[:, 0::2, 1]
    packed[:, 1::2, chroma] = yuv[:, 0::2, 2]
    return packed


def mosaic(bgr, pattern):
    """One colour per pixel; the pattern names those of the first two pixels of the first two rows."""
    grey = np.empty(bgr.shape[:2], np.uint8)
    for place, colour in enumerate(pattern):
        rows, columns = slice(place // 2, None, 2), slice(place % 2, None, 2)
        grey[rows, columns] = bgr[rows, columns, "bgr".index(colour)]
    return grey


def rgb(bgr):
    return bgr[..., ::-1]


def with_alpha(bgr):
    return np.dstack([bgr, np.full(bgr.shape[:2], 7, np.uint8)])


EXACT = {"bgr8": lambda bgr: bgr, "8UC3": lambda bgr: bgr, "rgb8": rgb, "bgra8": with_alpha, "8UC4": with_alpha}
EXACT["rgba8"] = lambda bgr: with_alpha(rgb(bgr))


@pytest.mark.parametrize(("encoding", "from_bgr"), EXACT.items(), ids=EXACT)
@pytest.mark.parametrize("padding", [0, 5])
def test_every_order_of_channels_becomes_bgr(encoding, from_bgr, padding):
    assert np.array_equal(decode_colour(image(from_bgr(picture()), encoding, padding)), picture())


@pytest.mark.parametrize(
    ("encoding", "luma_first"), [("yuv422", False), ("uyvy", False), ("yuv422_yuy2", True), ("yuyv", True)]
)
def test_yuv_becomes_bgr(encoding, luma_first):
    message = image(yuv422(smooth(), luma_first), encoding)
    assert np.abs(decode_colour(message).astype(int) - smooth()).max() < 16


@pytest.mark.parametrize("pattern", ["rggb", "bggr", "gbrg", "grbg"])
def test_a_mosaic_becomes_bgr(pattern):
    scene = smooth(60, 80)
    decoded = decode_colour(image(mosaic(scene, pattern), f"bayer_{pattern}8"))
    assert np.abs(decoded.astype(int) - scene).max() < 4


@pytest.mark.parametrize("encoding", ["mono8", "8UC1"])
def test_grey_has_three_equal_channels(encoding):
    grey = picture(channels=1)[..., 0]
    decoded = decode_colour(image(grey, encoding))
    assert all(np.array_equal(decoded[..., channel], grey) for channel in range(3))


def containers(data):
    return [data, data.tobytes(), array("B", data.tobytes())]


@pytest.mark.parametrize("container", range(3), ids=["numpy", "bytes", "array"])
@pytest.mark.parametrize("padding", [0, 5])
def test_bgr_is_a_view_of_the_message(container, padding):
    message = image(picture(), "bgr8", padding)
    message.data = containers(message.data)[container]
    decoded = decode_colour(message)
    assert np.shares_memory(decoded, np.frombuffer(message.data, np.uint8))
    assert np.array_equal(decoded, picture())


@pytest.mark.parametrize(
    ("encoding", "dtype", "metres"),
    [("16UC1", np.uint16, 1.5), ("mono16", np.uint16, 1.5), ("32FC1", np.float32, 1500)],
)
@pytest.mark.parametrize("padding", [0, 1, 8])
def test_depth_is_a_view_of_the_message(encoding, dtype, metres, padding):
    message = image(np.full((6, 8), 1500, dtype), encoding, padding)
    decoded = decode_depth(message)
    assert np.shares_memory(decoded.raw, message.data)
    assert decoded.metres() == pytest.approx(metres)


@pytest.mark.parametrize("encoding", ["rgb8", "bgra8", "rgba8", "mono8", "uyvy", "yuyv", "bayer_rggb8"])
@pytest.mark.parametrize("padding", [0, 16])
def test_a_conversion_makes_one_picture_and_nothing_else(encoding, padding):
    channels = {"rgb8": 3, "bgra8": 4, "rgba8": 4, "uyvy": 2, "yuyv": 2}.get(encoding, 1)
    message = image(picture(240, 320, channels), encoding, padding)
    decode_colour(message)
    tracemalloc.start()
    decoded = decode_colour(message)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert decoded.nbytes <= peak < 1.1 * decoded.nbytes


@given(padding=st.integers(0, 9))
def test_padded_rows_are_read_without_their_padding(padding):
    assert np.array_equal(decode_colour(image(picture(), "bgr8", padding)), picture())


def test_the_last_row_may_lack_its_padding():
    message = image(picture(), "bgr8", padding=5)
    message.data = message.data[:-5]
    assert np.array_equal(decode_colour(message), picture())


def test_millimetres_and_metres_mean_the_same_distance():
    millimetres = np.array([[1500, 0]], np.uint16)
    metres = np.array([[1.5, np.nan]], np.float32)
    for pixels, encoding in ((millimetres, "16UC1"), (millimetres, "mono16"), (metres, "32FC1")):
        depth = decode_depth(image(pixels, encoding)).metres()
        assert depth[0, 0] == pytest.approx(1.5) and np.isnan(depth[0, 1])


def test_big_endian_depth_is_read():
    message = replace(image(np.array([[1500]], ">u2"), "16UC1"), is_bigendian=1)
    assert decode_depth(message).metres()[0, 0] == pytest.approx(1.5)


def broken(**changes):
    return replace(image(picture(), "bgr8"), **changes)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (broken(height=0), "no pixels"),
        (broken(width=0), "no pixels"),
        (broken(step=3), "wrong step"),
        (broken(step=0), "wrong step"),
        (broken(data=b"123"), "cut short"),
        (broken(data=b""), "cut short"),
        (broken(height=7), "cut short"),
        (broken(height=2**32 - 1, step=2**32 - 1), "cut short"),
        (broken(encoding="yuyv", width=7), "width must be even"),
        (broken(encoding="nv21"), "'nv21' is not known; known are bgr8, rgb8"),
        (broken(encoding=""), "'' is not known"),
    ],
)
def test_an_image_that_cannot_be_says_why(message, reason):
    with pytest.raises(ImageError, match=reason):
        decode_colour(message)


@given(
    st.builds(
        Image,
        height=st.integers(0, 5),
        width=st.integers(0, 5),
        encoding=st.sampled_from([*EXACT, "mono8", "uyvy", "yuyv", "bayer_rggb8", "16UC1", "32FC1", "nonsense"]),
        is_bigendian=st.integers(0, 1),
        step=st.integers(0, 24),
        data=st.binary(max_size=100),
        header=st.just(Header()),
    )
)
def test_any_image_is_decoded_or_an_image_error(message):
    for decode, shape in ((decode_colour, lambda colour: colour.shape[:2]), (decode_depth, lambda it: it.raw.shape)):
        try:
            decoded = decode(message)
        except ImageError:
            continue
        assert shape(decoded) == (message.height, message.width)


def test_colour_is_not_depth():
    with pytest.raises(UnknownEncodingError, match="depth encoding 'bgr8' is not known; known are 16UC1"):
        decode_depth(image(picture(), "bgr8"))


def test_stamps_before_1970_are_stamps():
    assert nanoseconds(Header(Stamp(-1, 500_000_000))) == -500_000_000


@pytest.mark.parametrize("convert", [tuple, np.array], ids=["tuple", "numpy"])
def test_camera_info_becomes_intrinsics(convert):
    message = CameraInfo()
    message.d, message.k = convert(message.d), convert(message.k)
    assert decode_camera_info(message) == D435


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (CameraInfo(k=(0.0,) * 9), "no calibration"),
        (CameraInfo(k=()), "no calibration"),
        (CameraInfo(distortion_model="mirror_ball"), "'mirror_ball' is not known; known are plumb_bob"),
    ],
)
def test_a_camera_without_usable_calibration_says_why(message, reason):
    with pytest.raises(ImageError, match=reason):
        decode_camera_info(message)


@pytest.mark.parametrize(
    ("k", "named"),
    [
        ((float("nan"),) * 9, "fx is nan"),
        ((-615.0, 0, 320, 0, 615, 240, 0, 0, 1), "fx=-615.0"),
        ((0.0, 0, 320, 0, 615, 240, 0, 0, 1), "fx=0.0"),
        ((615.0, 0, 5e3, 0, 615, 1, 0, 0, 1), "cx=5000.0"),
        ((320.0, 0, 615, 0, 240, 614, 0, 0, 1), "focal lengths and principal point are swapped"),
        ((615.0, 0, 240, 0, 615, 1e30, 0, 0, 1), "cy=1e"),
    ],
)
def test_numbers_no_lens_can_have_are_refused(k, named):
    with pytest.raises(IntrinsicsError, match=named):
        decode_camera_info(CameraInfo(k=k))


def test_an_image_larger_than_8k_is_refused():
    zeros = np.zeros(8192 * 4400, np.uint8)
    with pytest.raises(ImageError, match=r"mono8 image of 8192x4400, step 8192: up to 36000000 pixels are read"):
        decode_colour(Image(4400, 8192, "mono8", 0, 8192, zeros))
    assert decode_colour(Image(4320, 8192, "mono8", 0, 8192, zeros)).shape == (4320, 8192, 3)
