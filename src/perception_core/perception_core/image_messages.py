"""Image messages to arrays: views where the layout allows, one OpenCV conversion elsewhere.

The messages are ROS's own or those that another library has deserialised: only their fields matter.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from perception_core.frame import ColourImage, DepthImage, Intrinsics
from perception_core.image_files import MAX_PIXELS

Bytes: TypeAlias = "bytes | array[int] | NDArray[np.uint8]"


class ImageError(ValueError):
    """An image message that cannot be used."""


class UnknownEncodingError(ImageError):
    """An encoding that is not known here."""


class Stamp(Protocol):
    """builtin_interfaces/Time."""

    sec: int
    nanosec: int


class Header(Protocol):
    """std_msgs/Header."""

    stamp: Stamp
    frame_id: str


class ImageMessage(Protocol):
    """sensor_msgs/Image."""

    header: Header
    height: int
    width: int
    encoding: str
    is_bigendian: int
    step: int
    data: Bytes


class CompressedImageMessage(Protocol):
    """sensor_msgs/CompressedImage."""

    header: Header
    format: str
    data: Bytes


class CameraInfoMessage(Protocol):
    """sensor_msgs/CameraInfo."""

    header: Header
    height: int
    width: int
    distortion_model: str
    d: Sequence[float] | NDArray[np.float64]
    k: Sequence[float] | NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Layout:
    """How an encoding lies in memory, and how it becomes BGR."""

    dtype: type[np.generic]
    channels: int
    to_bgr: int | None
    even_width: bool = False


_BGR = _Layout(np.uint8, 3, None)
_BGRA = _Layout(np.uint8, 4, cv2.COLOR_BGRA2BGR)
_GREY = _Layout(np.uint8, 1, cv2.COLOR_GRAY2BGR)
_UYVY = _Layout(np.uint8, 2, cv2.COLOR_YUV2BGR_UYVY, even_width=True)  # two pixels share their colour
_YUYV = _Layout(np.uint8, 2, cv2.COLOR_YUV2BGR_YUY2, even_width=True)
_COLOUR = {
    "bgr8": _BGR,
    "rgb8": _Layout(np.uint8, 3, cv2.COLOR_RGB2BGR),
    "bgra8": _BGRA,
    "rgba8": _Layout(np.uint8, 4, cv2.COLOR_RGBA2BGR),
    "mono8": _GREY,
    "yuv422": _UYVY,
    "uyvy": _UYVY,
    "yuv422_yuy2": _YUYV,
    "yuyv": _YUYV,
    # OpenCV's own type names say nothing of colour: its order is meant.
    "8UC1": _GREY,
    "8UC3": _BGR,
    "8UC4": _BGRA,
    # ROS names a mosaic by its first row and column, OpenCV by its second.
    "bayer_rggb8": _Layout(np.uint8, 1, cv2.COLOR_BayerBG2BGR),
    "bayer_bggr8": _Layout(np.uint8, 1, cv2.COLOR_BayerRG2BGR),
    "bayer_gbrg8": _Layout(np.uint8, 1, cv2.COLOR_BayerGR2BGR),
    "bayer_grbg8": _Layout(np.uint8, 1, cv2.COLOR_BayerGB2BGR),
}
_DEPTH = {
    "16UC1": _Layout(np.uint16, 1, None),
    "mono16": _Layout(np.uint16, 1, None),
    "32FC1": _Layout(np.float32, 1, None),
}
MILLIMETRE, METRE = 0.001, 1.0
_DISTORTION_MODELS = {"": False, "plumb_bob": False, "rational_polynomial": False, "equidistant": True}
_PINHOLE_VALUES = 9
_PLUMB_BOB_COEFFICIENTS = 5


def nanoseconds(header: Header) -> int:
    """The stamp in nanoseconds; also of a stamp before 1970, which rclpy's Time refuses."""
    return int(header.stamp.sec) * 1_000_000_000 + int(header.stamp.nanosec)


