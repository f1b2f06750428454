import hashlib
import threading

import pytest

from perception_core.zoo.errors import CacheError
from perception_core.zoo.files import sha256_of, storage_errors, sweep, write_atomically


def test_a_reader_sees_the_old_file_or_the_new_one_and_nothing_between(tmp_path):
    path = tmp_path / "model.onnx"
    contents = [bytes([number]) * 2_000_000 for number in (1, 2)]
    write_atomically(path, contents[0])
    written = threading.Event()

    def write():
        for turn in range(40):
            write_atomically(path, contents[turn % 2])
        written.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    while not written.is_set():
        seen.add(hashlib.sha256(path.read_bytes()).hexdigest())
    writer.join()
    assert seen <= {hashlib.sha256(content).hexdigest() for content in contents}


def test_a_write_leaves_nothing_else_behind(tmp_path):
    write_atomically(tmp_path / "folder" / "a", b"content")
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["a"]
    assert sha256_of(tmp_path / "folder" / "a") == hashlib.sha256(b"content").hexdigest()


def test_what_is_half_written_is_swept_away_and_nothing_else(tmp_path):
    (tmp_path / ".partial-download").mkdir()
    (tmp_path / ".partial-download" / "got").write_bytes(b"half")
    (tmp_path / ".partial-file").write_bytes(b"half")
    (tmp_path / "model.onnx").write_bytes(b"whole")
    sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]


def test_a_file_where_a_folder_should_be_is_said(tmp_path):
    (tmp_path / "cache").write_bytes(b"")
    with pytest.raises(CacheError, match="PERCEPTION_CACHE"):
        write_atomically(tmp_path / "cache" / "model.onnx", b"")


def test_an_error_that_is_none_of_the_disk_passes(tmp_path):
    with pytest.raises(ValueError, match="other"), storage_errors(tmp_path):
        raise ValueError("other")
