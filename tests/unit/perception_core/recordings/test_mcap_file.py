import contextlib
import tracemalloc

import lz4.frame
import pytest
import zstandard
from mcap.data_stream import RecordBuilder
from mcap.records import Channel, Chunk, ChunkIndex, DataEnd, Footer, Header, Schema
from mcap.writer import CompressionType, IndexType, Writer

from perception_core.recordings import mcap_file
from perception_core.recordings.stored import DamageError

HEAD = b"\x89MCAP0\r\n"


def written(path, log_times, size=1000, **options):
    """A file with messages of two topics, each with these log times."""
    with path.open("wb") as file:
        writer = Writer(file, **options)
        writer.start(profile="ros2")
        schema = writer.register_schema("sensor_msgs/msg/Image", "ros2msg", b"")
        channels = [writer.register_channel(topic, "cdr", schema) for topic in ("/one", "/two")]
        for log_ns in log_times:
            for channel in channels:
                writer.add_message(channel, log_ns, bytes(size), log_ns)
        writer.finish()
    return path


@contextlib.contextmanager
def peak_memory():
    """How many bytes there were at most, to be asked afterwards."""
    tracemalloc.start()
    peaks = []
    try:
        yield lambda: peaks[0]
    finally:
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()


def times(path):
    return [message.log_ns for message in mcap_file.messages(path, {"/one"})]


def test_an_index_gives_the_order_of_time_across_chunks(tmp_path):
    path = written(tmp_path / "a.mcap", [5, 3, 1, 4, 2], chunk_size=1500)
    assert times(path) == [1, 2, 3, 4, 5]
    assert mcap_file.topics(path, ()) == dict.fromkeys(("/one", "/two"), "sensor_msgs/msg/Image")


@pytest.mark.parametrize(
    "options",
    [
        {"use_chunking": False},
        {"index_types": IndexType.NONE},
        {"repeat_channels": False, "repeat_schemas": False, "index_types": IndexType.NONE, "use_statistics": False},
        {"repeat_channels": False},
    ],
)
def test_without_an_index_the_order_is_that_of_the_file(tmp_path, options):
    path = written(tmp_path / "a.mcap", [5, 3, 1], **options)
    assert times(path) == [5, 3, 1]
    assert set(mcap_file.topics(path, ())) == {"/one", "/two"}


@pytest.mark.parametrize("compression", list(CompressionType))
def test_every_compression_of_chunks_is_read(tmp_path, compression):
    assert times(written(tmp_path / "a.mcap", [1, 2], compression=compression)) == [1, 2]


@pytest.mark.parametrize("content", [b"", b"no mcap", HEAD, HEAD + b"\x01"])
def test_what_is_no_mcap_is_damaged(tmp_path, content):
    (tmp_path / "a.mcap").write_bytes(content)
    assert mcap_file.topics(tmp_path / "a.mcap", ()) == {}
    with pytest.raises(DamageError, match=r"\w"):
        times(tmp_path / "a.mcap")


@pytest.mark.parametrize("opcode", [0x01, 0x05, 0x06, 0x77])
def test_a_length_that_is_damaged_reserves_no_memory(tmp_path, opcode):
    path = tmp_path / "a.mcap"
    path.write_bytes(HEAD + bytes([opcode]) + (2**31).to_bytes(8, "little") + (2**31).to_bytes(4, "little") * 20)
    with peak_memory() as peak, pytest.raises(DamageError):
        times(path)
    assert peak() < 10_000_000


BOMB_BYTES = 600_000_000


def zstd_of_zeros(size):
    packer = zstandard.ZstdCompressor().compressobj()
    return b"".join(packer.compress(bytes(1_000_000)) for _ in range(size // 1_000_000)) + packer.flush()


def lz4_of_zeros(size):
    packer = lz4.frame.LZ4FrameCompressor()
    return (
        packer.begin() + b"".join(packer.compress(bytes(1_000_000)) for _ in range(size // 1_000_000)) + packer.flush()
    )


def with_chunk(path, compression, data, declared, *, index):
    """A file of one chunk."""
    records = RecordBuilder()
    records.write(HEAD)
    Header(profile="ros2", library="").write(records)
    begin = records.count
    Chunk(
        compression, data, message_end_time=1, message_start_time=0, uncompressed_crc=0, uncompressed_size=declared
    ).write(records)
    end = records.count
    DataEnd(0).write(records)
    summary = records.count
    if index:
        Schema(id=1, name="sensor_msgs/msg/Image", encoding="ros2msg", data=b"").write(records)
        Channel(id=1, topic="/one", message_encoding="cdr", metadata={}, schema_id=1).write(records)
        ChunkIndex(
            chunk_length=end - begin,
            chunk_start_offset=begin,
            compression=compression,
            compressed_size=len(data),
            message_end_time=1,
            message_index_length=0,
            message_index_offsets={},
            message_start_time=0,
            uncompressed_size=declared,
        ).write(records)
    Footer(summary_start=summary if index else 0, summary_offset_start=0, summary_crc=0).write(records)
    records.write(HEAD)
    path.write_bytes(records.end())
    return path


@pytest.mark.parametrize("index", [True, False])
@pytest.mark.parametrize("declared", [100, BOMB_BYTES])
@pytest.mark.parametrize(("compression", "packed"), [("zstd", zstd_of_zeros), ("lz4", lz4_of_zeros)])
def test_a_small_chunk_that_would_fill_the_memory_is_damage(tmp_path, compression, packed, declared, index):
    path = with_chunk(tmp_path / "bomb.mcap", compression, packed(BOMB_BYTES), declared, index=index)
    with peak_memory() as peak, pytest.raises(DamageError, match="a chunk"):
        times(path)
    assert peak() < 300_000_000


def test_chunks_that_all_reach_far_ahead_are_not_held_until_then(tmp_path, monkeypatch):
    """As of a recorder whose messages come late: 60 of 100 kB would wait for the last chunk."""
    path = written(tmp_path / "a.mcap", [t for k in range(60) for t in (k, 10**9)], size=100_000, chunk_size=390_000)
    assert times(path) == [*range(60), *[10**9] * 60]
    monkeypatch.setattr(mcap_file, "MOST_BYTES", 500_000)
    with peak_memory() as peak:
        assert len(times(path)) == 120
    assert peak() < 3_000_000


def test_messages_of_one_time_are_in_the_order_of_the_file(tmp_path):
    with (tmp_path / "a.mcap").open("wb") as file:
        writer = Writer(file, chunk_size=50)
        writer.start(profile="ros2")
        schema = writer.register_schema("sensor_msgs/msg/Image", "ros2msg", b"")
        channel = writer.register_channel("/one", "cdr", schema)
        for k in range(20):
            writer.add_message(channel, 5, bytes([k]) * 10, 5)
        writer.finish()
    assert [message.data[0] for message in mcap_file.messages(tmp_path / "a.mcap", {"/one"})] == list(range(20))
