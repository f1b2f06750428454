"""Reading a recording: rosbag2's MCAP and sqlite3 files, also split, compressed or cut off."""

from __future__ import annotations

import contextlib
import logging
import statistics
import tempfile
from collections.abc import Collection, Iterator
from itertools import pairwise
from pathlib import Path

from perception_core.frame import Intrinsics, RgbdFrame
from perception_core.recordings.assembly import FrameAssembler
from perception_core.recordings.camera_topics import choose
from perception_core.recordings.error import RecordingError
from perception_core.recordings.files import is_packed, recording_files, storage_of, unpacked
from perception_core.recordings.messages import TYPES
from perception_core.recordings.stored import DamageError, StoredMessage

_LOOKED_AT = 31  # so many images tell the rate
_USUAL_RATE_HZ = 30.0
_LOWEST_RATE_HZ, _HIGHEST_RATE_HZ = 1.0, 240.0  # what a video can have
_log = logging.getLogger(__name__)


class Recording:
    """A recording of one camera.

    Attributes:
        rate_hz: Of the colour images, as their stamps tell; 30 if they do not.
    """

    def __init__(self, path: Path, colour: str | None = None, depth: str | None = None) -> None:
        """Finds the camera's topics and looks at the first images.

        Args:
            path: A folder, or an .mcap or .db3 file.
            colour: Topic of the colour images, where it is not the only one.
            depth: Topic of the depth images, likewise.

        Raises:
            RecordingError: It cannot be read, or has no colour images.
        """
        self._path = path
        self._damaged: set[Path] = set()  # said already
        with contextlib.ExitStack() as unpacked_files:
            self._files = _unpacked(recording_files(path), unpacked_files)
            self._topics = choose(self._types(), str(path), colour, depth)
            self._assembler = FrameAssembler(self._topics)
            self.rate_hz, self._first_intrinsics = self._look()
            self._unpacked_files = unpacked_files.pop_all()

    def frames(self) -> Iterator[RgbdFrame]:
        """All frames from the first one on, stamped as they were recorded.

        Where a file is cut off or damaged, what comes before is played, and a warning says so.
        """
        return self._assembler.frames(self._messages(self._topics.names), self._first_intrinsics)

    def close(self) -> None:
        """Removes what was unpacked."""
        self._unpacked_files.close()

    def _types(self) -> dict[str, str]:
        types: dict[str, str] = {}
        for file in self._files:
            types |= storage_of(file).topics(file, TYPES.keys())
        return types

    def _look(self) -> tuple[float, Intrinsics | None]:
        """The rate, and the first calibration: it may come after the first images."""
        stamps: list[int] = []
        intrinsics: Intrinsics | None = None
        seen = 0
        for stored in self._messages({self._topics.colour.name, self._topics.camera_info or ""}):
            if stored.topic == self._topics.camera_info:
                intrinsics = intrinsics or self._assembler.intrinsics(stored)
                continue
            seen += 1
            stamp_ns = self._assembler.stamp_ns(stored)
            if stamp_ns is not None:
                stamps.append(stamp_ns)
            if seen >= _LOOKED_AT:
                break
        if not seen:
            raise RecordingError(f"{self._path}: no image of {self._topics.colour.name} can be read from it")
        return _rate_hz(stamps), intrinsics

    def _messages(self, topics: Collection[str]) -> Iterator[StoredMessage]:
        for file in self._files:
            count, begin_ns, end_ns = 0, 0, 0
            try:
                for stored in storage_of(file).messages(file, topics):
                    begin_ns, end_ns = begin_ns if count else stored.log_ns, stored.log_ns
                    count += 1
                    yield stored
            except DamageError as error:
                seconds = max(0, end_ns - begin_ns) / 1e9
                self._say_damage(file, f"{count} messages, {seconds:.1f} s", error)

    def _say_damage(self, file: Path, read: str, error: DamageError) -> None:
        if file not in self._damaged:
            self._damaged.add(file)
            _log.warning("%s is cut off or damaged (%s); what could be read of it: %s", file, error, read)


def _unpacked(files: list[Path], stack: contextlib.ExitStack) -> list[Path]:
    """The files, those that are packed as temporary files; packed ones are rare, and nothing is left by the others."""
    if not any(is_packed(file) for file in files):
        return files
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="perception-recording-")))
    return [unpacked(file, folder) if is_packed(file) else file for file in files]


def _rate_hz(stamps: list[int]) -> float:
    steps = [after - before for before, after in pairwise(stamps) if after > before]
    rate_hz = 1e9 / statistics.median(steps) if steps else _USUAL_RATE_HZ
    return rate_hz if _LOWEST_RATE_HZ <= rate_hz <= _HIGHEST_RATE_HZ else _USUAL_RATE_HZ
