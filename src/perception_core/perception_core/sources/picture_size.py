"""How large a picture file says it is, so that nothing is decoded that would fill the memory.

Headers: BITMAPINFOHEADER (Windows GDI), the TIFF 6.0 specification, and the WebP container specification. For JPEG and
PNG see `perception_core.image_files`.
"""

from __future__ import annotations

import struct

Size = tuple[int, int]

_BMP_CORE_HEADER = 12  # bytes: the oldest header, with 16 bits for each side
_TIFF_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
_TIFF_WIDTH, _TIFF_HEIGHT = 256, 257
_TIFF_FORMATS = {3: "H", 4: "I"}
_TIFF_ENTRY_BYTES = 12


def is_bmp(content: bytes) -> bool:
    """Whether a file begins like a BMP."""
    return content.startswith(b"BM")


def is_tiff(content: bytes) -> bool:
    """Whether a file begins like a TIFF."""
    return content[:4] in _TIFF_ORDERS


def is_webp(content: bytes) -> bool:
    """Whether a file begins like a WebP."""
    return content.startswith(b"RIFF") and content[8:12] == b"WEBP"


def bmp_size(content: bytes) -> Size:
    """Width and height in pixels.

    Raises:
        struct.error: The file ends before.
    """
    (header,) = struct.unpack_from("<I", content, 14)
    width, height = struct.unpack_from("<HH" if header == _BMP_CORE_HEADER else "<ii", content, 18)
    return abs(width), abs(height)  # a negative height: the top row comes first


def tiff_size(content: bytes) -> Size:
    """Width and height in pixels of the first picture, the largest if it says several; 0 if it says none.

    Raises:
        struct.error: The file ends before.
    """
    order = _TIFF_ORDERS[content[:4]]
    (directory,) = struct.unpack_from(f"{order}I", content, 4)
    (entries,) = struct.unpack_from(f"{order}H", content, directory)
    found = {_TIFF_WIDTH: 0, _TIFF_HEIGHT: 0}
    for number in range(entries):
        entry = directory + 2 + number * _TIFF_ENTRY_BYTES
        tag, kind = struct.unpack_from(f"{order}HH", content, entry)
        if tag in found and kind in _TIFF_FORMATS:
            (value,) = struct.unpack_from(order + _TIFF_FORMATS[kind], content, entry + 8)
            found[tag] = max(found[tag], value)
    return found[_TIFF_WIDTH], found[_TIFF_HEIGHT]


def webp_size(content: bytes) -> Size:
    """Width and height in pixels; 0 if it is of no known kind.

    Raises:
        struct.error: The file ends before.
    """
    kind = content[12:16]
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", content, 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", content, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        width_low, width_high, height_low, height_high = struct.unpack_from("<HBHB", content, 24)
        return width_low + (width_high << 16) + 1, height_low + (height_high << 16) + 1
    return 0, 0
