import shutil
import signal
import sqlite3
import subprocess
import sys
from itertools import pairwise

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


ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"


@pytest.mark.parametrize(
    "instead",
    [
        f"CREATE VIEW messages AS {ENDLESS} SELECT x id, 1 topic_id, x timestamp, zeroblob(900000000) data FROM n",
        "CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id, timestamp, data AS (zeroblob(900000000)))",
        "CREATE VIRTUAL TABLE messages USING fts4(id, topic_id, timestamp, data)",
    ],
    ids=["view", "computed column", "virtual table"],
)
def test_messages_that_are_computed_and_not_stored_are_damage(database, instead):
    altered(database, "ALTER TABLE messages RENAME TO real")
    altered(database, instead)
    with pytest.raises(DamageError, match="no table of messages"):
        times(database)


def test_topics_that_are_computed_without_end_are_none(database):
    altered(database, "ALTER TABLE topics RENAME TO real")
    altered(database, f"CREATE VIEW topics AS {ENDLESS} SELECT x AS id, 'a' || x AS name, 'b' AS type FROM n")
    assert sqlite_file.topics(database, ()) == {}


def test_a_row_larger_than_any_message_is_passed_over(database, monkeypatch):
    altered(database, "UPDATE messages SET data = zeroblob(5000) WHERE id = 3")
    monkeypatch.setattr(sqlite_file, "MOST_BYTES", 4999)
    assert len(times(database)) == 2


def in_circles(folder):
    """A database whose pages of topics lead to each other: 18 levels of 100 ways each to the same row."""
    path = folder / "circles.db3"
    with sqlite3.connect(path) as connection:
        connection.executescript(
            """
            CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT, type TEXT);
            CREATE TABLE filling(data BLOB);
            INSERT INTO topics(name, type) VALUES ('/one', 'sensor_msgs/msg/Image');
            INSERT INTO filling VALUES (zeroblob(200000));
            """
        )
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'topics'").fetchone()
    connection.close()
    content = bytearray(path.read_bytes())
    pages = [root, *range(len(content) // size - 17, len(content) // size + 1)]
    leaf = bytes(content[(root - 1) * size : root * size])
    cells = 100
    for page, following in pairwise(pages):
        ways = (following.to_bytes(4, "big") + b"\x01") * cells
        places = b"".join((size - 5 * (k + 1)).to_bytes(2, "big") for k in range(cells))
        head = b"\x05\0\0" + cells.to_bytes(2, "big") + (size - 5 * cells).to_bytes(2, "big") + b"\0"
        content[(page - 1) * size : page * size] = (head + following.to_bytes(4, "big") + places).ljust(
            size - len(ways), b"\0"
        ) + ways
    content[(pages[-1] - 1) * size : pages[-1] * size] = leaf
    path.write_bytes(content)
    return path


def test_pages_that_lead_in_circles_have_an_end(tmp_path):
    assert sqlite_file.topics(in_circles(tmp_path), ()) == {}


def test_a_long_query_is_ended_by_ctrl_c_and_is_no_damage(tmp_path):
    path = in_circles(tmp_path)
    with path.open("r+b") as file:
        file.truncate(2**36)  # so large that the circles alone would take minutes
    code = (
        "import pathlib, sys; from perception_core.recordings import sqlite_file; print(flush=True); "
        "print(sqlite_file.topics(pathlib.Path(sys.argv[1]), ()))"
    )
    process = subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    assert b"KeyboardInterrupt" in process.communicate(timeout=20)[1]
