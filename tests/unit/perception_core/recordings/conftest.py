"""Small frames, and bags as others write them: rosbags' own writer, and Humble's tables."""

import sqlite3
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import yaml
from rosbags.interfaces import Qos, QosDurability, QosHistory, QosLiveliness, QosReliability, QosTime
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer

from perception_core.frame import DepthImage, Intrinsics, RgbdFrame
from perception_core.recordings.messages import TYPES, encoded, typestore
from perception_core.recordings.writer import RecordingWriter

BEGIN_NS = 1_700_000_000_000_000_000
STEP_NS = 33_000_000
LENS = Intrinsics(8, 6, 10.0, 11.0, 4.5, 3.25, (0.1, -0.02, 0.003, 0.004, 0.05))


def rgbd_frame(k, stamp_ns=None, depth=True, intrinsics=LENS, size=(8, 6)):
    """Frame number k; no two are the same."""
    rng = np.random.default_rng(k)
    width, height = size
    return RgbdFrame(
        BEGIN_NS + k * STEP_NS if stamp_ns is None else stamp_ns,
        "head_optical_frame",
        rng.integers(0, 256, (height, width, 3), np.uint8),
        DepthImage(rng.integers(0, 5000, (height, width), np.uint16), 0.001) if depth else None,
        intrinsics,
    )


def assert_same(one, other):
    assert (one.stamp_ns, one.frame_id, one.intrinsics) == (other.stamp_ns, other.frame_id, other.intrinsics)
    np.testing.assert_array_equal(one.colour, other.colour)
    assert (one.depth is None) == (other.depth is None)
    if one.depth is not None:
        assert one.depth.raw.dtype == other.depth.raw.dtype
        assert one.depth.metres_per_unit == other.depth.metres_per_unit
        np.testing.assert_array_equal(one.depth.raw, other.depth.raw)


def messages_of(frames):
    """(topic, type, log time, bytes) of frames, as the driver publishes them."""
    return [
        (topic, TYPES[topic], frame.stamp_ns, bytes(data)) for frame in frames for topic, data in encoded(frame).items()
    ]


def write_with_rosbags(folder, messages, storage="mcap", version=9, compression=None):
    """A bag as rosbag2 of Iron (version 8) or Jazzy (9) writes it."""
    writer = Writer(folder, version=version, storage_plugin=StoragePlugin[storage.upper()])
    if compression:
        writer.set_compression(CompressionMode[compression.upper()], CompressionFormat.ZSTD)
    forever = QosTime(9223372036, 854775807)
    offered = Qos(
        QosHistory.KEEP_LAST,
        5,
        QosReliability.RELIABLE,
        QosDurability.VOLATILE,
        forever,
        forever,
        QosLiveliness.AUTOMATIC,
        forever,
        False,
    )
    with writer:
        connections = {}
        for topic, message_type, log_ns, data in messages:
            if topic not in connections:
                connections[topic] = writer.add_connection(
                    topic, message_type, typestore=typestore(), offered_qos_profiles=[offered]
                )
            writer.write(connections[topic], log_ns, data)
    return folder


def write_as_humble(folder, messages, name=None):
    """An sqlite3 bag with the tables and the metadata that Humble's rosbag2 writes."""
    folder.mkdir(exist_ok=True)
    path = folder / (name or f"{folder.name}_0.db3")
    database = sqlite3.connect(path)
    database.executescript(
        """
        CREATE TABLE schema(schema_version INTEGER PRIMARY KEY, ros_distro TEXT NOT NULL);
        CREATE TABLE metadata(id INTEGER PRIMARY KEY, metadata_version INTEGER NOT NULL, metadata TEXT NOT NULL);
        CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL,
                            serialization_format TEXT NOT NULL, offered_qos_profiles TEXT NOT NULL);
        CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER NOT NULL, timestamp INTEGER NOT NULL,
                              data BLOB NOT NULL);
        CREATE INDEX timestamp_idx ON messages (timestamp ASC);
        INSERT INTO schema(schema_version, ros_distro) VALUES (3, 'humble');
        """
    )
    numbers = {}
    for topic, message_type, log_ns, data in messages:
        if topic not in numbers:
            cursor = database.execute(
                "INSERT INTO topics(name, type, serialization_format, offered_qos_profiles) VALUES (?, ?, 'cdr', '')",
                (topic, message_type),
            )
            numbers[topic] = cursor.lastrowid
        database.execute(
            "INSERT INTO messages(topic_id, timestamp, data) VALUES (?, ?, ?)", (numbers[topic], log_ns, data)
        )
    database.commit()
    database.close()
    information = {"version": 5, "storage_identifier": "sqlite3", "relative_file_paths": [path.name]}
    (folder / "metadata.yaml").write_text(yaml.safe_dump({"rosbag2_bagfile_information": information}))
    return folder


@pytest.fixture(scope="session")
def bags():
    """Frames, their messages, and the ways to write them."""
    return SimpleNamespace(
        frame=rgbd_frame,
        assert_same=assert_same,
        messages_of=messages_of,
        write_with_rosbags=write_with_rosbags,
        write_as_humble=write_as_humble,
        begin_ns=BEGIN_NS,
        step_ns=STEP_NS,
        lens=LENS,
    )


@pytest.fixture
def recorded(tmp_path):
    """Records frames with our own writer."""

    def record(frames, folder="recording") -> Path:
        with RecordingWriter(tmp_path / folder) as writer:
            for frame in frames:
                writer.write(frame)
        return tmp_path / folder

    return record