def decode_colour(message: ImageMessage) -> ColourImage:
    """The picture in a message.

    Returns:
        HxWx3 uint8, BGR; a view of the message's data for bgr8.

    Raises:
        UnknownEncodingError: The encoding is not one of those in the README's table.
        ImageError: No pixels, too many, fewer bytes than the size needs, or a size that the encoding cannot have.
    """
    layout = _COLOUR.get(message.encoding)
    if layout is None:
        raise UnknownEncodingError(f"colour encoding '{message.encoding}' is not known; known are {', '.join(_COLOUR)}")
    pixels = _pixels(message, layout)
    return pixels if layout.to_bgr is None else np.asarray(cv2.cvtColor(pixels, layout.to_bgr), np.uint8)


def decode_depth(message: ImageMessage) -> DepthImage:
    """The depth in a message; a view of its data.

    Raises:
        UnknownEncodingError: The encoding is none of 16UC1, mono16 and 32FC1.
        ImageError: No pixels, too many, or fewer bytes than the size needs.
    """
    unit = metres_per_unit(message.encoding)
    return DepthImage(_pixels(message, _DEPTH[message.encoding]), unit)


def metres_per_unit(encoding: str) -> float:
    """The unit of a depth image, by ROS's convention (REP 118).

    Raises:
        UnknownEncodingError: The encoding is none of 16UC1, mono16 and 32FC1.
    """
    if encoding not in _DEPTH:
        raise UnknownEncodingError(
            f"depth encoding '{encoding}' is not known; known are 16UC1 (millimetres) and 32FC1 (metres)"
        )
    return METRE if _DEPTH[encoding].dtype is np.float32 else MILLIMETRE


def decode_camera_info(message: CameraInfoMessage) -> Intrinsics:
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


def camera_info_fields(intrinsics: Intrinsics) -> dict[str, Any]:
    """The fields of sensor_msgs/CameraInfo that say what the lens is like, for a camera without a second one."""
    fx, fy, cx, cy = intrinsics.fx, intrinsics.fy, intrinsics.cx, intrinsics.cy
    return {
        "width": intrinsics.width,
        "height": intrinsics.height,
        "distortion_model": _distortion_model(intrinsics),
        "d": np.array(intrinsics.distortion or (0.0,) * _PLUMB_BOB_COEFFICIENTS),
        "k": np.array([fx, 0.0, cx, 0.0, fy, cy, 0.0, 0.0, 1.0]),
        "r": np.eye(3).reshape(-1),
        "p": np.array([fx, 0.0, cx, 0.0, 0.0, fy, cy, 0.0, 0.0, 0.0, 1.0, 0.0]),
    }


def _distortion_model(intrinsics: Intrinsics) -> str:
    if intrinsics.fisheye:
        return "equidistant"
    return "rational_polynomial" if len(intrinsics.distortion) > _PLUMB_BOB_COEFFICIENTS else "plumb_bob"


def _pixels(message: ImageMessage, layout: _Layout) -> NDArray[Any]:
    height, width, step = message.height, message.width, message.step
    itemsize = np.dtype(layout.dtype).itemsize
    row = width * layout.channels * itemsize
    described = f"{message.encoding} image of {width}x{height}, step {step}"
    if height == 0 or width == 0:
        raise ImageError(f"{described}: there are no pixels")
    if layout.even_width and width % 2:
        raise ImageError(f"{described}: two pixels share their colour, so the width must be even")
    if step < row:
        raise ImageError(f"{described}: a row needs {row} bytes; the publisher sets a wrong step or encoding")
    # The last row may lack its padding.
    if len(message.data) < step * (height - 1) + row:
        raise ImageError(
            f"{described}: holds {len(message.data)} bytes, needs {step * (height - 1) + row}; it is cut short"
        )
    if width * height > MAX_PIXELS:
        raise ImageError(f"{described}: up to {MAX_PIXELS} pixels are read; lower the camera's resolution")
    dtype = np.dtype(layout.dtype).newbyteorder(">" if message.is_bigendian else "<")
    shape = (height, width) if layout.channels == 1 else (height, width, layout.channels)
    strides = (step, layout.channels * itemsize, itemsize)[: len(shape)]
    view: NDArray[Any] = np.ndarray(shape, dtype, np.frombuffer(message.data, np.uint8).data, strides=strides)
    return view.astype(layout.dtype) if not dtype.isnative else view
