"""Pictures and intrinsics to ROS messages; the way back is `perception_core.image_messages`."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
from builtin_interfaces.msg import Time
from numpy.typing import NDArray
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from perception_core.frame import Intrinsics
from perception_core.image_messages import camera_info_fields


def time_message(stamp_ns: int) -> Time:
    """The message for a time in nanoseconds."""
    sec, nanosec = divmod(stamp_ns, 1_000_000_000)
    return Time(sec=sec, nanosec=nanosec)


def encode_image(pixels: NDArray[Any], encoding: str, header: Header) -> Image:
    """A message with a picture.

    Args:
        pixels: HxW or HxWxC, of the dtype that the encoding means.
        encoding: One of ROS's names, such as bgr8 or 16UC1.
        header: Stamp and frame.
    """
    height, width = pixels.shape[:2]
    data = array("B")
    data.frombytes(np.ascontiguousarray(pixels).reshape(-1).view(np.uint8).data)  # a list takes 600 times as long
    return Image(
        header=header,
        height=height,
        width=width,
        encoding=encoding,
        is_bigendian=0,
        step=len(data) // height,
        data=data,
    )


def encode_camera_info(intrinsics: Intrinsics, header: Header) -> CameraInfo:
    """The message for a camera's intrinsics."""
    return CameraInfo(header=header, **camera_info_fields(intrinsics))
