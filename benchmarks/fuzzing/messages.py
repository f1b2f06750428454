"""Images, compressed images, depth and calibration as a camera may send them."""

from __future__ import annotations

import struct
from array import array
from pathlib import Path
from types import SimpleNamespace as Message
from typing import Any

import cv2
import numpy as np
from builtin_interfaces.msg import Time
from hypothesis import strategies as st
from numpy.typing import NDArray
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from benchmarks.fuzzing.mutation import damaged
from benchmarks.fuzzing.pictures import bomb_png, encoded, png_with_checksums
from benchmarks.fuzzing.reader import Reader, WrongAnswerError
from perception_core.compressed_images import decode_compressed_colour, decode_compressed_depth
from perception_core.frame import DepthImage, IntrinsicsError
from perception_core.image_messages import ImageError, decode_camera_info, decode_colour, decode_depth
from perception_ros.frame_builder import FrameBuilder

_ENCODINGS = (
    *("bgr8", "rgb8", "bgra8", "rgba8", "mono8", "yuv422", "uyvy", "yuv422_yuy2", "yuyv", "16UC1", "mono16", "32FC1"),
    *("8UC1", "8UC3", "8UC4", "bayer_rggb8", "bayer_bggr8", "bayer_gbrg8", "bayer_grbg8", "bgr16", "", "32FC1; png"),
)
_MODELS = ("", "plumb_bob", "rational_polynomial", "equidistant", "omni")
_FORMATS = ("bgr8; jpeg compressed bgr8", "png", "16UC1; compressedDepth png", "32FC1; compressedDepth rvl", "")
_MOST_BYTES = 20_000

_uint32 = st.one_of(st.integers(0, 9), st.integers(0, 2**32 - 1), st.sampled_from((480, 640, 2**16, 2**31, 2**32 - 1)))
_double = st.one_of(st.floats(), st.sampled_from((0.0, 1.0, 320.0, 615.0, 1e300, 5e-324)))
_stamp = st.builds(Message, sec=st.integers(-(2**31), 2**31 - 1), nanosec=st.integers(0, 2**32 - 1))
_header = st.builds(Message, stamp=_stamp, frame_id=st.text(max_size=4))


class _Listener:
    """Takes the notices of a frame builder."""

    def begins(self, *_: object) -> None:
        """Nothing."""

    def ends(self, *_: object) -> None:
        """Nothing."""


def readers(_folder: Path) -> list[Reader]:
    """What turns messages into arrays."""
    errors = (ImageError, IntrinsicsError)
    colour = damaged(_colour_files(), png_with_checksums)
    depth = damaged(_depth_files(), png_with_checksums)
    any_colour, any_depth = _images() | _files(colour), st.none() | _images() | _files(depth)
    frames = st.lists(st.tuples(any_colour, any_depth, st.none() | _infos()), max_size=3)
    return [
        Reader("image", _images(), lambda message: _checked(decode_colour(message)), errors),
        Reader("depth image", _images(), lambda message: _checked_depth(decode_depth(message)), errors),
        Reader("compressed", _files(colour), lambda message: _checked(decode_compressed_colour(message)), errors),
        Reader("compressed depth", _files(depth), lambda sent: _checked_depth(decode_compressed_depth(sent)), errors),
        Reader("camera_info", _infos(), _use_camera_info, errors),
        Reader("frame builder", frames, _build_frames, ()),
    ]


@st.composite
def _images(draw: st.DrawFn) -> Message:
    """Half of them with as many bytes as they say, or nearly."""
    size = st.one_of(st.integers(0, 9), _uint32)
    height, width = draw(size), draw(size)
    step = draw(st.one_of(st.sampled_from((1, 2, 3, 4)).map(lambda per_pixel: width * per_pixel), size))
    length = draw(st.one_of(st.integers(-2, 2).map(lambda more: step * height + more), st.integers(0, 64)))
    return Message(
        header=draw(_header),
        height=height,
        width=width,
        encoding=draw(st.one_of(st.sampled_from(_ENCODINGS), st.text(max_size=9))),
        is_bigendian=draw(st.sampled_from((0, 1, 255))),
        step=step % 2**32,
        data=draw(st.sampled_from((b"\0", b"\xff", b"\x01\x80\x7f"))) * max(0, min(length, _MOST_BYTES)),
    )


def _files(data: st.SearchStrategy[bytes]) -> st.SearchStrategy[Message]:
    form = st.one_of(st.sampled_from(_FORMATS), st.text(max_size=30))
    return st.builds(Message, header=_header, format=form, data=data)


