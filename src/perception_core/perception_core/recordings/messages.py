"""Frames as the messages that a RealSense driver publishes, in the form in which ROS sends and stores them."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray
from rosbags.serde import SerdeError
from rosbags.typesys import Stores, get_typestore
from rosbags.typesys.store import Typestore

from perception_core.frame import DepthImage, Intrinsics, RgbdFrame
from perception_core.image_messages import camera_info_fields
from perception_core.recordings.error import RecordingError
from perception_core.recordings.stored import MOST_BYTES
from perception_core.topics import CAMERA_INFO_TOPIC, COLOUR_TOPIC, DEPTH_TOPIC

IMAGE = "sensor_msgs/msg/Image"
COMPRESSED_IMAGE = "sensor_msgs/msg/CompressedImage"
CAMERA_INFO = "sensor_msgs/msg/CameraInfo"

# In the order in which a frame's messages are written: colour last, so that a reader has its depth already.
TYPES = {f"/{CAMERA_INFO_TOPIC}": CAMERA_INFO, f"/{DEPTH_TOPIC}": IMAGE, f"/{COLOUR_TOPIC}": IMAGE}

_SECONDS = range(-(2**31), 2**31)  # builtin_interfaces/Time
_MILLIMETRE = 0.001
_ZSTD = b"\x28\xb5\x2f\xfd"  # how compressed data begins; a message begins with 0


class MessageError(ValueError):
    """Bytes that are not the message that their topic says they are."""


@functools.cache
def typestore() -> Typestore:
    """Jazzy's messages; those of Humble that are read here are the same."""
    return get_typestore(Stores.ROS2_JAZZY)


def encoded(frame: RgbdFrame) -> dict[str, memoryview]:
    """A frame's messages by topic, in the order of `TYPES`.

    Depth in units other than millimetres becomes 32FC1, which loses nothing.

    Raises:
        RecordingError: The stamp does not fit into ROS's time.
    """
    store, header = typestore(), _header(frame)
    messages: dict[str, Any] = {}
    if frame.intrinsics is not None:
        messages[f"/{CAMERA_INFO_TOPIC}"] = _camera_info(frame.intrinsics, header)
    if frame.depth is not None:
        messages[f"/{DEPTH_TOPIC}"] = _image(*_depth_pixels(frame.depth), header)
    messages[f"/{COLOUR_TOPIC}"] = _image(frame.colour, "bgr8", header)
    return {topic: store.serialize_cdr(message, TYPES[topic]) for topic, message in messages.items()}


def decoded(data: bytes, message_type: str) -> Any:
    """A message with the fields that ROS gives it; its arrays are views of the data.

    Args:
        data: As stored; also compressed one by one, as rosbag2 can do.
        message_type: Such as sensor_msgs/msg/Image.

    Raises:
        MessageError: The data is no such message.
    """
    try:
        if data.startswith(_ZSTD):
            data = _unpacked(data)
        return typestore().deserialize_cdr(memoryview(data), message_type)
    except (SerdeError, zstandard.ZstdError) as error:
        raise MessageError(f"{len(data)} bytes that are no {message_type} ({error})") from error


def _unpacked(data: bytes) -> bytes:
    with zstandard.ZstdDecompressor().stream_reader(data) as reader:
        unpacked: bytes = reader.read(MOST_BYTES + 1)
    if len(unpacked) > MOST_BYTES:
        raise MessageError(f"{len(data)} bytes that unpack to more than {MOST_BYTES}, which no message is long")
    return unpacked


def _header(frame: RgbdFrame) -> Any:
    types = typestore().types
    seconds, nanoseconds = divmod(frame.stamp_ns, 1_000_000_000)
    if seconds not in _SECONDS:
        raise RecordingError(f"a frame is stamped {seconds} s, which ROS's time cannot hold (32 bits of seconds)")
    stamp = types["builtin_interfaces/msg/Time"](sec=seconds, nanosec=nanoseconds)
    return types["std_msgs/msg/Header"](stamp=stamp, frame_id=frame.frame_id)


def _depth_pixels(depth: DepthImage) -> tuple[NDArray[Any], str]:
    if depth.raw.dtype == np.uint16 and math.isclose(depth.metres_per_unit, _MILLIMETRE, rel_tol=1e-6):
        return depth.raw, "16UC1"
    if depth.raw.dtype == np.float32 and depth.metres_per_unit == 1.0:
        return depth.raw, "32FC1"
    return depth.metres(), "32FC1"


def _image(pixels: NDArray[Any], encoding: str, header: Any) -> Any:
    height, width = pixels.shape[:2]
    data = np.ascontiguousarray(pixels).reshape(-1).view(np.uint8)
    return typestore().types[IMAGE](
        header=header,
        height=height,
        width=width,
        encoding=encoding,
        is_bigendian=0,
        step=len(data) // height,
        data=data,
    )


def _camera_info(intrinsics: Intrinsics, header: Any) -> Any:
    types = typestore().types
    return types[CAMERA_INFO](
        header=header,
        **camera_info_fields(intrinsics),
        binning_x=0,
        binning_y=0,
        roi=types["sensor_msgs/msg/RegionOfInterest"](x_offset=0, y_offset=0, height=0, width=0, do_rectify=False),
    )
