"""Pictures, one after the other, as if a camera looked at each for a while."""

from __future__ import annotations

import logging
import struct
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from perception_core.frame import ColourImage, RgbdFrame
from perception_core.image_files import MAX_PIXELS, ImageFileError, check_size, claimed_size, decode
from perception_core.regular_files import TooLargeError, read_regular
from perception_core.sources.error import SourceError
from perception_core.sources.picture_size import bmp_size, is_bmp, is_tiff, is_webp, tiff_size, webp_size

PICTURE_SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
LONGEST_SIDE_PX = 1280  # more only costs time: a face that is small here is too small to be recognised

_MOST_PIXELS = 210_000_000  # the largest telephone's camera has 200 million, medium format 151
_MOST_BYTES = 1_000_000_000  # of a file: 200 million pixels of 16 bits, packed
_SHRUNK_READINGS = (
    (1, cv2.IMREAD_COLOR),
    (2, cv2.IMREAD_REDUCED_COLOR_2),
    (4, cv2.IMREAD_REDUCED_COLOR_4),
)
_FORMATS = ((is_bmp, bmp_size), (is_tiff, tiff_size), (is_webp, webp_size))
_log = logging.getLogger(__name__)


class PictureSource:
    """Shows a picture, or those of a folder in the order of their names; see `FrameSource`.

    Attributes:
        name: Name of the file or folder.
        rate_hz: Frames per second.
        live: False.
        path: The file or folder.
        files: The pictures.
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
        self.files = _picture_files(path)
        self.path = path

    def frames(self) -> Iterator[RgbdFrame]:
        """The frames from the first picture on, stamped k / rate, without depth and intrinsics.

        A picture that cannot be read is skipped and named in a warning.

        Raises:
            SourceError: None of the pictures can be read.
        """
        shown = 0
        for file in self.files:
            try:
                picture = limited(read_picture(file))
            except SourceError as error:
                _log.warning("%s; it is skipped", error)
                continue
            for _ in range(self._repeats):
                yield RgbdFrame(round(shown * self._interval_ns), "camera_color_optical_frame", picture)
                shown += 1
        if not shown:
            raise SourceError(f"{self.path}: none of the {len(self.files)} pictures can be read")

    def close(self) -> None:
        """Nothing is held open."""


def read_picture(path: Path) -> ColourImage:
    """A picture file as HxWx3 uint8 BGR, turned as its EXIF orientation says.

    Grey, 16-bit, CMYK and transparent pictures are converted. What has more pixels than any video is read at half or a
    quarter of its width and height: faces large enough to be recognised stay so, and memory does not fill.

    Raises:
        SourceError: It cannot be read, is not a picture, is damaged, or is larger than any camera's.
    """
    try:
        content = read_regular(path, _MOST_BYTES)
        data = np.frombuffer(content, np.uint8)
        size = _claimed_size(data, content)
        check_size(size, _MOST_PIXELS)
        return np.asarray(decode(data, _reading(size)), np.uint8)
    except OSError as error:
        raise SourceError(f"{path}: the picture cannot be read: {error.strerror}") from error
    except (ImageFileError, TooLargeError) as error:
        raise SourceError(f"{path}: the picture cannot be shown: {error}") from error


def limited(picture: ColourImage, longest_side_px: float = LONGEST_SIDE_PX) -> ColourImage:
    """The picture, shrunk if its longest side is longer than that."""
    height, width = picture.shape[:2]
    scale = longest_side_px / max(width, height)
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


def _reading(size: tuple[int, int]) -> int:
    """OpenCV's flags for a picture of this size."""
    pixels = size[0] * size[1]
    return next(flags for divisor, flags in _SHRUNK_READINGS if pixels <= MAX_PIXELS * divisor**2)


def _claimed_size(data: NDArray[np.uint8], content: bytes) -> tuple[int, int]:
    """Width and height that a file says it has.

    OpenCV would also open formats in which nobody keeps photographs, some with decoders that damage makes crash.
    """
    size = claimed_size(data)
    if size is not None:
        return size
    for begins, size_of in _FORMATS:
        if begins(content):
            try:
                return size_of(content)
            except struct.error as error:
                raise ImageFileError("it is cut short") from error
    raise ImageFileError(f"it is none of {', '.join(PICTURE_SUFFIXES)}")
