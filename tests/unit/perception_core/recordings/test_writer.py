import os
import signal
import stat
import subprocess
import sys
import textwrap
from dataclasses import replace

import numpy as np
import pytest
import yaml
from mcap.reader import make_reader
from rosbags.rosbag2 import Reader

from perception_core.frame import DepthImage
from perception_core.recordings.error import RecordingError
from perception_core.recordings.messages import typestore
from perception_core.recordings.reader import Recording
from perception_core.recordings.writer import RecordingWriter

COLOUR = "/camera/camera/color/image_raw"
DEPTH = "/camera/camera/aligned_depth_to_color/image_raw"
CAMERA_INFO = "/camera/camera/color/camera_info"

# Records small frames without end, and says when each was given to the writer.
RECORDER = """
import itertools, sys
from pathlib import Path
import numpy as np
from perception_core.frame import RgbdFrame
from perception_core.recordings.error import RecordingError
from perception_core.recordings.writer import RecordingWriter
colour = np.zeros((60, 80, 3), np.uint8)
{setup}
try:
    with RecordingWriter(Path(sys.argv[1])) as writer:
        for k in itertools.count():
            writer.write(RgbdFrame(k * 1_000_000, "camera", colour))
            {after}
except RecordingError as error:
    sys.exit(str(error))
"""


