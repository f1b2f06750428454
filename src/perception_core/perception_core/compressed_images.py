"""Compressed image messages to arrays: what ROS's image_transport sends as `compressed` and `compressedDepth`."""

from __future__ import annotations

import struct
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from perception_core.frame import ColourImage, DepthImage
from perception_core.image_files import ImageFileError, decode_image_file, is_png
from perception_core.image_messages import METRE, MILLIMETRE, CompressedImageMessage, ImageError, metres_per_unit
from perception_core.rvl import RvlError, decode_rvl

_USE_PNG = "set the publisher's compressed depth format to png"
_DEPTH_HEADER = struct.Struct("<iff")  # ConfigHeader of compressed_depth_image_transport: format, then A and B


def decode_compressed_colour(message: CompressedImageMessage) -> ColourImage:
    """The picture in a JPEG or PNG, as image_transport's `compressed` sends it.

    The file says how its channels lie; the format string, which differs between distributions, is not needed.

    Returns:
        HxWx3 uint8, BGR.

    Raises:
        ImageError: Neither JPEG nor PNG, cut short, damaged, or larger than any camera's.
    """
    return np.asarray(_decode_file(message, 0, cv2.IMREAD_COLOR), np.uint8)


def decode_compressed_depth(message: CompressedImageMessage) -> DepthImage:
    """The depth in a PNG (`compressed`), or in a PNG or RVL behind a header (`compressedDepth` of image_transport).

    Metres are sent as 16 bits of inverse depth, `raw = A / depth + B`, with A and B in the header
    (compressed_depth_image_transport, codec.cpp).

    Raises:
        ImageError: Not depth, cut short, damaged, or larger than any camera's.
    """
    data = np.frombuffer(message.data, np.uint8)
    if is_png(data):
        return DepthImage(_depth_file(message, 0), MILLIMETRE)
    if "compressedDepth" not in message.format or len(data) <= _DEPTH_HEADER.size:
        raise ImageError(f"{_described(message)} is no depth image; {_USE_PNG}")
    if "rvl" in message.format:
        try:
            raw = decode_rvl(data[_DEPTH_HEADER.size :])
        except RvlError as error:
            raise ImageError(f"{_described(message)}: {error}") from error
    else:
        raw = _depth_file(message, _DEPTH_HEADER.size)
    if metres_per_unit(message.format.partition(";")[0].strip()) == MILLIMETRE:
        return DepthImage(raw, MILLIMETRE)
    _, a, b = _DEPTH_HEADER.unpack(data[: _DEPTH_HEADER.size].tobytes())
    return DepthImage(_from_inverse(raw, a, b, message), METRE)


def _described(message: CompressedImageMessage) -> str:
    return f"compressed image of format '{message.format}', {len(message.data)} bytes"


def _decode_file(message: CompressedImageMessage, start: int, flags: int) -> NDArray[Any]:
    try:
        return decode_image_file(np.frombuffer(message.data, np.uint8)[start:], flags)
    except ImageFileError as error:
        raise ImageError(f"{_described(message)}: {error}") from error


def _depth_file(message: CompressedImageMessage, start: int) -> NDArray[np.uint16]:
    pixels = _decode_file(message, start, cv2.IMREAD_UNCHANGED)
    if pixels.dtype != np.uint16 or pixels.ndim != 2:
        channels = 1 if pixels.ndim == 2 else pixels.shape[2]
        raise ImageError(
            f"{_described(message)} is no depth image: it has {channels} channels of {8 * pixels.itemsize} bits, depth "
            f"has one of 16; {_USE_PNG}"
        )
    return pixels


def _from_inverse(raw: NDArray[np.uint16], a: float, b: float, message: CompressedImageMessage) -> NDArray[np.float32]:
    if not (np.isfinite([a, b]).all() and a > 0):
        raise ImageError(f"{_described(message)}: its header is damaged (A is {a}, B is {b})")
    metres = raw.astype(np.float32)
    metres -= np.float32(b)
    with np.errstate(divide="ignore", over="ignore"):
        np.divide(np.float32(a), metres, out=metres)
    metres[raw == 0] = np.nan
    return metres
