"""Files that are written: never over what is read, and in place of another only when they are whole."""

import os

import numpy as np
import pytest

from perception_cli.outputs import OutputError, begun_beside, keep_apart, missing_folders, opened_log, remove_empty
from perception_core.frame import RgbdFrame
from perception_core.recordings.writer import RecordingWriter


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A folder with a video, pictures and a recording, and other names for them."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "v.mp4").write_bytes(b"video")
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.jpg").write_bytes(b"picture")
    (tmp_path / "pictures" / "faces.jsonl").write_bytes(b"of the last time")
    with RecordingWriter(tmp_path / "recording") as writer:
        writer.write(RgbdFrame(0, "camera", np.zeros((6, 8, 3), np.uint8)))
    (tmp_path / "link.mp4").symlink_to("v.mp4")
    os.link(tmp_path / "v.mp4", tmp_path / "other.mp4")
    (tmp_path / "album").symlink_to("pictures")
    return tmp_path


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("v.mp4", "v.mp4"),
        ("v.mp4", "link.mp4"),
        ("v.mp4", "other.mp4"),
        ("link.mp4", "v.mp4"),
        ("v.mp4", "none/../v.mp4"),
        ("v.mp4", "pictures/../v.mp4"),
        ("pictures", "pictures"),
        ("pictures", "pictures/a.jpg"),
        ("pictures", "none/../album/a.jpg"),
        ("pictures/a.jpg", "album/a.jpg"),
        ("recording", "recording"),
        ("recording", "recording/recording_0.mcap"),
        ("recording", "recording/faces.jsonl"),
        ("recording?colour=/image", "recording/recording_0.mcap"),
        ("recording/recording_0.mcap", "recording/recording_0.mcap"),
        ("recording/recording_0.mcap", "recording/metadata.yaml"),
        ("recording/recording_0.mcap?colour=/image", "none/../recording/metadata.yaml"),
    ],
)
def test_nothing_is_written_over_what_is_read(here, source, output):
    with pytest.raises(OutputError, match="choose another place"):
        keep_apart(source, [here / "free.mp4", here / output])


@pytest.mark.parametrize(
    ("source", "outputs"),
    [
        ("v.mp4", ["w.mp4", "v.jsonl"]),
        ("pictures", ["annotated", "annotated/a.jpg", "pictures/faces.jsonl"]),
        ("pictures/a.jpg", ["pictures/b.jpg"]),
        ("recording", ["faces.mp4", "recording.jsonl"]),
        ("demo", ["demo", "v.mp4"]),
        ("0", ["0", "0.jsonl"]),
        ("nothing.mp4", ["nothing.jsonl"]),
    ],
)
def test_what_is_elsewhere_is_let_be(here, source, outputs):
    keep_apart(source, [here / output for output in outputs])


@pytest.mark.parametrize("other", ["out.mp4", "none/../out.mp4", "out/a.jpg"])
def test_two_outputs_are_not_one_file(here, other):
    with pytest.raises(OutputError, match="cannot be both"):
        keep_apart("v.mp4", [here / "out.mp4", here / "out" / "a.jpg", here / other])


def test_a_replacement_takes_its_place_when_it_is_complete(here):
    file = begun_beside(here / "link.mp4")
    file.partial.write_bytes(b"new")
    assert file.partial.suffix == ".mp4" and (here / "v.mp4").read_bytes() == b"video"
    file.complete()
    file.discard()
    assert (here / "v.mp4").read_bytes() == b"new" and (here / "link.mp4").is_symlink() and not file.partial.exists()


def test_what_may_not_be_written_is_not_replaced_either(here, unprivileged):
    here.chmod(0o777)
    (here / "v.mp4").chmod(0o444)
    with unprivileged(), pytest.raises(PermissionError):
        begun_beside(here / "v.mp4")


def test_a_log_keeps_the_last_time_until_its_first_line(here):
    path = here / "pictures" / "faces.jsonl"
    with opened_log(path):
        pass
    assert path.read_bytes() == b"of the last time"
    with opened_log(path) as log:
        for line in ("one\n", "two\n"):
            log.write(line)
            log.flush()
    assert path.read_text() == "one\ntwo\n"


def test_a_log_without_a_line_is_no_file(here):
    with opened_log(here / "new" / "faces.jsonl"):
        pass
    assert not list((here / "new").iterdir())


def test_what_was_made_for_nothing_is_removed_and_what_holds_something_stays(here):
    made = missing_folders(here / "a" / "b" / "c")
    assert made == [here / "a" / "b" / "c", here / "a" / "b", here / "a"]
    made[0].mkdir(parents=True)
    (made[0] / "empty.mcap").touch()
    (here / "a" / "mine").write_bytes(b"something")
    remove_empty(made)
    assert [path.name for path in (here / "a").iterdir()] == ["mine"]