def recorder(folder, setup="", after="pass"):
    program = textwrap.dedent(RECORDER).format(setup=setup, after=after)
    return subprocess.Popen(
        [sys.executable, "-c", program, str(folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_another_library_finds_the_messages_of_a_realsense_driver(recorded, bags):
    frames = [bags.frame(k) for k in range(3)]
    with Reader(recorded(frames)) as reader:
        assert {topic: info.msgtype for topic, info in reader.topics.items()} == {
            COLOUR: "sensor_msgs/msg/Image",
            DEPTH: "sensor_msgs/msg/Image",
            CAMERA_INFO: "sensor_msgs/msg/CameraInfo",
        }
        assert reader.message_count == 9
        for connection, log_ns, data in reader.messages():
            message = typestore().deserialize_cdr(data, connection.msgtype)
            stamp_ns = message.header.stamp.sec * 1_000_000_000 + message.header.stamp.nanosec
            frame = frames[(stamp_ns - bags.begin_ns) // bags.step_ns]
            assert stamp_ns == log_ns == frame.stamp_ns
            assert message.header.frame_id == "head_optical_frame"
            if connection.topic == COLOUR:
                assert (message.encoding, message.width, message.height, message.step) == ("bgr8", 8, 6, 24)
                np.testing.assert_array_equal(message.data.reshape(6, 8, 3), frame.colour)
            elif connection.topic == DEPTH:
                assert (message.encoding, message.step) == ("16UC1", 16)
                np.testing.assert_array_equal(message.data.view(np.uint16).reshape(6, 8), frame.depth.raw)
            else:
                assert message.k.tolist() == [10.0, 0, 4.5, 0, 11.0, 3.25, 0, 0, 1]
                assert message.d.tolist() == list(bags.lens.distortion)


def test_a_player_offers_reliable_images(recorded, bags):
    folder = recorded([bags.frame(0)])
    with Reader(folder) as reader:
        offered = [profile for connection in reader.connections for profile in connection.ext.offered_qos_profiles]
    assert {profile.reliability.name for profile in offered} == {"RELIABLE"}
    with next(folder.glob("*.mcap")).open("rb") as file:
        channels = make_reader(file).get_summary().channels.values()
        assert len(channels) == 3
        for channel in channels:
            assert yaml.safe_load(channel.metadata["offered_qos_profiles"])[0]["reliability"] == 1
            assert channel.metadata["topic_type_hash"].startswith("RIHS01_")


def test_checksums_and_index_of_the_file_are_right(recorded, bags):
    with next(recorded([bags.frame(k) for k in range(20)]).glob("*.mcap")).open("rb") as file:
        reader = make_reader(file, validate_crcs=True)
        assert reader.get_header().profile == "ros2"
        assert reader.get_summary().statistics.message_count == len(list(reader.iter_messages())) == 60
        (record,) = reader.iter_metadata()
        assert yaml.safe_load(record.metadata["serialized_metadata"])["message_count"] == 60


@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_only_the_owner_can_read_a_recording_from_its_first_byte_on(tmp_path, bags, umask):
    before = os.umask(umask)
    try:
        with RecordingWriter(tmp_path / "r") as writer:
            assert mode(tmp_path / "r") == 0o700
            assert [mode(file) for file in (tmp_path / "r").iterdir()] == [0o600]
            writer.write(bags.frame(0))
    finally:
        os.umask(before)
    assert {file.suffix: mode(file) for file in (tmp_path / "r").iterdir()} == {".mcap": 0o600, ".yaml": 0o600}


def test_an_empty_folder_of_the_users_is_taken_as_it_is(tmp_path, bags):
    (tmp_path / "r").mkdir(mode=0o755)
    with RecordingWriter(tmp_path / "r") as writer:
        writer.write(bags.frame(0))
    assert mode(tmp_path / "r") == 0o755
    assert {mode(file) for file in (tmp_path / "r").iterdir()} == {0o600}


def test_a_folder_with_something_in_it_is_refused_and_left_alone(tmp_path):
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "notes.txt").write_text("mine")
    with pytest.raises(RecordingError, match=r"r is not empty: choose a folder that does not exist yet"):
        RecordingWriter(tmp_path / "r").__enter__()
    assert (tmp_path / "r" / "notes.txt").read_text() == "mine"


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "r").write_text("mine")
    with pytest.raises(RecordingError, match=r"r_0\.mcap: the recording cannot be written: File exists"):
        RecordingWriter(tmp_path / "r").__enter__()


def test_a_folder_that_may_not_be_written_is_named(tmp_path, unprivileged):
    tmp_path.chmod(0o555)
    with unprivileged(), pytest.raises(RecordingError, match=r"Permission denied\. Choose a folder that you may"):
        RecordingWriter(tmp_path / "r").__enter__()


def test_without_a_frame_nothing_is_left_behind(tmp_path):
    with RecordingWriter(tmp_path / "new"):
        pass
    assert not (tmp_path / "new").exists()
    (tmp_path / "there").mkdir()
    with RecordingWriter(tmp_path / "there"):
        pass
    assert list((tmp_path / "there").iterdir()) == []


def test_an_error_of_who_records_leaves_a_complete_recording(tmp_path, bags):
    with pytest.raises(KeyboardInterrupt), RecordingWriter(tmp_path / "r") as writer:
        writer.write(bags.frame(0))
        raise KeyboardInterrupt
    with Reader(tmp_path / "r") as reader:
        assert reader.message_count == 3


def test_a_source_without_depth_and_calibration_has_no_such_topics(recorded, bags):
    with Reader(recorded([bags.frame(0, depth=False, intrinsics=None)])) as reader:
        assert set(reader.topics) == {COLOUR}


@pytest.mark.parametrize(
    ("depth", "encoding"),
    [
        (DepthImage(np.full((6, 8), 1234, np.uint16), 0.0010000000474974513), "16UC1"),  # as librealsense says 1 mm
        (DepthImage(np.full((6, 8), 12340, np.uint16), 0.0001), "32FC1"),
        (DepthImage(np.full((6, 8), 1.234, np.float32), 1.0), "32FC1"),
        (DepthImage(np.full((6, 8), 1234, np.float32), 0.001), "32FC1"),
    ],
)
def test_depth_stays_what_it_is_in_metres(recorded, bags, depth, encoding):
    folder = recorded([replace(bags.frame(0), depth=depth)])
    (frame,) = Recording(folder).frames()
    np.testing.assert_allclose(frame.depth.metres(), 1.234, rtol=1e-6)
    assert (frame.depth.raw.dtype == np.uint16) == (encoding == "16UC1")


def test_pictures_that_are_views_of_others_are_recorded_as_they_look(recorded, bags):
    whole = bags.frame(0, size=(16, 12))
    view = replace(
        whole, colour=whole.colour[::2, ::-2], depth=DepthImage(whole.depth.raw[::2, ::-2], 0.001), intrinsics=bags.lens
    )
    (frame,) = Recording(recorded([view])).frames()
    bags.assert_same(frame, view)


def test_stamps_that_jump_back_are_kept_and_so_is_the_order(recorded, bags):
    stamps = [bags.begin_ns + second * 1_000_000_000 for second in (0, 1, 2, 0, 1, -5, 2)]
    frames = [bags.frame(k, stamp_ns) for k, stamp_ns in enumerate(stamps)]
    for before, after in zip(frames, Recording(recorded(frames)).frames(), strict=True):
        bags.assert_same(before, after)


@pytest.mark.parametrize("stamp_ns", [-5, 0, 1])
def test_stamps_around_zero_are_recorded(tmp_path, bags, stamp_ns):
    with RecordingWriter(tmp_path / "r") as writer:
        writer.write(bags.frame(0, stamp_ns))
    with Reader(tmp_path / "r") as reader:
        ((connection, _, data), *_) = reader.messages()
        stamp = typestore().deserialize_cdr(data, connection.msgtype).header.stamp
    assert stamp.sec * 1_000_000_000 + stamp.nanosec == stamp_ns


def test_a_stamp_that_ros_cannot_hold_is_said(tmp_path, bags):
    with RecordingWriter(tmp_path / "r") as writer:
        writer.write(bags.frame(0))
        with pytest.raises(RecordingError, match="stamped 4294967296 s, which ROS's time cannot hold"):
            writer.write(bags.frame(1, 2**32 * 1_000_000_000))
    assert len(list(Recording(tmp_path / "r").frames())) == 1


def test_a_disk_that_is_full_ends_the_recording_and_what_was_recorded_can_be_played(tmp_path, caplog):
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (10_000_000, resource.RLIM_INFINITY))"
    process = recorder(tmp_path / "r", setup=limit)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "r_0.mcap: the recording cannot be written: File too large. Files may not become larger here" in said
    assert "Traceback" not in said and "ignored" not in said
    frames = list(Recording(tmp_path / "r").frames())
    assert len(frames) * 60 * 80 * 3 > 4_000_000
    assert "is cut off or damaged" in caplog.text


def test_metadata_that_cannot_be_written_is_said_and_the_recording_can_be_played(tmp_path, bags):
    with (
        pytest.raises(RecordingError, match="the recording cannot be written"),
        RecordingWriter(tmp_path / "r") as writer,
    ):
        writer.write(bags.frame(0))
        (tmp_path / "r" / "metadata.yaml").mkdir()
    assert len(list(Recording(tmp_path / "r").frames())) == 1


def test_a_process_that_is_killed_loses_the_last_second_at_most(tmp_path):
    # Each frame takes 50 ms of a clock that the writer sees.
    clock = "import time; now = [0.0]; time.monotonic = lambda: now[0]"
    process = recorder(tmp_path / "r", clock, after="now[0] += 0.05; print(k, flush=True)")
    while int(process.stdout.readline()) < 99:
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    assert not (tmp_path / "r" / "metadata.yaml").exists()
    assert len(list(Recording(tmp_path / "r").frames())) >= 100 - 21


def test_stamps_that_jump_from_one_end_of_time_to_the_other_are_recorded_in_their_order(recorded, bags):
    """Players sort by a time of 64 bits, into which two such jumps fit."""
    ends_ns = [-(2**31) * 10**9, (2**31 - 1) * 10**9]
    frames = [bags.frame(k, ends_ns[k % 2]) for k in range(20)]
    for before, after in zip(frames, Recording(recorded(frames)).frames(), strict=True):
        bags.assert_same(before, after)
