"""ROS images to arrays and back: views where the layout allows, OpenCV conversions elsewhere."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from builtin_interfaces.msg import Time
from numpy.typing import NDArray
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from perception_core.frame import ColourImage, DepthImage, Intrinsics


class ImageError(ValueError):
    """An image message that cannot be used."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """How an encoding lies in memory, and how it becomes BGR."""

    dtype: type[np.generic]
    channels: int
    to_bgr: int | None


_COLOUR = {
    "bgr8": _Layout(np.uint8, 3, None),
    "rgb8": _Layout(np.uint8, 3, cv2.COLOR_RGB2BGR),
    "bgra8": _Layout(np.uint8, 4, cv2.COLOR_BGRA2BGR),
    "rgba8": _Layout(np.uint8, 4, cv2.COLOR_RGBA2BGR),
    "mono8": _Layout(np.uint8, 1, cv2.COLOR_GRAY2BGR),
    "yuv422": _Layout(np.uint8, 2, cv2.COLOR_YUV2BGR_UYVY),
    "uyvy": _Layout(np.uint8, 2, cv2.COLOR_YUV2BGR_UYVY),
    "yuv422_yuy2": _Layout(np.uint8, 2, cv2.COLOR_YUV2BGR_YUY2),
    "yuyv": _Layout(np.uint8, 2, cv2.COLOR_YUV2BGR_YUY2),
}
_DEPTH = {
    "16UC1": (_Layout(np.uint16, 1, None), 0.001),
    "mono16": (_Layout(np.uint16, 1, None), 0.001),
    "32FC1": (_Layout(np.float32, 1, None), 1.0),
}
_DISTORTION_MODELS = {"": False, "plumb_bob": False, "rational_polynomial": False, "equidistant": True}
_PINHOLE_VALUES = 9


def nanoseconds(header: Header) -> int:
    """The stamp in nanoseconds; also of a stamp before 1970, which rclpy's Time refuses."""
    return int(header.stamp.sec) * 1_000_000_000 + int(header.stamp.nanosec)


def time_message(stamp_ns: int) -> Time:
    """The message for a time in nanoseconds."""
    sec, nanosec = divmod(stamp_ns, 1_000_000_000)
    return Time(sec=sec, nanosec=nanosec)


def decode_colour(message: Image) -> ColourImage:
    """The picture in a message.

    Returns:
        HxWx3 uint8, BGR; a view of the message's data for bgr8.

    Raises:
        ImageError: Unknown encoding, no pixels, or fewer bytes than the size needs.
    """
    layout = _COLOUR.get(message.encoding)
    if layout is None:
        raise ImageError(f"colour encoding '{message.encoding}' is not known; known are {', '.join(_COLOUR)}")
    pixels = _pixels(message, layout)
    return pixels if layout.to_bgr is None else np.asarray(cv2.cvtColor(pixels, layout.to_bgr), np.uint8)


def decode_depth(message: Image) -> DepthImage:
    """The depth in a message; a view of its data.

    Raises:
        ImageError: Unknown encoding, no pixels, or fewer bytes than the size needs.
    """
    if message.encoding not in _DEPTH:
        raise ImageError(
            f"depth encoding '{message.encoding}' is not known; known are 16UC1 (millimetres) and 32FC1 (metres)"
        )
    layout, metres_per_unit = _DEPTH[message.encoding]
    return DepthImage(_pixels(message, layout), metres_per_unit)


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


def decode_camera_info(message: CameraInfo) -> Intrinsics:
    """The camera's intrinsics.

    Raises:
        ImageError: The distortion model is not known, or there is no calibration.
        IntrinsicsError: No lens can have these numbers.
    """
    if message.distortion_model not in _DISTORTION_MODELS:
        raise ImageError(
            f"distortion model '{message.distortion_model}' is not known; known are "
            f"{', '.join(filter(None, _DISTORTION_MODELS))}"
        )
    if len(message.k) != _PINHOLE_VALUES or not any(message.k):
        raise ImageError("camera_info holds no calibration (K is all zero); calibrate the camera or load its file")
    return Intrinsics(
        width=message.width,
        height=message.height,
        fx=float(message.k[0]),
        fy=float(message.k[4]),
        cx=float(message.k[2]),
        cy=float(message.k[5]),
        distortion=tuple(float(value) for value in message.d) if any(message.d) else (),
        fisheye=_DISTORTION_MODELS[message.distortion_model],
    )


def encode_camera_info(intrinsics: Intrinsics, header: Header) -> CameraInfo:
    """The message for a camera's intrinsics."""
    fx, fy, cx, cy = intrinsics.fx, intrinsics.fy, intrinsics.cx, intrinsics.cy
    return CameraInfo(
        header=header,
        width=intrinsics.width,
        height=intrinsics.height,
        distortion_model="equidistant" if intrinsics.fisheye else "plumb_bob",
        d=list(intrinsics.distortion or (0.0,) * 5),
        k=[fx, 0.0, cx, 0.0, fy, cy, 0.0, 0.0, 1.0],
        r=[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
        p=[fx, 0.0, cx, 0.0, 0.0, fy, cy, 0.0, 0.0, 0.0, 1.0, 0.0],
    )


def _pixels(message: Image, layout: _Layout) -> NDArray[Any]:
    height, width, step = message.height, message.width, message.step
    itemsize = np.dtype(layout.dtype).itemsize
    row = width * layout.channels * itemsize
    described = f"{message.encoding} image of {width}x{height}, step {step}"
    if height == 0 or width == 0:
        raise ImageError(f"{described}: there are no pixels")
    if step < row:
        raise ImageError(f"{described}: a row needs {row} bytes; the publisher sets a wrong step or encoding")
    # The last row may lack its padding.
    if len(message.data) < step * (height - 1) + row:
        raise ImageError(
            f"{described}: holds {len(message.data)} bytes, needs {step * (height - 1) + row}; it is cut short"
        )
    dtype = np.dtype(layout.dtype).newbyteorder(">" if message.is_bigendian else "<")
    shape = (height, width) if layout.channels == 1 else (height, width, layout.channels)
    strides = (step, layout.channels * itemsize, itemsize)[: len(shape)]
    view: NDArray[Any] = np.ndarray(shape, dtype, np.frombuffer(message.data, np.uint8).data, strides=strides)
    return view.astype(layout.dtype) if not dtype.isnative else view
