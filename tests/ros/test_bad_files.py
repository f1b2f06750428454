"""Folders that cannot be written, disks that are full and recordings that are damaged: a line that says what to do."""

import json
import resource
import tempfile
from pathlib import Path

import pytest
from perception_msgs.msg import FaceArray
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

from perception_core.image_messages import nanoseconds
from perception_core.recordings.reader import Recording

from .faces import activate
from .test_demo import run_demo

NOBODY = 65534
# Permissions do not bind root, who may be the only one to read the installation: it is read before.
AS_NOBODY = f"""
import os, sys
from perception_cli import commands
options = commands.parser().parse_args()
os.seteuid({NOBODY})
sys.exit(options.func(options))
"""


@pytest.fixture
def locked():
    """A folder that everybody can see and nobody may write to; pytest's own are for their user only."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o555)
        yield Path(name)


@pytest.mark.parametrize(
    "words",
    [
        ["demo", "--headless", "--output", "{locked}/demo.mp4"],
        ["demo", "--headless", "--output", "demo.mp4", "--log", "{locked}/faces.jsonl"],
        ["record", "--output", "{locked}/bag"],
    ],
    ids=["video", "log", "recording"],
)
def test_an_output_folder_that_may_not_be_written_is_named_before_anything_starts(graph, locked, words):
    words = [word.format(locked=locked) for word in words]
    process = graph.start_code(AS_NOBODY, *words)  # `unprivileged` would forbid root's own interpreter as well
    assert process.exit_code() == 1
    assert words[-1] in process.text() and "Permission denied" in process.text()
    assert "Traceback" not in process.text() and "starting" not in process.text()
    assert process.text().count("\n") == 1


def limit_files(process, size):
    """From now on no file of a process may become larger, as on a disk that is full."""
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, size))


def test_a_disk_that_fills_ends_the_demo_and_the_log_is_whole_until_then(graph, tmp_path):
    demo = run_demo(graph, tmp_path)
    log = tmp_path / "demo.jsonl"
    graph.spin_until(lambda: log.exists() and len(log.read_text().splitlines()) > 20, "twenty lines")
    limit_files(demo, log.stat().st_size + 1000)
    assert demo.exit_code() == 1
    assert "Is the disk full?" in demo.text() and "Traceback" not in demo.text()
    assert demo.text().count("\n") == 2  # that it starts, and why it ends
    whole = log.read_text().rpartition("\n")[0].splitlines()
    assert len(whole) > 20 and all(json.loads(line) for line in whole)


def test_a_log_that_cannot_be_written_is_named_and_the_video_is_kept(graph, tmp_path):
    demo = run_demo(graph, tmp_path, "--log", "/dev/full")
    assert demo.exit_code() == 1
    assert "/dev/full: the log cannot be written: No space left on device" in demo.text()
    assert "Traceback" not in demo.text()


def test_a_disk_that_is_full_ends_a_recording_that_can_be_played(graph, tmp_path):
    folder = tmp_path / "bag"
    record = graph.start("perception_cli", "record", "--output", str(folder))
    graph.spin_until(lambda: any(folder.glob("*.mcap")), "the file")
    limit_files(record, 20_000_000)
    assert record.exit_code() == 1
    assert "the recording cannot be written: File too large" in record.text()
    assert "what was recorded until then can be played" in record.text() and "Traceback" not in record.text()
    assert sum(1 for _ in Recording(folder).frames()) > 5


def test_a_recording_that_is_cut_in_the_middle_is_played_until_there_and_said(graph, face_node, tmp_path, recording):
    (whole,) = recording.folder.glob("*.mcap")
    cut = tmp_path / "cut.mcap"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    faces = graph.collect(FaceArray, "faces", 100)
    activate(graph)
    player = graph.start(
        "perception_ros.replay_node", "--ros-args", "-p", f"source:={cut}", "-p", "stamps:=recorded",
        "-p", "answered_on:=faces",
    )  # fmt: skip
    graph.spin_until(lambda: not player.running(), "the end of the recording")
    assert player.exit_code() == 0, player.text()
    assert f"{cut} is cut off or damaged" in player.text() and "Traceback" not in player.text()
    stamps = [nanoseconds(message.header) for message in faces]
    assert stamps == recording.stamps[: len(stamps)]
    assert len(recording.stamps) // 3 < len(stamps) < len(recording.stamps)


def test_a_recording_without_a_camera_is_answered_with_the_topics_that_it_has(graph, tmp_path):
    store = get_typestore(Stores.ROS2_JAZZY)
    word = store.types["std_msgs/msg/String"](data="hello")
    with Writer(tmp_path / "bag", version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        chatter = writer.add_connection("/chatter", word.__msgtype__, typestore=store)
        writer.write(chatter, 0, store.serialize_cdr(word, word.__msgtype__))
    demo = run_demo(graph, tmp_path, "--source", str(tmp_path / "bag"))
    assert demo.exit_code() == 1
    assert "no topic with colour" in demo.text() and "/chatter (std_msgs/msg/String)" in demo.text()
    assert "Traceback" not in demo.text()
