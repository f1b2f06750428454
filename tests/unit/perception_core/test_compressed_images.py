import contextlib
import struct
from array import array
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perception_core.compressed_images import decode_compressed_colour, decode_compressed_depth
from perception_core.image_messages import ImageError


@dataclass
class CompressedImage:
    """As a library that is not ROS deserialises it."""

    format: str
    data: Any


def picture(height=6, width=8):
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def smooth(height, width):
    """A picture that JPEG hardly changes."""
    corners = np.array([[[200, 40, 60], [180, 60, 80]]], np.uint8)
    return cv2.resize(corners, (width, height), interpolation=cv2.INTER_LINEAR)


def containers(data):
    return [data, data.tobytes(), array("B", data.tobytes())]


def file(extension, pixels):
    return cv2.imencode(extension, pixels)[1].reshape(-1)


@pytest.mark.parametrize(
    ("image_format", "extension"),
    [
        ("jpeg", ".jpg"),
        ("png", ".png"),
        ("jpg", ".jpg"),
        ("rgb8; jpeg compressed bgr8", ".jpg"),
        ("bgr8; jpeg compressed bgr8", ".jpg"),
        ("rgb8; png compressed bgr8", ".png"),
        ("bgr8; png compressed ", ".png"),
        ("", ".png"),
    ],
)
@pytest.mark.parametrize("container", range(3), ids=["numpy", "bytes", "array"])
def test_compressed_colour_is_bgr_whatever_the_format_string(image_format, extension, container):
    scene = smooth(48, 64)
    data = containers(file(extension, scene))[container]
    decoded = decode_compressed_colour(CompressedImage(image_format, data))
    assert np.abs(decoded.astype(int) - scene).max() < 8


@pytest.mark.parametrize("extension", [".jpg", ".png"])
def test_compressed_grey_has_three_channels(extension):
    grey = smooth(48, 64)[..., 0]
    decoded = decode_compressed_colour(CompressedImage("mono8; jpeg compressed ", file(extension, grey)))
    assert np.abs(decoded.astype(int) - grey[..., None]).max() < 8


@pytest.mark.parametrize("extension", [".jpg", ".png"])
def test_a_compressed_image_cut_short_says_so(extension):
    data = file(extension, picture(48, 64))
    message = CompressedImage("rgb8; jpeg compressed bgr8", data[: len(data) // 2])
    with pytest.raises(ImageError, match=r"format 'rgb8; jpeg compressed bgr8', \d+ bytes: the \w+ is cut short"):
        decode_compressed_colour(message)


def depth_message(image_format, raw, a=0.0, b=0.0):
    return CompressedImage(
        image_format, np.frombuffer(struct.pack("<iff", 0, a, b) + file(".png", raw).tobytes(), np.uint8)
    )


MILLIMETRES = np.array([[1500, 0, 65535]], np.uint16)


@pytest.mark.parametrize(
    "message",
    [
        depth_message("16UC1; compressedDepth", MILLIMETRES),
        depth_message("16UC1; compressedDepth png", MILLIMETRES),
        depth_message("mono16; compressedDepth png", MILLIMETRES),
        CompressedImage("16UC1; png compressed ", file(".png", MILLIMETRES)),
        CompressedImage("png", file(".png", MILLIMETRES)),
    ],
    ids=lambda message: message.format,
)
def test_compressed_millimetres_are_read_without_loss(message):
    depth = decode_compressed_depth(message)
    assert np.array_equal(depth.raw, MILLIMETRES) and depth.metres_per_unit == 0.001


@given(depth=st.floats(0.3, 9.9))
def test_compressed_metres_come_back_within_the_quantisation(depth):
    quantisation, farthest = 100.0, 10.0  # the publisher's defaults
    a = quantisation * (quantisation + 1)
    b = 1 - a / farthest
    raw = np.array([[a / depth + b, 0]], np.uint16)
    metres = decode_compressed_depth(depth_message("32FC1; compressedDepth png", raw, a, b)).metres()
    assert metres[0, 0] == pytest.approx(depth, abs=1.1 * depth**2 / a)
    assert np.isnan(metres[0, 1])


def test_rvl_is_depth_too():
    rvl = struct.pack("<iff", 0, 0.0, 0.0) + struct.pack("<III", 1, 1, 0x018FE500)
    depth = decode_compressed_depth(CompressedImage("16UC1; compressedDepth rvl", rvl))
    assert depth.metres() == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (CompressedImage("jpeg", file(".jpg", picture())), "is no depth image; set the publisher's .* to png"),
        (CompressedImage("png", file(".png", picture())), "it has 3 channels of 8 bits, depth has one of 16"),
        (depth_message("16UC1; compressedDepth png", picture()), "it has 3 channels of 8 bits"),
        (depth_message("8UC1; compressedDepth png", MILLIMETRES), "'8UC1' is not known; known are 16UC1"),
        (depth_message("32FC1; compressedDepth png", MILLIMETRES, float("nan"), 1.0), "its header is damaged"),
        (depth_message("32FC1; compressedDepth png", MILLIMETRES, 0.0, 0.0), "its header is damaged"),
        (CompressedImage("16UC1; compressedDepth png", b""), "0 bytes is no depth image"),
        (CompressedImage("16UC1; compressedDepth png", bytes(12)), "12 bytes is no depth image"),
        (CompressedImage("16UC1; compressedDepth png", bytes(50)), "neither JPEG nor PNG"),
        (CompressedImage("16UC1; compressedDepth rvl", bytes(15)), "the RVL data is cut short"),
    ],
)
def test_what_is_no_depth_says_why(message, reason):
    with pytest.raises(ImageError, match=reason):
        decode_compressed_depth(message)


def test_compressed_depth_cut_short_says_so():
    whole = depth_message("16UC1; compressedDepth png", np.arange(900, 2100, dtype=np.uint16).reshape(30, 40))
    with pytest.raises(ImageError, match="the PNG is cut short"):
        decode_compressed_depth(replace(whole, data=whole.data[:-20]))


@given(
    st.builds(
        CompressedImage,
        format=st.sampled_from(
            ["16UC1; compressedDepth png", "32FC1; compressedDepth rvl", "32FC1; compressedDepth", ""]
        ),
        data=st.binary(max_size=60),
    )
)
def test_any_bytes_are_depth_or_an_image_error(message):
    with contextlib.suppress(ImageError):
        assert decode_compressed_depth(message).raw.ndim == 2
    with contextlib.suppress(ImageError):
        assert decode_compressed_colour(message).ndim == 3
