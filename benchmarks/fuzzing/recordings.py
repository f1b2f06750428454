"""MCAP files and sqlite3 bags, as `--source FILE` and `--source DIR` read them."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import zstandard
from hypothesis import strategies as st
from mcap.writer import CompressionType, Writer

from benchmarks.fuzzing.mutation import damaged
from benchmarks.fuzzing.pictures import encoded as encoded_picture
from benchmarks.fuzzing.reader import Reader, WrongAnswerError
from perception_core.frame import DepthImage, Intrinsics, RgbdFrame
from perception_core.recordings.messages import CAMERA_INFO, COMPRESSED_IMAGE, IMAGE, TYPES, encoded, typestore
from perception_core.recordings.metadata import METADATA_FILE
from perception_core.recordings.writer import RecordingWriter
from perception_core.sources.error import SourceError
from perception_core.sources.recording import RecordingSource

_FRAMES = 4
_MOST_FRAMES = 500  # of a file whose index leads round in circles
_SCHEMA = """
CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL, serialization_format TEXT NOT NULL,
                    offered_qos_profiles TEXT NOT NULL);
CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER NOT NULL, timestamp INTEGER NOT NULL,
                      data BLOB NOT NULL);
CREATE INDEX timestamp_idx ON messages (timestamp ASC);
"""
_BOMB_BYTES = 1_500_000_000  # a message of 48 KB when it is compressed
_TIMES_BOMBS = 4  # as often, anything else is damaged: bombs take long to refuse
_BOMB = zstandard.compress(bytes(100_000_000))  # few bytes for each block, which edits repeat


def readers(folder: Path) -> list[Reader]:
    """What reads recordings."""
    bag, metadata = _written(folder / "seed")
    mcaps = [bag, *(_mcap(folder, kind) for kind in CompressionType)]
    sqlite = [
        _sqlite(folder, TYPES, map(encoded, _frames())),
        _sqlite(folder, TYPES, _packed_frames()),
        _sqlite(folder, _compressed_types(), map(_compressed, _frames())),
    ]
    packed = [zstandard.compress(data) for data in (bag, sqlite[0])]
    whole = folder / "whole"
    whole.mkdir(exist_ok=True)
    (whole / "seed_0.mcap").write_bytes(bag)

    def file_reader(name: str, inputs: st.SearchStrategy[bytes]) -> Reader:
        path = folder / name

        def read(data: bytes) -> None:
            path.write_bytes(data)
            _play(path)

        return Reader(name, inputs, read, (SourceError,))

    def read_folder(data: bytes) -> None:
        (whole / METADATA_FILE).write_bytes(data)
        _play(whole)

    return [
        file_reader("bag.mcap", damaged(mcaps)),
        file_reader("bag.db3", damaged([*sqlite * _TIMES_BOMBS, _sqlite(folder, TYPES, _with_bomb())])),
        file_reader("bag.mcap.zstd", damaged([*packed * _TIMES_BOMBS, _BOMB])),
        Reader("metadata.yaml", damaged([metadata]), read_folder, (SourceError,)),
    ]


def _play(path: Path) -> None:
    source = RecordingSource(path)
    try:
        for frame in islice(source.frames(), _MOST_FRAMES):
            if frame.colour.dtype != np.uint8 or frame.colour.ndim != 3 or 0 in frame.colour.shape:
                raise WrongAnswerError(f"a picture of shape {frame.colour.shape} and {frame.colour.dtype}")
            if frame.depth is not None and frame.depth.size != frame.size:
                raise WrongAnswerError(f"depth of {frame.depth.size} with colour of {frame.size}")
    finally:
        source.close()


def _frames() -> list[RgbdFrame]:
    random = np.random.default_rng(0)
    return [
        RgbdFrame(
            stamp_ns=10**18 + number * 33_000_000,
            frame_id="camera",
            colour=random.integers(0, 256, (6, 8, 3), np.uint8),
            depth=DepthImage(random.integers(0, 3000, (6, 8), np.uint16), 0.001),
            intrinsics=Intrinsics(8, 6, 10.0, 10.0, 4.0, 3.0),
        )
        for number in range(_FRAMES)
    ]


def _written(folder: Path) -> tuple[bytes, bytes]:
    """MCAP file and metadata.yaml as `./perception record` leaves them."""
    shutil.rmtree(folder, ignore_errors=True)
    with RecordingWriter(folder) as writer:
        for frame in _frames():
            writer.write(frame)
    (bag,) = folder.glob("*.mcap")
    return bag.read_bytes(), (folder / METADATA_FILE).read_bytes()


def _mcap(folder: Path, compression: CompressionType) -> bytes:
    """Compressed pictures in an MCAP file without checksums, so that damage gets past them."""
    path = folder / "seed.mcap"
    with path.open("wb") as file:
        writer = Writer(file, compression=compression, enable_crcs=False)
        writer.start(profile="ros2")
        channels = {
            topic: writer.register_channel(topic, "cdr", writer.register_schema(kind, "ros2msg", b""))
            for topic, kind in _compressed_types().items()
        }
        for number, messages in enumerate(map(_compressed, _frames())):
            for topic, data in messages.items():
                writer.add_message(channels[topic], number, data, number)
        writer.finish()  # type: ignore[no-untyped-call]
    return path.read_bytes()


def _compressed_types() -> dict[str, str]:
    suffix = {IMAGE: "/compressed", CAMERA_INFO: ""}
    return {f"{topic}{suffix[kind]}": COMPRESSED_IMAGE if suffix[kind] else kind for topic, kind in TYPES.items()}


def _compressed(frame: RgbdFrame) -> dict[str, bytes]:
    """A frame's messages with PNG and JPEG files as their images."""
    assert frame.depth is not None
    raw = encoded(frame)
    store = typestore()
    image: Any = store.deserialize_cdr(raw[next(topic for topic, kind in TYPES.items() if kind == IMAGE)], IMAGE)
    files = {True: ("16UC1; png", encoded_picture(".png", frame.depth.raw)), False: ("", b"")}
    files[False] = ("bgr8; jpeg", encoded_picture(".jpg", cv2.resize(frame.colour, (16, 16))))
    messages = {}
    for topic, kind in _compressed_types().items():
        if kind != COMPRESSED_IMAGE:
            messages[topic] = bytes(raw[topic])
            continue
        form, file = files["depth" in topic]
        message = store.types[kind](header=image.header, format=form, data=np.frombuffer(file, np.uint8))
        messages[topic] = bytes(store.serialize_cdr(message, kind))
    return messages