def _infos() -> st.SearchStrategy[Message]:
    model = st.one_of(st.sampled_from(_MODELS), st.text(max_size=5))
    pinhole = st.lists(_double, min_size=9, max_size=9)
    likely = st.builds(
        lambda focal, x, y: [focal, 0.0, x, 0.0, focal, y, 0.0, 0.0, 1.0],
        *(st.floats(1e-3, 1e6), st.floats(0, 9), st.floats(0, 9)),
    )
    return st.builds(
        Message,
        **{"header": _header, "height": _uint32, "width": _uint32, "distortion_model": model},
        **{"d": st.lists(_double, max_size=15), "k": st.one_of(pinhole, likely)},
    )


def _checked(picture: Any) -> None:
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or 0 in picture.shape:
        raise WrongAnswerError(f"a picture of shape {picture.shape} and {picture.dtype}")
    picture.sum()  # touches every pixel: a view beyond its data would end the process


def _checked_depth(depth: DepthImage) -> None:
    metres = depth.metres()
    if metres.dtype != np.float32 or (metres[np.isfinite(metres)] <= 0).any() or np.isinf(metres).any():
        raise WrongAnswerError("a distance that is not positive and finite")


def _use_camera_info(message: Message) -> None:
    intrinsics = decode_camera_info(message)
    intrinsics.deproject(intrinsics.cx, intrinsics.cy, 1.0)
    intrinsics.project(np.array([[0.0, 0.0, 1.0]]))


def _build_frames(given: list[tuple[Message, Message | None, Message | None]]) -> None:
    """Several in a row, as the builder remembers the calibration."""
    builder = FrameBuilder(_Listener())  # type: ignore[arg-type]
    for colour, depth, camera_info in given:
        try:
            frame = builder.build(_as_ros(colour), depth and _as_ros(depth), camera_info)
        except ImageError:
            continue
        if frame.depth is not None and frame.depth.size != frame.size:
            raise WrongAnswerError(f"depth of {frame.depth.size} with colour of {frame.size}")
        if frame.intrinsics is not None and (frame.intrinsics.width, frame.intrinsics.height) != frame.size:
            raise WrongAnswerError(f"a calibration for {frame.intrinsics.width} pixels with colour of {frame.size}")


def _as_ros(message: Message) -> Any:
    """As rclpy delivers it: the builder tells messages apart by their type."""
    stamp = Time(sec=message.header.stamp.sec, nanosec=message.header.stamp.nanosec)
    values = {**vars(message), "header": Header(stamp=stamp, frame_id=message.header.frame_id)}
    values["data"] = array("B", message.data)
    return (CompressedImage if hasattr(message, "format") else Image)(**values)


def _colour_files() -> list[bytes]:
    colour = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 256, (24, 32, 3), np.uint8), (5, 5), 0)
    progressive = [cv2.IMWRITE_JPEG_PROGRESSIVE, 1, cv2.IMWRITE_JPEG_RST_INTERVAL, 2]
    pictures = [encoded(".jpg", colour), encoded(".jpg", colour[:, :, 0]), encoded(".jpg", colour, progressive)]
    return [*pictures, encoded(".png", colour), encoded(".png", np.dstack([colour, colour[:, :, 0]])), bomb_png()]


def _depth_files() -> list[bytes]:
    depth = np.random.default_rng(0).integers(0, 3000, (6, 8), np.uint16)
    png = encoded(".png", depth)
    header = struct.pack("<iff", 0, 100.0, 1.0)
    return [png, header + png, header + _rvl(depth), encoded(".png", depth.astype(np.uint8)), header + bomb_png()]


def _rvl(depth: NDArray[np.uint16]) -> bytes:
    """Depth as RVL writes it: 8 nibbles to a word, three bits of a number in each."""
    nibbles: list[int] = []

    def number(value: int) -> None:
        while True:
            nibbles.append((value & 7) | (8 if value > 7 else 0))
            value >>= 3
            if not value:
                return

    flat, last = depth.ravel().tolist(), 0
    number(0)
    number(len(flat))
    for value in flat:
        difference, last = value - last, value
        number((difference << 1) ^ (difference >> 31))
    nibbles += [0] * (-len(nibbles) % 8)
    words = [int("".join(f"{nibble:x}" for nibble in nibbles[at : at + 8]), 16) for at in range(0, len(nibbles), 8)]
    return struct.pack("<II", depth.shape[1], depth.shape[0]) + struct.pack(f"<{len(words)}I", *words)
