"""Writing a recording: MCAP and metadata.yaml, as `ros2 bag record` leaves them."""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import IO

from mcap.writer import CompressionType, Writer

from perception_core.frame import RgbdFrame
from perception_core.recordings.error import RecordingError
from perception_core.recordings.messages import TYPES, encoded, typestore
from perception_core.recordings.metadata import (
    METADATA_FILE,
    RecordedTopic,
    as_file,
    as_record,
    bag_information,
    offered_qos,
)

_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600  # a recording shows people
_CHUNK_BYTES = 4 * 1024 * 1024  # of each, 0.6 kB of index stay in memory: 21 MB for an hour of 640x480
_LAST_NS = 2**63 - 1  # rosbag2's time (rcutils_time_point_value_t)
_FLUSH_S = 1.0  # what is lost at most if the process is killed
# Of the demo's 640x480 colour and depth, zstd takes a quarter off for ten times the work: 7.0 ms instead of 0.7 ms a
# frame, 35 instead of 46 MB/s. LZ4 takes 5 % off for 1.7 ms.
_COMPRESSION = CompressionType.NONE
_REMEDIES = {
    errno.ENOSPC: "The disk is full: make room, or record to another one. A frame of 640x480 takes 1.5 MB.",
    errno.EDQUOT: "Your quota is used up: make room, or record to another disk.",
    errno.EFBIG: "Files may not become larger here: record for a shorter time, or see `ulimit -f`.",
    errno.EACCES: "Choose a folder that you may write to.",
    errno.EPERM: "Choose a folder that you may write to.",
    errno.EROFS: "Choose a folder on a disk that can be written to.",
}


class RecordingWriter:
    """Writes frames on the topic names of a RealSense driver; a context, at whose end the recording is complete.

    Folder and files are readable by their owner only. A recording without a frame leaves nothing behind. Where the
    process is killed, all but the last second can be read.

    Attributes:
        folder: Of the recording.
        frames: How many were written.
        size: Bytes written so far.
    """

    def __init__(self, folder: Path) -> None:
        """Nothing is written before the context is entered.

        Args:
            folder: New, or empty.
        """
        self.folder = folder
        self.frames = 0
        self._path = folder / f"{folder.resolve().name or 'recording'}_0.mcap"
        self._schemas: dict[str, int] = {}
        self._channels: dict[str, int] = {}
        self._counts: Counter[str] = Counter()
        self._begin_ns: int | None = None
        self._log_ns = 0
        self._shift_ns = 0

    def __enter__(self) -> RecordingWriter:
        """Begins the file.

        Raises:
            RecordingError: The folder is not empty, or cannot be written to.
        """
        try:
            self._made_folder = not self.folder.exists()
            self.folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
            if any(self.folder.iterdir()):
                raise RecordingError(f"{self.folder} is not empty: choose a folder that does not exist yet")
            if self._made_folder:
                self.folder.chmod(_PRIVATE_FOLDER)
            self._file = _private_file(self._path)
            self._writer = Writer(self._file, chunk_size=_CHUNK_BYTES, compression=_COMPRESSION)
            self._writer.start(profile="ros2")
        except OSError as error:
            raise _unwritable(self._path, error) from error
        self._flushed_at = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Completes the recording, also where an error ends it.

        Raises:
            RecordingError: It cannot be completed; what was written before can be read.
        """
        if self._file.closed:
            return
        if not self.frames:
            self._remove()
            return
        try:
            self._complete()
        except OSError as failure:
            self._give_up()
            raise _unwritable(self._path, failure) from failure

    @property
    def size(self) -> int:
        """Bytes of the recording's files so far."""
        return sum(file.stat().st_size for file in self.folder.iterdir())

    def write(self, frame: RgbdFrame) -> None:
        """Appends a frame.

        Raises:
            RecordingError: It cannot be written; the recording has ended with the frame before.
        """
        messages = encoded(frame)
        log_ns = self._log_time(frame.stamp_ns)
        try:
            for topic, data in messages.items():
                self._writer.add_message(self._channel(topic), log_ns, bytes(data), log_ns)
            if time.monotonic() - self._flushed_at >= _FLUSH_S:
                self._writer.flush()  # type: ignore[no-untyped-call]
                self._flushed_at = time.monotonic()
        except OSError as error:
            self._give_up()
            raise _unwritable(self._path, error) from error
        self._counts.update(messages.keys())
        self.frames += 1

    def _log_time(self, stamp_ns: int) -> int:
        """The stamp. After stamps have jumped back it goes on from there: players sort by this time.

        After several such jumps it may have no room for one forward again, and goes on likewise.
        """
        if not self._log_ns <= stamp_ns + self._shift_ns <= _LAST_NS:
            self._shift_ns = self._log_ns + 1 - stamp_ns
        self._log_ns = stamp_ns + self._shift_ns
        if self._begin_ns is None:
            self._begin_ns = self._log_ns
        return self._log_ns

    def _channel(self, topic: str) -> int:
        """The number under which a topic's messages are stored; topics that a source lacks are not named."""
        if topic not in self._channels:
            store, message_type = typestore(), TYPES[topic]
            if message_type not in self._schemas:
                definition, _ = store.generate_msgdef(message_type, ros_version=2)
                self._schemas[message_type] = self._writer.register_schema(message_type, "ros2msg", definition.encode())
            about = {"offered_qos_profiles": offered_qos(), "topic_type_hash": store.hash_rihs01(message_type)}
            self._channels[topic] = self._writer.register_channel(topic, "cdr", self._schemas[message_type], about)
        return self._channels[topic]

    def _complete(self) -> None:
        topics = {
            topic: RecordedTopic(TYPES[topic], typestore().hash_rihs01(TYPES[topic]), count)
            for topic, count in self._counts.items()
        }
        information = bag_information(self._path.name, topics, self._begin_ns or 0, self._log_ns)
        self._writer.add_metadata("rosbag2", {"serialized_metadata": as_record(information)})
        self._writer.finish()  # type: ignore[no-untyped-call]
        self._file.close()
        with _private_file(self.folder / METADATA_FILE) as file:
            file.write(as_file(information).encode())

    def _give_up(self) -> None:
        """Closes the file, whose buffer may hold what could not be written."""
        with contextlib.suppress(OSError):
            self._file.close()

    def _remove(self) -> None:
        self._give_up()
        with contextlib.suppress(OSError):
            self._path.unlink()
            if self._made_folder:
                self.folder.rmdir()


def _private_file(path: Path) -> IO[bytes]:
    """A new file that nobody else can read at any moment, whatever the umask is."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE), "wb")


def _unwritable(path: Path, error: OSError) -> RecordingError:
    remedy = _REMEDIES.get(error.errno or 0, "")
    return RecordingError(f"{path}: the recording cannot be written: {error.strerror}. {remedy}".rstrip())
