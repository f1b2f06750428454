"""Writing the demo's video beside everything else that happens."""

from __future__ import annotations

import queue
import threading
from pathlib import Path

import cv2
import numpy as np

from perception_core.frame import ColourImage

_QUEUED_PICTURES = 10
_CODEC = "mp4v"  # in every build of OpenCV
_SUFFIXES = (".mp4", ".m4v", ".mov", ".mkv", ".avi")  # containers that take it
_RATE_HZ = 30.0
_LONGEST_STILL_S = 10.0  # a longer gap between two pictures is cut, so that time set forward does not fill the disk

_JITTER_S = 0.1  # a stamp further back than this is a jump of time

Stamped = tuple[ColourImage, int]


class VideoError(OSError):
    """The video cannot be written."""


class VideoWriter:
    """Encodes on a thread of its own, at 30 Hz; the stamps decide for how long a picture is seen.

    The first picture decides the size; others are fitted into it. Pictures that come too fast are left out and counted.
    """

    def __init__(self, path: Path) -> None:
        """Begins the file.

        Raises:
            VideoError: It cannot be written, or its ending is not that of a video.
        """
        if path.suffix.lower() not in _SUFFIXES:
            raise VideoError(f"{path}: a video's name ends in one of {', '.join(_SUFFIXES)}")
        try:
            path.open("wb").close()
        except OSError as error:
            raise VideoError(f"{path}: the video cannot be written: {error.strerror}") from error
        self.path = path
        self.pictures = 0
        self.left_out = 0
        self._frames = 0
        self._queue: queue.Queue[Stamped | None] = queue.Queue(_QUEUED_PICTURES)
        self._thread = threading.Thread(target=self._encode, name="video")
        self._thread.start()

    def write(self, picture: ColourImage, stamp_ns: int) -> None:
        """Takes a HxWx3 uint8 BGR picture; it must not be changed afterwards."""
        try:
            self._queue.put_nowait((picture, stamp_ns))
        except queue.Full:
            self.left_out += 1

    def close(self) -> None:
        """Writes what is queued and completes the file; without a picture there is none.

        Raises:
            VideoError: What was written cannot be read back.
        """
        self._queue.put(None)
        self._thread.join()
        if not self._frames:
            self.path.unlink(missing_ok=True)
            return
        # OpenCV does not tell when writing fails.
        readable = int(cv2.VideoCapture(str(self.path)).get(cv2.CAP_PROP_FRAME_COUNT))
        if readable < self._frames:
            raise VideoError(f"{self.path}: {self._frames} frames were written, {readable} arrived. Is the disk full?")

    def _encode(self) -> None:
        first = self._queue.get()
        if first is None:
            return
        height, width = first[0].shape[:2]
        writer = cv2.VideoWriter(str(self.path), cv2.VideoWriter.fourcc(*_CODEC), _RATE_HZ, (width, height))
        shown = first
        while (following := self._queue.get()) is not None:
            shown = self._show(writer, shown, following)
        self._repeat(writer, shown[0], 1)
        writer.release()

    def _show(self, writer: cv2.VideoWriter, shown: Stamped, following: Stamped) -> Stamped:
        """Shows a picture until the next one's time; gives that one, or the same if both fall into one frame."""
        (picture, stamp_ns), (next_picture, next_ns) = shown, following
        gap_s = (next_ns - stamp_ns) / 1e9
        jumped_back = gap_s < -_JITTER_S
        frames = 1 if jumped_back else round(min(gap_s, _LONGEST_STILL_S) * _RATE_HZ)
        if frames <= 0:
            self.left_out += 1
            return shown
        self._repeat(writer, picture, frames)
        # Counted in whole frames, so that rounding does not add up; after a jump of time the new time counts.
        shown_until_ns = stamp_ns + round(frames / _RATE_HZ * 1e9)
        near = abs(next_ns - shown_until_ns) < 1e9 / _RATE_HZ
        return _fitted(next_picture, picture), shown_until_ns if near else next_ns

    def _repeat(self, writer: cv2.VideoWriter, picture: ColourImage, frames: int) -> None:
        for _ in range(frames):
            writer.write(picture)
        self.pictures += 1
        self._frames += frames


def _fitted(picture: ColourImage, like: ColourImage) -> ColourImage:
    """The picture in the middle of one of another's size."""
    (height, width), (wanted_height, wanted_width) = picture.shape[:2], like.shape[:2]
    if (height, width) == (wanted_height, wanted_width):
        return picture
    scale = min(wanted_width / width, wanted_height / height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    canvas = np.zeros_like(like)
    top, left = (wanted_height - size[1]) // 2, (wanted_width - size[0]) // 2
    canvas[top : top + size[1], left : left + size[0]] = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return canvas
