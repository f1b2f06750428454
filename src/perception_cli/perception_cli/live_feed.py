"""Frames of a live camera while something slow, such as a disk, works on those before."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator

from perception_core.frame import RgbdFrame
from perception_core.sources.error import SourceError
from perception_core.sources.source import FrameSource

_WAITING = 30  # a second of a camera; 46 MB of 640x480 with depth
_LOOK_S = 0.1
_LAST_FRAME_S = 2.0


class LiveFeed:
    """Takes frames on a thread of its own, so that the camera need not wait.

    Attributes:
        lost: How many frames came while too many others waited.
    """

    def __init__(self, source: FrameSource) -> None:
        self.lost = 0
        self._source = source
        self._queue: queue.SimpleQueue[RgbdFrame | SourceError | None] = queue.SimpleQueue()
        self._ended = False
        # A camera that hangs must not keep the process from ending.
        self._thread = threading.Thread(target=self._take, name="camera", daemon=True)
        self._thread.start()

    def frames(self, ended: Callable[[], bool]) -> Iterator[RgbdFrame]:
        """The frames until the camera or the caller ends.

        Raises:
            SourceError: The camera has failed.
        """
        while not ended():
            try:
                taken = self._queue.get(timeout=_LOOK_S)
            except queue.Empty:
                continue
            if taken is None:
                return
            if isinstance(taken, SourceError):
                raise taken
            yield taken

    def close(self) -> None:
        """Closes the camera, unless it hangs."""
        self._ended = True
        self._thread.join(_LAST_FRAME_S)
        if not self._thread.is_alive():
            self._source.close()

    def _take(self) -> None:
        try:
            for frame in self._source.frames():
                if self._ended:
                    return
                if self._queue.qsize() >= _WAITING:
                    self.lost += 1
                else:
                    self._queue.put(frame)
        except SourceError as error:
            self._queue.put(error)
        finally:
            self._queue.put(None)
