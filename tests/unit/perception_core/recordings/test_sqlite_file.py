import shutil
import sqlite3

import pytest

from perception_core.recordings import sqlite_file
from perception_core.recordings.stored import DamageError

COLOUR = "/camera/camera/color/image_raw"


@pytest.fixture
def database(tmp_path, bags):
    return bags.write_as_humble(tmp_path / "bag", bags.messages_of([bags.frame(k) for k in range(3)])) / "bag_0.db3"


def altered(path, statement):
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()
    return path


def times(path):
    return [message.log_ns for message in sqlite_file.messages(path, {COLOUR})]


def test_messages_come_in_the_order_of_their_time(database, bags):
    altered(database, f"UPDATE messages SET timestamp = {2 * bags.begin_ns} - timestamp")
    assert times(database) == [bags.begin_ns - k * bags.step_ns for k in (2, 1, 0)]


def test_what_a_killed_recorder_has_left_in_its_journal_is_read(database, tmp_path, bags):
    recorder = sqlite3.connect(database)
    recorder.execute("PRAGMA journal_mode = WAL")
    recorder.execute(
        f"INSERT INTO messages(topic_id, timestamp, data) SELECT id, 5, x'00' FROM topics WHERE name = '{COLOUR}'"
    )
    recorder.commit()
    (tmp_path / "killed").mkdir()
    for file in database.parent.glob("bag_0.db3*"):
        shutil.copy(file, tmp_path / "killed")
    recorder.close()
    assert len(list((tmp_path / "killed").iterdir())) > 1
    assert times(tmp_path / "killed" / "bag_0.db3")[0] == 5


def test_without_the_right_to_write_the_journal_back_the_rest_is_read(database, unprivileged, monkeypatch, bags):
    altered(database, "PRAGMA journal_mode = WAL")
    database.parent.chmod(0o555)
    monkeypatch.chdir(database.parent)
    for folder in database.parents[1:4]:
        folder.chmod(0o755)
    with unprivileged():
        assert times(database) == [bags.begin_ns + k * bags.step_ns for k in range(3)]


def test_a_file_is_only_read(database):
    before = database.read_bytes()
    assert times(database)
    assert database.read_bytes() == before
    assert [file.name for file in database.parent.iterdir() if "db3" in file.name] == ["bag_0.db3"]


def test_rows_that_are_no_messages_are_passed_over(database):
    altered(database, "UPDATE messages SET data = 'text' WHERE id <= 3")
    altered(database, "UPDATE messages SET timestamp = 'soon' WHERE id BETWEEN 4 AND 6")
    assert len(times(database)) == 1


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + b"\0" * 4096])
def test_what_is_no_database_is_damaged(tmp_path, content):
    (tmp_path / "a.db3").write_bytes(content)
    assert sqlite_file.topics(tmp_path / "a.db3", ()) == {}
    with pytest.raises(DamageError):
        times(tmp_path / "a.db3")
