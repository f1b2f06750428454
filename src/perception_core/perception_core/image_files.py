"""JPEG and PNG in memory, examined before OpenCV decodes them.

OpenCV takes half a picture for a whole one, prints what it thinks of it, and believes any size that a file claims.
"""

from __future__ import annotations

import re
import struct
import zlib
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from perception_core.library_words import listened_to, silence_opencv

MAX_PIXELS = 36_000_000  # 8K has 7680x4320, that of the cinema 8192x4320: no video camera sends more; 108 MB as BGR
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_CHUNK = struct.Struct(">I4s")
_PNG_CRC_BYTES = 4
# Of libjpeg's warnings those that some cameras and programs give cause to with every whole picture.
_HARMLESS = re.compile(r"libpng warning|Unknown Adobe|Warning: unknown JFIF|Corrupt JPEG data: \d+ extraneous bytes")
_JPEG_BEGIN = b"\xff\xd8"
_JPEG_END, _JPEG_SCAN = 0xD9, 0xDA
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOF0 to SOF15 (ITU T.81, table B.1)
_JPEG_WITHOUT_LENGTH = frozenset({0x00, 0x01, *range(0xD0, 0xDA)})  # TEM, RST0 to RST7, SOI, EOI; 0 is no marker
# Inside a scan 0xff is followed by zero or a restart marker; any number of it may come before another marker.
_JPEG_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_MOST_SCANS = 64  # of a progressive JPEG; libjpeg's own script has 10. Every one is a pass over the whole picture


class ImageFileError(ValueError):
    """A JPEG or PNG that cannot be decoded."""


def is_png(data: NDArray[np.uint8]) -> bool:
    """Whether a file begins like a PNG."""
    return data[: len(_PNG_SIGNATURE)].tobytes() == _PNG_SIGNATURE


def decode_image_file(data: NDArray[np.uint8], flags: int) -> NDArray[Any]:
    """The picture in a JPEG or PNG.

    Args:
        data: The bytes of the file; what follows its end is ignored.
        flags: OpenCV's IMREAD flags. A note on the camera's orientation is never followed: calibration and depth are
            for the picture as it was taken.

    Raises:
        ImageFileError: Neither JPEG nor PNG, cut short, damaged, or larger than any camera's.
    """
    size = claimed_size(data)
    if size is None:
        raise ImageFileError("it is neither JPEG nor PNG; set the publisher's format to jpeg or png")
    check_size(size, MAX_PIXELS)
    return decode(data, flags | cv2.IMREAD_IGNORE_ORIENTATION)


def claimed_size(data: NDArray[np.uint8]) -> tuple[int, int] | None:
    """Width and height that a JPEG or PNG says it has; None for another file.

    Raises:
        ImageFileError: It is cut short or damaged.
    """
    if is_png(data):
        return _examine_png(data.data)
    return _examine_jpeg(data.data) if data[:2].tobytes() == _JPEG_BEGIN else None


def check_size(size: tuple[int, int], most_pixels: int) -> None:
    """Refuses what no memory should be spent on.

    Raises:
        ImageFileError: It has no pixels, or too many.
    """
    if not 0 < size[0] * size[1] <= most_pixels:
        raise ImageFileError(f"it claims {size[0]}x{size[1]} pixels; between 1 and {most_pixels} are decoded")


def decode(data: NDArray[np.uint8], flags: int) -> NDArray[Any]:
    """What OpenCV makes of a file that was examined; damage that its libraries only talk about is an error.

    Raises:
        ImageFileError: It is damaged.
    """
    silence_opencv()
    try:
        pixels, words = listened_to(lambda: cv2.imdecode(data, flags))
    except cv2.error as error:
        raise ImageFileError(f"it is damaged: {error.err}") from error
    damage = [line for line in words if not _HARMLESS.match(line)]
    if pixels is None or damage:
        raise ImageFileError(f"it is damaged: {damage[0] if damage else 'OpenCV cannot decode it'}")
    return np.asarray(pixels)


def _examine_png(file: memoryview) -> tuple[int, int]:
    """Width and height, once every chunk is known to be whole (PNG specification, 5.3 and 11.2.2)."""
    size, at = None, len(_PNG_SIGNATURE)
    while at + _PNG_CHUNK.size + _PNG_CRC_BYTES <= len(file):
        length, kind = _PNG_CHUNK.unpack_from(file, at)
        end = at + _PNG_CHUNK.size + length
        if end + _PNG_CRC_BYTES > len(file):
            break
        if zlib.crc32(file[at + 4 : end]) != int.from_bytes(file[end : end + _PNG_CRC_BYTES], "big"):
            raise ImageFileError(f"it is damaged: the check sum of PNG chunk {kind.decode('latin-1')} is wrong")
        if size is None:
            if kind != b"IHDR" or length != 13:
                raise ImageFileError("it is damaged: the PNG does not begin with its size")
            size = struct.unpack_from(">II", file, at + _PNG_CHUNK.size)
        if kind == b"IEND":
            return size
        at = end + _PNG_CRC_BYTES
    raise ImageFileError(f"the PNG is cut short: {len(file)} bytes without its end")


def _examine_jpeg(file: memoryview) -> tuple[int, int]:
    """Width and height, once every segment is known to be whole up to the end (ITU T.81, B.1 and B.2).

    What libjpeg would read in another way than this is refused: it would decode another size than the one looked at.
    """
    size, scans, at = None, 0, len(_JPEG_BEGIN)
    while at + 2 <= len(file):
        if file[at] != 0xFF:
            raise ImageFileError(f"it is damaged: no JPEG marker at byte {at}")
        marker = file[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == _JPEG_END and size is not None and scans:
            return size
        if marker in _JPEG_WITHOUT_LENGTH:
            raise ImageFileError(f"it is damaged: no JPEG segment at byte {at}")
        if marker in _JPEG_FRAMES:
            if size is not None:
                raise ImageFileError("it is damaged: it says its size twice")
            size = int.from_bytes(file[at + 7 : at + 9], "big"), int.from_bytes(file[at + 5 : at + 7], "big")
        at += 2 + int.from_bytes(file[at + 2 : at + 4], "big")
        if marker == _JPEG_SCAN:
            scans += 1
            if scans > _MOST_SCANS:
                raise ImageFileError(f"it has more than {_MOST_SCANS} scans, which no camera or program writes")
            following = _JPEG_AFTER_SCAN.search(file, at)
            at = following.start() if following else len(file)
    raise ImageFileError(f"the JPEG is cut short: {len(file)} bytes without its end")
