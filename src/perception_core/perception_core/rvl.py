"""Depth compressed without loss by RVL (A. Wilson, "Fast Lossless Depth Image Compression", ISS 2017).

Runs of zeros and of values alternate; a value is its difference to the last one, in as few nibbles as it needs.
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from perception_core.image_files import MAX_PIXELS

_SIZE = struct.Struct("<II")
_LONGEST_NUMBER = 10  # nibbles of 3 bits: more than any run or difference needs


class RvlError(ValueError):
    """RVL data that cannot be decoded."""


def decode_rvl(data: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """The depth image.

    Args:
        data: Width and height as 32 bits each, then the nibbles, as compressed_depth_image_transport lays them.

    Returns:
        HxW uint16.

    Raises:
        RvlError: The data is cut short or damaged.
    """
    if len(data) < _SIZE.size:
        raise RvlError(f"the RVL data is cut short: {len(data)} bytes")
    width, height = _SIZE.unpack(data[: _SIZE.size].tobytes())
    if not 0 < width * height <= MAX_PIXELS:
        raise RvlError(f"it claims {width}x{height} pixels; between 1 and {MAX_PIXELS} are decoded")
    numbers = _numbers(data[_SIZE.size :])
    is_value, place, at, pixel = np.zeros(len(numbers), bool), np.zeros(width * height, bool), 0, 0
    counts = numbers.tolist()  # the runs are looked up one by one: a list is faster there
    while pixel < width * height:
        if at + 2 > len(counts):
            raise RvlError(f"the RVL data is cut short: {pixel} of {width * height} pixels")
        zeros, values = counts[at], counts[at + 1]
        pixel, at = pixel + zeros, at + 2
        is_value[at : at + values] = place[pixel : pixel + values] = True
        pixel, at = pixel + values, at + values
    if pixel > width * height or at > len(counts):
        raise RvlError(f"the RVL data is cut short or damaged: {pixel} of {width * height} pixels")
    zigzag = numbers[is_value]
    depth = np.zeros(width * height, np.uint16)
    depth[place] = np.cumsum((zigzag >> 1) ^ -(zigzag & 1), dtype=np.int32).astype(np.uint16)
    return depth.reshape(height, width)


def _numbers(data: NDArray[np.uint8]) -> NDArray[np.int32]:
    """The numbers in the nibbles: highest nibble of each word first, the eighth bit says that more follow."""
    octets = data[: len(data) // 4 * 4].reshape(-1, 4)[:, ::-1].reshape(-1)
    nibbles = np.empty(2 * len(octets), np.uint8)
    nibbles[0::2], nibbles[1::2] = octets >> 4, octets & 0xF
    ends = np.flatnonzero(nibbles < 8)
    lengths = np.diff(ends, prepend=-1)
    starts = ends - lengths + 1
    longest = int(lengths.max(initial=0))
    if not 0 < longest <= _LONGEST_NUMBER:
        raise RvlError("the RVL data is cut short or damaged: a number does not end")
    numbers: NDArray[np.int32] = (nibbles[starts] & 7).astype(np.int32)
    for digit in range(1, longest):
        longer = np.flatnonzero(lengths > digit)
        numbers[longer] |= (nibbles[starts[longer] + digit] & 7).astype(np.int32) << (3 * digit)
    return numbers
