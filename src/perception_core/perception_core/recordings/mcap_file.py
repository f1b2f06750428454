"""Messages of an MCAP file, also of one that is cut off."""

from __future__ import annotations

import contextlib
import heapq
import io
import itertools
import struct
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

import lz4.frame  # type: ignore[import-untyped]
from mcap.data_stream import ReadDataStream
from mcap.exceptions import EndOfFile, McapError
from mcap.reader import SeekingReader
from mcap.records import Channel, Chunk, ChunkIndex, McapRecord, Message, Schema
from mcap.stream_reader import StreamReader, breakup_chunk
from mcap.summary import Summary
from zstandard import ZstdDecompressor, ZstdError

from perception_core.recordings.stored import MOST_BYTES, DamageError, StoredMessage

# What mcap raises on damaged bytes: its own errors, those of struct, text and numbers, and those of the decompressors.
_DAMAGE = (McapError, ValueError, struct.error, OverflowError, MemoryError, KeyError, ZstdError, RuntimeError, OSError)
_BEFORE_CONTENT = 9  # bytes of a record: its kind, and its length


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
        with contextlib.suppress(DamageError, *_DAMAGE):
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
                yield from _in_time_order(file, summary, wanted)
            else:
                yield from _in_file_order(file, wanted)
        except _DAMAGE as error:
            raise DamageError(_reason(error)) from error


def _in_time_order(file: _BoundedFile, summary: Summary, wanted: Collection[str]) -> Iterator[StoredMessage]:
    """Messages that may still be preceded by one of the next chunk wait; those that wait never fill the memory."""
    names = {number: channel.topic for number, channel in summary.channels.items()}
    waiting: list[tuple[int, int, int, StoredMessage]] = []  # by time, chunk and place in it
    held, numbers = 0, itertools.count()
    for begin_ns, at in sorted(_chunks_with(summary.chunk_indexes, names, wanted)):
        while waiting and (waiting[0][:2] < (begin_ns, at) or held > MOST_BYTES):
            earliest = heapq.heappop(waiting)[-1]
            held -= len(earliest.data)
            yield earliest
        file.seek(at + _BEFORE_CONTENT)
        for record in _unpacked(Chunk.read(ReadDataStream(file))):
            if isinstance(record, Message) and names[record.channel_id] in wanted:
                message = StoredMessage(names[record.channel_id], record.log_time, record.data)
                heapq.heappush(waiting, (record.log_time, at, next(numbers), message))
                held += len(record.data)
    while waiting:
        yield heapq.heappop(waiting)[-1]


def _chunks_with(
    indexes: list[ChunkIndex], names: dict[int, str], wanted: Collection[str]
) -> Iterator[tuple[int, int]]:
    """When the chunks with messages of some topics begin, and where they are in the file."""
    for index in indexes:
        channels = index.message_index_offsets  # empty where a chunk has no index of its own
        if not channels or any(names[number] in wanted for number in channels):
            yield index.message_start_time, index.chunk_start_offset


def _in_file_order(file: _BoundedFile, wanted: Collection[str]) -> Iterator[StoredMessage]:
    names: dict[int, str] = {}
    for record in _records(file):
        if isinstance(record, Channel):
            names[record.id] = record.topic
        elif isinstance(record, Message) and names[record.channel_id] in wanted:
            yield StoredMessage(names[record.channel_id], record.log_time, record.data)


def _records(file: _BoundedFile) -> Iterator[McapRecord]:
    file.seek(0)
    for record in StreamReader(file, emit_chunks=True).records:
        if isinstance(record, Chunk):
            yield from _unpacked(record)
        else:
            yield record


def _unpacked(chunk: Chunk) -> list[McapRecord]:
    """The records in a chunk: mcap itself would believe whatever size it claims, or unpack lz4 without any limit.

    Raises:
        DamageError: It claims more than a chunk can have, or does not have what it claims.
    """
    size = chunk.uncompressed_size
    if chunk.compression not in ("zstd", "lz4"):
        return breakup_chunk(chunk)
    if size > MOST_BYTES:
        raise DamageError(f"a chunk of it claims {size} bytes; up to {MOST_BYTES} are unpacked")
    if chunk.compression == "zstd":
        with ZstdDecompressor().stream_reader(chunk.data) as reader:
            data = reader.read(size + 1)
    else:
        data = lz4.frame.LZ4FrameDecompressor().decompress(chunk.data, max_length=size + 1)
    if len(data) != size:
        raise DamageError(f"a chunk of it has not the {size} bytes that it claims")
    return breakup_chunk(replace(chunk, compression="", data=data))


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
