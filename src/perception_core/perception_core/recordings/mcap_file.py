"""Messages of an MCAP file, also of one that is cut off."""

from __future__ import annotations

import contextlib
import io
import struct
from collections.abc import Collection, Iterator
from pathlib import Path

from mcap.exceptions import EndOfFile, McapError
from mcap.reader import SeekingReader
from mcap.records import Channel, Message, Schema
from mcap.stream_reader import StreamReader
from mcap.summary import Summary
from zstandard import ZstdError

from perception_core.recordings.stored import DamageError, StoredMessage

# What mcap raises on damaged bytes: its own errors, those of struct, text and numbers, and those of the decompressors.
_DAMAGE = (McapError, ValueError, struct.error, OverflowError, MemoryError, KeyError, ZstdError, RuntimeError, OSError)


class _BoundedFile(io.BufferedReader):
    """A file of which no more is asked for than it can have: a damaged length must not reserve memory."""

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(path))
        self._size = path.stat().st_size

    def read(self, size: int | None = -1, /) -> bytes:
        """As of a file."""
        return super().read(size if size is None else min(size, self._size))


def topics(path: Path, until: Collection[str]) -> dict[str, str]:
    """Types of the topics by their names.

    Without an index the file is read to find them; for a damaged file, up to the damage.

    Args:
        path: File.
        until: Topics after which no more are looked for.
    """
    with _BoundedFile(path) as file:
        summary = _summary(file)
        if summary is not None:
            return {channel.topic: _type(channel, summary.schemas) for channel in summary.channels.values()}
        found: dict[str, str] = {}
        with contextlib.suppress(*_DAMAGE):
            schemas: dict[int, Schema] = {}
            for record in _records(file):
                if isinstance(record, Schema):
                    schemas[record.id] = record
                elif isinstance(record, Channel):
                    found[record.topic] = _type(record, schemas)
                    if until and found.keys() >= set(until):
                        break
        return found


def messages(path: Path, wanted: Collection[str]) -> Iterator[StoredMessage]:
    """Messages of some topics in the order of their log time, without an index in that of the file.

    Raises:
        DamageError: The rest cannot be read.
    """
    with _BoundedFile(path) as file:
        try:
            summary = _summary(file)
            if summary is not None and summary.chunk_indexes:
                for _, channel, message in SeekingReader(file).iter_messages(wanted):
                    yield StoredMessage(channel.topic, message.log_time, message.data)
            else:
                yield from _in_file_order(file, wanted)
        except _DAMAGE as error:
            raise DamageError(_reason(error)) from error


def _in_file_order(file: _BoundedFile, wanted: Collection[str]) -> Iterator[StoredMessage]:
    names: dict[int, str] = {}
    for record in _records(file):
        if isinstance(record, Channel):
            names[record.id] = record.topic
        elif isinstance(record, Message) and names[record.channel_id] in wanted:
            yield StoredMessage(names[record.channel_id], record.log_time, record.data)


def _records(file: _BoundedFile) -> Iterator[object]:
    file.seek(0)
    return StreamReader(file).records


def _summary(file: _BoundedFile) -> Summary | None:
    """The index at the end; None if there is none, as in a file that is cut off, or if it does not name the topics."""
    try:
        summary = SeekingReader(file).get_summary()
    except _DAMAGE:
        return None
    return summary if summary is not None and summary.channels and summary.schemas else None


def _reason(error: Exception) -> str:
    return "it ends in the middle of a record" if isinstance(error, EndOfFile) else str(error) or type(error).__name__


def _type(channel: Channel, schemas: dict[int, Schema]) -> str:
    schema = schemas.get(channel.schema_id)
    return schema.name if schema is not None else ""
