"""A video file as a source of frames."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from perception_core.frame import RgbdFrame
from perception_core.image_files import MAX_PIXELS
from perception_core.library_words import silence_opencv
from perception_core.sources.error import SourceError
from perception_core.sources.pictures import LONGEST_SIDE_PX, limited

_USUAL_RATE_HZ = 30.0
_HIGHEST_RATE_HZ = 240.0  # some files give their time base, as 90000, where the rate should be


class VideoSource:
    """Plays a video file once per call of `frames`; see `FrameSource`.

    Attributes:
        name: Name of the file.
        rate_hz: Frames per second as the file says; 30 if it does not say.
        expected_frames: How many there should be, as the file says, which is not exact in every format; None if it
            does not say.
        live: False.
    """

    live = False

    def __init__(self, path: Path, longest_side_px: float = LONGEST_SIDE_PX) -> None:
        """Look at the first frame.

        Args:
            path: The file.
            longest_side_px: Larger frames are shrunk to it, in pixels; infinity leaves them as they are.

        Raises:
            SourceError: It is not a video that OpenCV can decode, or is larger than 8K.
        """
        self.name = path.name
        self._path = path
        self._longest_side_px = longest_side_px
        capture = self._open()
        rate_hz = capture.get(cv2.CAP_PROP_FPS)
        expected = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        self.expected_frames = expected if expected > 0 else None
        readable = capture.read()[0]
        capture.release()
        if not readable:
            raise SourceError(_unreadable(path))
        usable = math.isfinite(rate_hz) and 0 < rate_hz <= _HIGHEST_RATE_HZ
        self._rate = rate_hz if usable else _USUAL_RATE_HZ
        self.rate_hz: float | None = self._rate

    def frames(self) -> Iterator[RgbdFrame]:
        """The frames from the first one on, stamped k / rate, without depth and intrinsics."""
        capture = self._open()
        try:
            count = 0
            while True:
                found, picture = capture.read()
                if not found:
                    return
                colour = limited(np.asarray(picture, np.uint8), self._longest_side_px)
                yield RgbdFrame(round(count / self._rate * 1e9), "camera_color_optical_frame", colour)
                count += 1
        finally:
            capture.release()

    def close(self) -> None:
        """The file is open only while `frames` runs."""

    def _open(self) -> cv2.VideoCapture:
        silence_opencv()
        # Other readers of OpenCV would try what FFmpeg refuses, one of them with whatever files have similar names.
        capture = cv2.VideoCapture(str(self._path), cv2.CAP_FFMPEG)
        if not capture.isOpened():
            raise SourceError(_unreadable(self._path))
        width, height = (int(capture.get(side)) for side in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
        if width * height > MAX_PIXELS:
            capture.release()
            raise SourceError(
                f"{self._path}: its pictures have {width}x{height} pixels; up to {MAX_PIXELS} are read, as 8K has"
            )
        return capture


def _unreadable(path: Path) -> str:
    return (
        f"{path}: OpenCV can read no frame from this file: it is not a video, it is damaged, or its codec is missing. "
        "H.264 in .mp4 and MJPEG in .avi are sure to work."
    )
