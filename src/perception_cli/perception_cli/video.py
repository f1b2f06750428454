"""Writing a video beside everything else that happens."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import cv2
import numpy as np

from perception_cli.bounded_queue import BoundedQueue
from perception_cli.outputs import begun_beside
from perception_core.frame import ColourImage
from perception_core.stamps import JUMP_BACK_NS

_QUEUED_PICTURES = 10
_CODEC = "mp4v"  # in every build of OpenCV
_SUFFIXES = (".mp4", ".m4v", ".mov", ".mkv", ".avi")  # containers that take it
_RATE_HZ = 30.0  # of a video of what is live
_ROOM_BYTES = 4_000_000  # that must be left on the disk: the index of an MP4, written last, takes 10 bytes a frame
_LONGEST_STILL_S = 10.0  # a longer gap between two pictures is cut, so that time set forward does not fill the disk

Stamped = tuple[ColourImage, int]


class VideoError(OSError):
    """The video cannot be written."""


class _EncoderError(Exception):
    """OpenCV does not encode what it is given."""


class _DiskFullError(Exception):
    """What is left on the disk is needed to complete the video."""


class VideoWriter:
    """Encodes on a thread of its own, at a constant rate.

    The first picture decides the size; others are fitted into it. A video that is there already is replaced when the
    new one is whole.

    `write` is for what is live: the stamps decide for how long a picture is seen, and pictures that come too fast are
    left out and counted. `append` is for what can wait: every picture is one frame.
    """

    def __init__(self, path: Path, rate_hz: float = _RATE_HZ) -> None:
        """Begins the file.

        Args:
            path: Of the video; a file that is there is replaced.
            rate_hz: Frames per second.

        Raises:
            VideoError: It cannot be written, or its ending is not that of a video.
        """
        if path.suffix.lower() not in _SUFFIXES:
            raise VideoError(f"{path}: a video's name ends in one of {', '.join(_SUFFIXES)}")
        try:
            self._file = begun_beside(path)
        except OSError as error:
            raise VideoError(f"{path}: the video cannot be written: {error.strerror}") from error
        self.path = path
        self.rate_hz = rate_hz
        self.pictures = 0
        self.left_out = 0
        self._frames = 0
        self._appended = 0
        self._queue: BoundedQueue[Stamped | None] = BoundedQueue(_QUEUED_PICTURES)
        self._failure = ""
        self._thread = threading.Thread(target=self._run, name="video")
        self._thread.start()

    def write(self, picture: ColourImage, stamp_ns: int, *, wait: bool = False) -> None:
        """Takes a picture.

        Args:
            picture: HxWx3 uint8 BGR; it must not be changed afterwards.
            stamp_ns: When it was taken.
            wait: While the encoder is behind; otherwise the picture is left out.

        Raises:
            VideoError: The pictures before cannot be encoded, or there is no room for more.
        """
        self._raise_failure()
        if not self._queue.put((picture, stamp_ns), picture.nbytes, wait=wait):
            self.left_out += 1

    def append(self, picture: ColourImage) -> None:
        """Takes a HxWx3 uint8 BGR picture as the next frame, and waits while the encoder is behind.

        It must not be changed afterwards.

        Raises:
            VideoError: The pictures before cannot be encoded, or there is no room for more.
        """
        self._raise_failure()
        self._queue.put((picture, round(self._appended / self.rate_hz * 1e9)), picture.nbytes)
        self._appended += 1

    def close(self) -> None:
        """Writes what is queued and completes the file; without a picture there is none.

        Raises:
            VideoError: The pictures cannot be encoded, or what was written cannot be read back. What can be read of
                it is kept.
        """
        self._queue.put(None, 0)
        self._thread.join()
        # OpenCV does not tell when writing fails.
        readable = int(cv2.VideoCapture(str(self._file.partial)).get(cv2.CAP_PROP_FRAME_COUNT)) if self._frames else 0
        try:
            if readable:  # below 0 where a file has a beginning and no index
                self._file.complete()
        except OSError as error:
            raise VideoError(f"{self.path}: the video cannot be written: {error.strerror}") from error
        finally:
            self._file.discard()
        self._raise_failure()
        if readable < self._frames:
            raise VideoError(
                f"{self.path}: {self._frames} frames were written, {max(0, readable)} arrived. Is the disk full?"
            )

    def _raise_failure(self) -> None:
        if self._failure:
            raise VideoError(f"{self.path}: {self._failure}")

    def _run(self) -> None:
        try:
            self._encode()
        except (cv2.error, _EncoderError) as error:
            self._failure = f"the video cannot be encoded: {error}"
        except _DiskFullError as error:
            self._failure = str(error)
        except OSError as error:
            self._failure = f"the video cannot be written: {error.strerror}"
        self._queue.close()  # whoever appends must not wait for ever

    def _encode(self) -> None:
        first = self._queue.get()
        if first is None:
            return
        height, width = first[0].shape[:2]
        partial = str(self._file.partial)
        writer = cv2.VideoWriter(partial, cv2.VideoWriter.fourcc(*_CODEC), self.rate_hz, (width, height))
        if not writer.isOpened():
            raise _EncoderError(f"OpenCV makes no {self.path.suffix} of {width}x{height} pixels")
        try:
            shown = first
            while (following := self._queue.get()) is not None:
                shown = self._show(writer, shown, following)
            self._repeat(writer, shown[0], 1)
        finally:
            writer.release()

    def _show(self, writer: cv2.VideoWriter, shown: Stamped, following: Stamped) -> Stamped:
        """Shows a picture until the next one's time; gives that one, or the same if both fall into one frame."""
        (picture, stamp_ns), (next_picture, next_ns) = shown, following
        gap_s = (next_ns - stamp_ns) / 1e9
        jumped_back = next_ns < stamp_ns - JUMP_BACK_NS
        frames = 1 if jumped_back else round(min(gap_s, max(_LONGEST_STILL_S, 1 / self.rate_hz)) * self.rate_hz)
        if frames <= 0:
            self.left_out += 1
            return shown
        self._repeat(writer, picture, frames)
        # Counted in whole frames, so that rounding does not add up; after a jump of time the new time counts.
        shown_until_ns = stamp_ns + round(frames / self.rate_hz * 1e9)
        near = abs(next_ns - shown_until_ns) < 1e9 / self.rate_hz
        return _fitted(next_picture, picture), shown_until_ns if near else next_ns

    def _repeat(self, writer: cv2.VideoWriter, picture: ColourImage, frames: int) -> None:
        for _ in range(frames):
            if shutil.disk_usage(self._file.path.parent).free < _ROOM_BYTES:
                raise _DiskFullError(f"the disk is full; the video ends after {self._frames} frames")
            writer.write(picture)
            self._frames += 1
        self.pictures += 1


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
