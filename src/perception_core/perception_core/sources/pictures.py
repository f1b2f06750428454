"""Pictures, one after the other, as if a camera looked at each for a while."""

from __future__ import annotations

import logging
import struct
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from perception_core.frame import ColourImage, RgbdFrame
from perception_core.sources.error import SourceError

PICTURE_SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
LONGEST_SIDE_PX = 1280  # more only costs time: a face that is small here is too small to be recognised

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_log = logging.getLogger(__name__)


class PictureSource:
    """Shows a picture, or those of a folder in the order of their names; see `FrameSource`.

    Attributes:
        name: Name of the file or folder.
        rate_hz: Frames per second.
        live: False.
    """

    live = False

    def __init__(self, path: Path, rate_hz: float = 30.0, seconds_each: float = 1.0) -> None:
        """Find the pictures.

        Args:
            path: A picture file or a folder with pictures; folders in it are not searched.
            rate_hz: Frames per second.
            seconds_each: How long each picture is shown.

        Raises:
            SourceError: There is no picture.
        """
        self.name = path.name
        self.rate_hz: float | None = rate_hz
        self._interval_ns = 1e9 / rate_hz
        self._repeats = max(1, round(seconds_each * rate_hz))
        self._files = _picture_files(path)
        self._path = path

    def frames(self) -> Iterator[RgbdFrame]:
        """The frames from the first picture on, stamped k / rate, without depth and intrinsics.

        A picture that cannot be read is skipped and named in a warning.

        Raises:
            SourceError: None of the pictures can be read.
        """
        shown = 0
        for file in self._files:
            try:
                picture = limited(read_picture(file))
            except SourceError as error:
                _log.warning("%s; it is skipped", error)
                continue
            for _ in range(self._repeats):
                yield RgbdFrame(round(shown * self._interval_ns), "camera_color_optical_frame", picture)
                shown += 1
        if not shown:
            raise SourceError(f"{self._path}: none of the {len(self._files)} pictures can be read")

    def close(self) -> None:
        """Nothing is held open."""


def read_picture(path: Path) -> ColourImage:
    """A picture file as HxWx3 uint8 BGR, turned as its EXIF orientation says.

    Grey, 16-bit, CMYK and transparent pictures are converted.

    Raises:
        SourceError: It cannot be read or is not a picture.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path}: the picture cannot be read: {error.strerror}") from error
    picture = (
        cv2.imdecode(np.frombuffer(_without_colour_profile(content), np.uint8), cv2.IMREAD_COLOR) if content else None
    )
    if picture is None:
        raise SourceError(f"{path}: not a picture, or a damaged one")
    return np.asarray(picture, np.uint8)


def limited(picture: ColourImage) -> ColourImage:
    """The picture, shrunk if its longest side exceeds `LONGEST_SIDE_PX`."""
    height, width = picture.shape[:2]
    scale = LONGEST_SIDE_PX / max(width, height)
    if scale >= 1:
        return picture
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _picture_files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    try:
        files = sorted(file for file in path.iterdir() if file.suffix.lower() in PICTURE_SUFFIXES and file.is_file())
    except OSError as error:
        raise SourceError(f"{path}: the folder cannot be read: {error.strerror}") from error
    if not files:
        raise SourceError(f"{path}: there is no picture in this folder; accepted are {', '.join(PICTURE_SUFFIXES)}")
    return files


def _without_colour_profile(content: bytes) -> bytes:
    """A PNG without its colour profile, which OpenCV does not use and about which libpng complains on the terminal."""
    if not content.startswith(_PNG_SIGNATURE):
        return content
    kept, position = [_PNG_SIGNATURE], len(_PNG_SIGNATURE)
    while position + 8 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, position)
        end = position + length + 12  # length, kind and checksum are 4 bytes each
        if kind != b"iCCP":
            kept.append(content[position:end])
        position = end
    return b"".join(kept)
