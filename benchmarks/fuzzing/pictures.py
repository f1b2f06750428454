"""Picture files, as `--source FOLDER` reads them."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.fuzzing.mutation import damaged
from benchmarks.fuzzing.reader import Reader, WrongAnswerError
from perception_core.sources.error import SourceError
from perception_core.sources.pictures import LONGEST_SIDE_PX, limited, read_picture

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_BOMB_SIDE = 30_000  # pixels: 110 KB as a PNG of one bit, 2.7 GB as a picture


def readers(folder: Path) -> list[Reader]:
    """What reads pictures."""
    path = folder / "picture"

    def read(data: bytes) -> None:
        path.write_bytes(data)
        picture = limited(read_picture(path))
        if picture.dtype != np.uint8 or picture.ndim != 3 or not 0 < max(picture.shape[:2]) <= LONGEST_SIDE_PX:
            raise WrongAnswerError(f"a picture of shape {picture.shape} and {picture.dtype}")

    return [Reader("picture", damaged(seeds(), png_with_checksums), read, (SourceError,))]


def seeds() -> list[bytes]:
    """Small pictures of every format that OpenCV can write, and a large one that is small as a file."""
    colour = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8), (9, 9), 0)
    grey, deep = colour[:, :, 0], colour[:, :, 0].astype(np.uint16) * 257
    progressive = [cv2.IMWRITE_JPEG_PROGRESSIVE, 1, cv2.IMWRITE_JPEG_RST_INTERVAL, 2]
    return [
        encoded(".jpg", colour),
        encoded(".jpg", grey),
        _turned(encoded(".jpg", colour)),
        encoded(".jpg", colour, progressive),
        encoded(".png", colour),
        encoded(".png", deep),
        encoded(".png", np.dstack([colour, grey])),
        encoded(".png", grey, [cv2.IMWRITE_PNG_BILEVEL, 1]),
        *(encoded(suffix, colour) for suffix in (".bmp", ".webp", ".tiff", ".ppm", ".ras", ".hdr", ".jp2")),
        encoded(".tiff", deep),
        encoded(".pgm", grey),
        bomb_png(),
    ]


def encoded(suffix: str, pixels: NDArray[Any], options: list[int] | None = None) -> bytes:
    """A picture file."""
    return cv2.imencode(suffix, pixels, options or [])[1].tobytes()


def png_with_checksums(data: bytes) -> bytes:
    """A PNG whose checksums are right; other bytes as they are."""
    if not data.startswith(PNG_SIGNATURE):
        return data
    parts, at = [PNG_SIGNATURE], len(PNG_SIGNATURE)
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        body = data[at + 4 : at + 8 + length]
        parts += [data[at : at + 4], body, struct.pack(">I", zlib.crc32(body))]
        at += length + 12
    return b"".join(parts)


def bomb_png() -> bytes:
    """A PNG of one bit per pixel that becomes 8,000 times as large."""
    header = struct.pack(">IIBBBBB", _BOMB_SIDE, _BOMB_SIDE, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((_BOMB_SIDE // 8 + 1) * _BOMB_SIDE), 9)
    chunks = [(b"IHDR", header), (b"IDAT", rows), (b"IEND", b"")]
    return png_with_checksums(
        PNG_SIGNATURE + b"".join(struct.pack(">I", len(body)) + kind + body + bytes(4) for kind, body in chunks)
    )


def _turned(jpeg: bytes) -> bytes:
    """With a note that the camera was held upright."""
    tiff = b"MM\0*\0\0\0\x08\0\x01" + struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0) + bytes(4)
    exif = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]