def _packed_frames() -> Iterator[Mapping[str, bytes]]:
    """Messages that are compressed one by one."""
    for frame in _frames():
        yield {topic: zstandard.compress(bytes(data)) for topic, data in encoded(frame).items()}


def _with_bomb() -> Iterator[Mapping[str, bytes]]:
    """After them one that becomes thirty thousand times as large."""
    yield from _packed_frames()
    packer = zstandard.ZstdCompressor().compressobj()
    bomb = b"".join(packer.compress(bytes(_BOMB_BYTES // 30)) for _ in range(30)) + packer.flush()
    yield {next(reversed(TYPES)): bomb}


def _sqlite(folder: Path, types: Mapping[str, str], frames: Iterable[Mapping[str, bytes | memoryview]]) -> bytes:
    """A bag as Humble records it."""
    path = folder / "seed.db3"
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path)
    database.executescript(_SCHEMA)
    for number, (topic, kind) in enumerate(types.items()):
        database.execute("INSERT INTO topics VALUES (?, ?, ?, 'cdr', '')", (number, topic, kind))
    numbers = {topic: number for number, topic in enumerate(types)}
    for stamp, messages in enumerate(frames):
        for topic, data in messages.items():
            database.execute("INSERT INTO messages VALUES (NULL, ?, ?, ?)", (numbers[topic], stamp, bytes(data)))
    database.commit()
    database.close()
    return path.read_bytes()
