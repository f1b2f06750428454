"""Shared memory of participants that were killed, with real ones."""

import signal
import tempfile
from pathlib import Path

import pytest

from perception_core.shared_memory import FOLDER, remove_stale_segments, stale_segments

SEGMENTS = ("fastrtps_", "fastdds_")
PARTICIPANT = """
import signal, rclpy
rclpy.init()
node = rclpy.create_node("participant")
print("ready", flush=True)
signal.pause()
"""


@pytest.fixture
def participant(graph):
    """A participant, and a folder with its segments alone: a lock is the file's, whatever its name."""
    before = set(FOLDER.glob("fast*"))
    process = graph.start_code(PARTICIPANT)
    graph.spin_until(lambda: "ready" in process.text(), "the participant")
    own = [path for path in set(FOLDER.glob("fast*")) - before if path.name.startswith(SEGMENTS)]
    with tempfile.TemporaryDirectory(dir=FOLDER) as name:
        folder = Path(name)
        for path in own:
            (folder / path.name).hardlink_to(path)
        yield process, folder
    for path in own if not process.running() else []:
        path.unlink(missing_ok=True)


def test_a_living_participants_memory_is_not_stale_and_a_killed_ones_is_removed(participant):
    process, folder = participant
    before = set(folder.iterdir())
    assert before and stale_segments(folder, young_s=0) == remove_stale_segments(folder, young_s=0) == []
    process.send(signal.SIGKILL)
    process.exit_code()
    removed = remove_stale_segments(folder, young_s=0)
    assert {path for each in removed for path in (each.path, each.lock)} <= before
    assert removed and sum(each.size for each in removed) > 1e6
    assert not any(each.path.exists() or each.lock.exists() for each in removed)
