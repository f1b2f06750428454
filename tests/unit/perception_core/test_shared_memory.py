import fcntl
import os
from contextlib import closing

import pytest

from perception_core.shared_memory import remove_stale_segments, stale_segments

DEAD, LIVING = "fastrtps_10b1689a929225db", "fastrtps_311a6467fccf78ef"


@pytest.fixture
def memory(tmp_path):
    """A living participant's segment, a dead one's, a port, and what has nothing to do with Fast DDS."""
    for name in (DEAD, LIVING, "fastrtps_port7411"):
        (tmp_path / name).write_bytes(bytes(1000))
        (tmp_path / f"{name}_el").touch()
    (tmp_path / "sem.fastrtps_port7411_mutex").touch()
    (tmp_path / "somebody_elses_el").touch()
    with (tmp_path / f"{LIVING}_el").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield tmp_path


def names(folder):
    return {path.name for path in folder.iterdir()}


def test_a_segment_that_nobody_holds_is_found_with_its_size(memory):
    (found,) = stale_segments(memory, young_s=0)
    assert (found.path, found.lock, found.size) == (memory / DEAD, memory / f"{DEAD}_el", 1000)


def test_only_that_one_is_removed(memory):
    before = names(memory)
    assert [stale.path.name for stale in remove_stale_segments(memory, young_s=0)] == [DEAD]
    assert before - names(memory) == {DEAD, f"{DEAD}_el"}
    assert remove_stale_segments(memory, young_s=0) == []


def test_looking_leaves_all_as_it_was(memory):
    before = names(memory)
    stale_segments(memory, young_s=0)
    assert names(memory) == before
    with (memory / f"{DEAD}_el").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # raises if the look had kept it


def test_a_lock_that_was_made_just_now_may_be_about_to_be_taken(memory):
    assert stale_segments(memory) == []


def test_a_lock_that_a_killed_participant_left_without_its_segment_is_removed(memory):
    (memory / DEAD).unlink()
    assert len(remove_stale_segments(memory, young_s=0)) == 1
    assert f"{DEAD}_el" not in names(memory)


def test_a_link_of_that_name_leads_nowhere(memory, tmp_path_factory):
    target = tmp_path_factory.mktemp("elsewhere") / "file"
    target.touch()
    (memory / f"{DEAD}_el").unlink()
    (memory / f"{DEAD}_el").symlink_to(target)
    assert stale_segments(memory, young_s=0) == []
    assert target.exists()


def test_what_belongs_to_somebody_else_stays_without_a_word(memory, unprivileged):
    memory.chmod(0o755)
    memory.parent.chmod(0o755)
    with unprivileged():
        assert remove_stale_segments(memory, young_s=0) == []
    assert DEAD in names(memory)


def test_without_such_a_folder_there_is_nothing(tmp_path):
    assert stale_segments(tmp_path / "nothing") == []


def test_a_lock_held_by_another_process_counts(memory):
    read, write = os.pipe()
    asked, answered = os.pipe()
    child = os.fork()
    if child == 0:
        with (memory / f"{DEAD}_el").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            os.write(write, b"held")
            os.read(asked, 1)
        os._exit(0)
    with closing(os.fdopen(read, "rb", buffering=0)) as ready:
        ready.read(4)
        held = stale_segments(memory, young_s=0)
        os.write(answered, b".")
        os.waitpid(child, 0)
        assert held == []
    assert [stale.path.name for stale in stale_segments(memory, young_s=0)] == [DEAD]
