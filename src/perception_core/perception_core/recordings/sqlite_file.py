"""Messages of an sqlite3 file, which is what Humble records."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perception_core.recordings.stored import MOST_BYTES, DamageError, StoredMessage

# A recorder that was killed may leave a journal behind, which sqlite3 wants to write back; without the right to write
# there the file is read as it is.
_WAYS_TO_OPEN = ("mode=ro", "mode=ro&immutable=1")


# A query's steps between two looks at whether it has to end, and how many it may take: fewer than ten are needed for a
# row, which has more bytes than that. A file of which pages lead to each other in circles has rows without end.
_STEPS_AT_ONCE, _STEPS_PER_BYTE, _ALWAYS_ALLOWED_STEPS = 10_000, 10, 10_000_000


def topics(path: Path, until: Collection[str]) -> dict[str, str]:  # noqa: ARG001 - all stand in one table
    """Types of the topics by their names; none if the file is damaged there."""
    with contextlib.suppress(DamageError), contextlib.closing(_opened(path)) as database:
        rows = database.rows("SELECT name, type FROM topics ORDER BY id")
        return {name: kind for name, kind in rows if isinstance(name, str) and isinstance(kind, str)}
    return {}


def messages(path: Path, wanted: Collection[str]) -> Iterator[StoredMessage]:
    """Messages of some topics in the order in which they were recorded.

    Raises:
        DamageError: The rest cannot be read.
    """
    with contextlib.closing(_opened(path)) as database:
        database.check_stored("messages")
        rows = database.rows("SELECT id, name FROM topics")
        names = {number: name for number, name in rows if isinstance(number, int) and name in wanted}
        query = (
            f"SELECT topic_id, timestamp, data FROM messages WHERE topic_id IN ({', '.join(map(str, names))}) "
            f"AND typeof(data) = 'blob' AND length(data) <= {MOST_BYTES} ORDER BY timestamp, id"
        )
        for number, log_ns, data in database.rows(query):
            if isinstance(log_ns, int):
                yield StoredMessage(names[number], log_ns, data)


@dataclass(slots=True)
class _Database:
    """A file of which no query takes longer than its size explains."""

    connection: sqlite3.Connection
    left: int

    def rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        """What a query finds.

        Raises:
            DamageError: The rest cannot be read.
        """
        try:
            yield from self.connection.execute(query)
        except (sqlite3.Error, OverflowError, MemoryError) as error:
            # So ends a query in whose `may_not_go_on` an exception is raised, as by Ctrl-C; sqlite3 swallows it.
            if self.left >= 0 and str(error) == "interrupted":
                raise KeyboardInterrupt from error
            raise DamageError(str(error) if self.left >= 0 else "its pages lead to each other in circles") from error

    def check_stored(self, table: str) -> None:
        """Looks whether a table's content stands in the file: a few bytes can be enough to compute an endless one.

        Raises:
            DamageError: It does not, or there is none.
        """
        kinds = [kind for _, _, kind, *_ in self.rows(f"PRAGMA main.table_list({table})")]
        computed = any(hidden for *_, hidden in self.rows(f"PRAGMA main.table_xinfo({table})"))
        if kinds != ["table"] or computed:
            raise DamageError(f"it has no table of {table}")

    def may_not_go_on(self) -> bool:
        """To be asked after every `_STEPS_AT_ONCE`."""
        self.left -= _STEPS_AT_ONCE
        return self.left < 0

    def close(self) -> None:
        """Closes the file."""
        self.connection.close()


def _opened(path: Path) -> _Database:
    """The database, read only.

    Raises:
        DamageError: It is none.
    """
    reason = ""
    for way in _WAYS_TO_OPEN:
        try:
            connection = sqlite3.connect(f"{path.resolve().as_uri()}?{way}", uri=True)
        except sqlite3.Error as error:
            reason = str(error)
            continue
        database = _Database(connection, max(_ALWAYS_ALLOWED_STEPS, _STEPS_PER_BYTE * path.stat().st_size))
        connection.set_progress_handler(database.may_not_go_on, _STEPS_AT_ONCE)
        try:
            # Otherwise sqlite3 refuses a file that is shorter than it says, instead of reading what there is.
            connection.execute("PRAGMA writable_schema = ON")
            database.check_stored("topics")
            connection.execute("SELECT 1 FROM topics LIMIT 1").fetchone()
        except (sqlite3.Error, DamageError) as error:
            database.close()
            reason = str(error)
        else:
            return database
    raise DamageError(reason)
