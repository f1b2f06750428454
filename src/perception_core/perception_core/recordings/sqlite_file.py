"""Messages of an sqlite3 file, which is what Humble records."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from perception_core.recordings.stored import DamageError, StoredMessage

# A recorder that was killed may leave a journal behind, which sqlite3 wants to write back; without the right to write
# there the file is read as it is.
_WAYS_TO_OPEN = ("mode=ro", "mode=ro&immutable=1")


def topics(path: Path, until: Collection[str]) -> dict[str, str]:  # noqa: ARG001 - all stand in one table
    """Types of the topics by their names; none if the file is damaged there."""
    with contextlib.suppress(DamageError), contextlib.closing(_opened(path)) as database:
        rows = _rows(database, "SELECT name, type FROM topics ORDER BY id")
        return {name: kind for name, kind in rows if isinstance(name, str) and isinstance(kind, str)}
    return {}


def messages(path: Path, wanted: Collection[str]) -> Iterator[StoredMessage]:
    """Messages of some topics in the order in which they were recorded.

    Raises:
        DamageError: The rest cannot be read.
    """
    with contextlib.closing(_opened(path)) as database:
        rows = _rows(database, "SELECT id, name FROM topics")
        names = {number: name for number, name in rows if isinstance(number, int) and name in wanted}
        query = (
            f"SELECT topic_id, timestamp, data FROM messages WHERE topic_id IN ({', '.join(map(str, names))}) "
            "ORDER BY timestamp, id"
        )
        for number, log_ns, data in _rows(database, query):
            if isinstance(data, bytes) and isinstance(log_ns, int):
                yield StoredMessage(names[number], log_ns, data)


def _opened(path: Path) -> sqlite3.Connection:
    """The database, read only.

    Raises:
        DamageError: It is none.
    """
    reason = ""
    for way in _WAYS_TO_OPEN:
        try:
            database = sqlite3.connect(f"{path.resolve().as_uri()}?{way}", uri=True)
        except sqlite3.Error as error:
            reason = str(error)
            continue
        try:
            # Otherwise sqlite3 refuses a file that is shorter than it says, instead of reading what there is.
            database.execute("PRAGMA writable_schema = ON")
            database.execute("SELECT count(*) FROM topics").fetchone()
        except sqlite3.Error as error:
            database.close()
            reason = str(error)
        else:
            return database
    raise DamageError(reason)


def _rows(database: sqlite3.Connection, query: str) -> Iterator[tuple[Any, ...]]:
    try:
        yield from database.execute(query)
    except (sqlite3.Error, OverflowError, MemoryError) as error:
        raise DamageError(str(error)) from error
