"""Writing the demo's video beside everything else that happens."""

from __future__ import annotations

import queue
import threading
from pathlib import Path

import cv2

from perception_core.frame import ColourImage

_QUEUED_FRAMES = 10
_CODEC = "mp4v"  # in every build of OpenCV


class VideoError(OSError):
    """The video cannot be written."""


class VideoWriter:
    """Encodes on a thread of its own; frames that come too fast are left out and counted."""

    def __init__(self, path: Path, rate_hz: float) -> None:
        """Prepares; the file is made with the first frame, whose size all frames must have."""
        self.path = path
        self.written = 0
        self.left_out = 0
        self._rate_hz = rate_hz
        self._failure: VideoError | None = None
        self._frames: queue.Queue[ColourImage | None] = queue.Queue(_QUEUED_FRAMES)
        self._thread = threading.Thread(target=self._encode, name="video")
        self._thread.start()

    def write(self, picture: ColourImage) -> None:
        """Takes a HxWx3 uint8 BGR picture; it must not be changed afterwards."""
        try:
            self._frames.put_nowait(picture)
        except queue.Full:
            self.left_out += 1

    def close(self) -> None:
        """Writes what is queued and completes the file.

        Raises:
            VideoError: The file could not be written.
        """
        self._frames.put(None)
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    def _encode(self) -> None:
        writer: cv2.VideoWriter | None = None
        while (picture := self._frames.get()) is not None:
            if writer is None and self._failure is None:
                writer = self._opened(picture)
            if writer is not None:
                writer.write(picture)
                self.written += 1
        if writer is not None:
            writer.release()

    def _opened(self, picture: ColourImage) -> cv2.VideoWriter | None:
        height, width = picture.shape[:2]
        writer = cv2.VideoWriter(str(self.path), cv2.VideoWriter.fourcc(*_CODEC), self._rate_hz, (width, height))
        if writer.isOpened():
            return writer
        self._failure = VideoError(f"{self.path}: the video cannot be written; is the folder writable, the disk full?")
        return None
