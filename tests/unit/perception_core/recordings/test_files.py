import os

import pytest

from perception_core.recordings.files import is_recording, recording_files, unpacked


def touched(folder, *names):
    for name in names:
        (folder / name).touch()
    return folder


@pytest.mark.parametrize("name", ["a.mcap", "a.db3", "a.mcap.zstd", "a.db3.zstd"])
def test_a_file_of_rosbag2_and_a_folder_with_one_are_recordings(tmp_path, name):
    assert is_recording(touched(tmp_path, name, "notes.txt"))
    assert is_recording(tmp_path / name)


def test_pictures_and_videos_are_none(tmp_path):
    assert not is_recording(touched(tmp_path, "a.png", "b.mp4"))
    assert not is_recording(tmp_path / "b.mp4")
    assert not is_recording(tmp_path / "gone.mcap")


def test_files_are_in_the_order_of_their_numbers(tmp_path):
    touched(tmp_path, *(f"bag_{k}.mcap" for k in (10, 0, 9, 1)))
    assert [file.name for file in recording_files(tmp_path)] == [f"bag_{k}.mcap" for k in (0, 1, 9, 10)]


def test_a_small_file_that_would_fill_the_disk_is_unpacked_no_further_than_a_recording_goes(tmp_path, caplog):
    """Zstd can say in four bytes that 128 kB are zero: this would become 1.3 GB, a megabyte 32 GB."""
    frame, run_of_zeros = b"\x28\xb5\x2f\xfd\x00\x58", b"\x02\x00\x10\x00"
    packed = tmp_path / "bomb.mcap.zstd"
    packed.write_bytes(frame + run_of_zeros * 10_000)
    assert unpacked(packed, tmp_path).stat().st_size < 300_000_000
    assert "bomb.mcap.zstd is damaged" in caplog.text


LISTED = "rosbag2_bagfile_information: {relative_file_paths: [a.mcap, %s]}"


@pytest.mark.parametrize("name", ["pipe.mcap", "folder.mcap", "x" * 300 + ".mcap", '"\\0.mcap"', '"\\ud800.mcap"'])
def test_what_is_listed_and_is_no_file_is_said_and_the_others_are_played(tmp_path, caplog, name):
    touched(tmp_path, "a.mcap")
    os.mkfifo(tmp_path / "pipe.mcap")
    (tmp_path / "folder.mcap").mkdir()
    (tmp_path / "metadata.yaml").write_text(LISTED % name)
    assert recording_files(tmp_path) == [tmp_path / "a.mcap"]
    assert "lacks files that its metadata.yaml names" in caplog.text
    assert all(len(record.getMessage().encode()) < 400 for record in caplog.records)


def test_many_files_that_are_missing_are_counted_and_not_all_named(tmp_path, caplog):
    touched(tmp_path, "a.mcap")
    (tmp_path / "metadata.yaml").write_text(LISTED % ", ".join(f"b_{k}.mcap" for k in range(1000)))
    assert recording_files(tmp_path) == [tmp_path / "a.mcap"]
    assert "and 997 more" in caplog.text
    assert len(caplog.text) < 600


def test_a_pipe_in_place_of_the_metadata_is_not_waited_for(tmp_path):
    touched(tmp_path, "a.mcap")
    os.mkfifo(tmp_path / "metadata.yaml")
    assert is_recording(tmp_path)
    assert recording_files(tmp_path) == [tmp_path / "a.mcap"]
