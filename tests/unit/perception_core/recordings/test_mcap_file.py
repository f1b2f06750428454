import tracemalloc

import pytest
from mcap.writer import CompressionType, IndexType, Writer

from perception_core.recordings import mcap_file
from perception_core.recordings.stored import DamageError

HEAD = b"\x89MCAP0\r\n"


def written(path, log_times, **options):
    """A file with messages of two topics, each with these log times."""
    with path.open("wb") as file:
        writer = Writer(file, **options)
        writer.start(profile="ros2")
        schema = writer.register_schema("sensor_msgs/msg/Image", "ros2msg", b"")
        channels = [writer.register_channel(topic, "cdr", schema) for topic in ("/one", "/two")]
        for log_ns in log_times:
            for channel in channels:
                writer.add_message(channel, log_ns, bytes(1000), log_ns)
        writer.finish()
    return path


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
    tracemalloc.start()
    with pytest.raises(DamageError):
        times(path)
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()
