"""What every private file says of itself: SQLite finds a file whole that holds anything at all."""

from __future__ import annotations

import sqlite3

from perception_core.wording import shown

_MOST_NUMBERS = 65536  # per embedding; networks give 128 to 4096
_NUMBER_BYTES = 4


class WrongRowError(ValueError):
    """A row that no such file has; the text says what is wrong with it."""


def noted(connection: sqlite3.Connection, key: str) -> str:
    """What a file says of itself.

    Raises:
        WrongRowError: It says nothing of this.
    """
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    if row is None or not isinstance(row[0], str):
        raise WrongRowError(f"it does not say its {key!r}")
    return row[0]


def embedding_bytes(space: object) -> int:
    """How long an embedding of a space is.

    Raises:
        WrongRowError: It is no space's id.
    """
    parts = space.rsplit(":", 2) if isinstance(space, str) else []
    if len(parts) == 3 and all(parts) and parts[1].isascii() and parts[1].isdecimal():
        numbers = int(parts[1][:9])
        if 1 <= numbers <= _MOST_NUMBERS:
            return _NUMBER_BYTES * numbers
    raise WrongRowError(f"it says that it was made with {shown(space)}, which is no model")


def embedding_from(value: object, size: int) -> bytes:
    """The bytes of an embedding.

    Raises:
        WrongRowError: They are none; `size` is how many it has.
    """
    if not isinstance(value, bytes) or len(value) != size:
        raise WrongRowError(f"an embedding is {shown(value)}, not {size} bytes")
    return value
