"""Opening a private file, and saying in words what SQLite says in codes."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from perception_core.private_store.errors import (
    OtherModelError,
    StoreCorruptError,
    StoreError,
    StoreFullError,
    StoreLockedError,
    StoreReadOnlyError,
)
from perception_core.private_store.in_use import FileInUse
from perception_core.private_store.kind import StoreKind
from perception_core.private_store.place import PAGE_BYTES, taken_as
from perception_core.private_store.rows import WrongRowError, embedding_bytes, noted
from perception_core.wording import shown

_SCHEMA_VERSION = 1
_RETRY_S = 0.01
_OF_ALL_KINDS = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    f"PRAGMA user_version = {_SCHEMA_VERSION}",
    "INSERT INTO meta VALUES ('traces', '0')",
)


@dataclass(frozen=True, slots=True)
class OpenedStore:
    """A file that was opened.

    Attributes:
        connection: In autocommit mode.
        writable: Whether it can be written to.
        in_use: The file itself.
    """

    connection: sqlite3.Connection
    writable: bool
    in_use: FileInUse

    def close(self) -> None:
        """Frees the file."""
        self.connection.close()
        self.in_use.close()


def opened_store(kind: StoreKind, path: Path, space: str | None, wait_s: float) -> OpenedStore:
    """The file opened, checked, and made if it is not there.

    Args:
        kind: Of the file.
        path: The file.
        space: Id of the embeddings' space; None for whichever it has, if it has been made.
        wait_s: So long another program's lock is waited for.

    Raises:
        StoreError: As `PrivateStore` says.
    """
    _make_private(kind, path)
    writable = _may_write(path) and _may_write(path.parent)
    with ExitStack() as undone, telling(kind, path):
        in_use = undone.enter_context(closing(_in_use(path, writable)))
        connection = undone.enter_context(
            closing(
                sqlite3.connect(
                    _uri(path, writable), uri=True, timeout=wait_s, isolation_level=None, check_same_thread=False
                )
            )
        )
        _set_up(connection, writable=writable)
        if writable and space is not None and _is_empty(connection):
            _create(connection, kind, space, wait_s)
        if space is None and _is_empty(connection):
            raise StoreError(f"{path} is no {kind.noun} yet: {kind.untouched}")
        _check(connection, kind, path, space)
        in_use.note_logs()
        undone.pop_all()
    return OpenedStore(connection, writable, in_use)


@contextmanager
def telling(kind: StoreKind, path: Path) -> Iterator[None]:
    """Turns SQLite's errors, and rows that no such file has, into the store's errors.

    Python 3.10 has no error codes: SQLite's texts, which are part of its interface, tell the errors apart.
    """
    try:
        yield
    except WrongRowError as error:
        raise corrupt(kind, path, str(error)) from error
    except sqlite3.DatabaseError as error:
        said = str(error)
        if "locked" in said:
            raise StoreLockedError(
                f"{path} is being written by another program and did not become free; try again, or end that program"
            ) from error
        if "readonly" in said or "unable to open" in said:
            raise StoreReadOnlyError(
                f"{path} cannot be written ({said}): give this user the right to write the file and its folder"
            ) from error
        if "full" in said or "disk I/O" in said:
            raise StoreFullError(
                f"{path} could not be written ({said}): the disk is full, over its quota or failing. Nothing half "
                "written is kept. Free some space and try again."
            ) from error
        if any(text in said for text in ("malformed", "not a database", "no such", "Could not decode")):
            raise corrupt(kind, path, said) from error
        raise StoreError(f"{path}: SQLite says: {said}") from error


def _make_private(kind: StoreKind, path: Path) -> None:
    """Makes the file, empty, before SQLite would make it readable for others; and the folder."""
    try:
        if not path.parent.exists():
            path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except FileExistsError:
            if not taken_as(kind, path):  # SQLite takes a file of a single byte for an empty one, and overwrites it
                raise corrupt(kind, path, "it is not a database") from None
    except OSError as error:
        trouble = StoreFullError if error.errno in (errno.ENOSPC, errno.EDQUOT) else StoreReadOnlyError
        raise trouble(
            f"{path} cannot be made or opened: {error.strerror}. Name a {kind.noun} in a folder that this user can "
            "write."
        ) from error


def _in_use(path: Path, writable: bool) -> FileInUse:
    try:
        return FileInUse(path, writable=writable)
    except OSError as error:
        raise StoreReadOnlyError(f"{path} cannot be opened: {error.strerror}") from error


def _may_write(path: Path) -> bool:
    return os.access(path, os.W_OK, effective_ids=True)


def _uri(path: Path, writable: bool) -> str:
    address = f"file:{quote(str(path.absolute()))}"
    if writable:
        return f"{address}?mode=rw"
    # Reading a log-structured file needs a place for the log's index, unless nobody can have written the log.
    log = path.with_name(path.name + "-wal")
    empty = not log.exists() or log.stat().st_size == 0
    return f"{address}?mode=ro&immutable={int(empty and not _may_write(path.parent))}"


def _set_up(connection: sqlite3.Connection, *, writable: bool) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA temp_store = MEMORY")  # no file elsewhere ever holds an embedding
    if writable:
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA synchronous = FULL")


def _is_empty(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None


def _create(connection: sqlite3.Connection, kind: StoreKind, space: str, wait_s: float) -> None:
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    deadline = time.monotonic() + wait_s
    while True:  # SQLite does not wait by itself when the journal's mode is to be changed
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_S)
    connection.execute("BEGIN IMMEDIATE")
    try:
        if _is_empty(connection):  # another program may have been faster
            for statement in (*kind.schema, *_OF_ALL_KINDS):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {kind.application_id}")
            connection.execute("INSERT INTO meta VALUES ('space', ?)", (space,))
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _check(connection: sqlite3.Connection, kind: StoreKind, path: Path, space: str | None) -> None:
    if connection.execute("PRAGMA application_id").fetchone()[0] != kind.application_id:
        raise StoreCorruptError(f"{path} is a database of another program, not a {kind.noun}: name another file")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != _SCHEMA_VERSION:
        raise StoreError(f"{path} has version {version}, this program reads {_SCHEMA_VERSION}: use the newer program")
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise corrupt(kind, path, found)
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    if not {"meta", *kind.tables} <= {name for (name,) in rows}:
        raise corrupt(kind, path, "a table is missing")
    noted(connection, "traces")
    made_with = noted(connection, "space")
    embedding_bytes(made_with)
    if space is not None and made_with != space:
        raise OtherModelError(
            f"{path} was made with the model {_described(made_with)}; the one in use is {_described(space)}. Their "
            f"numbers cannot be compared. Use that model again, or name another {kind.noun} and {kind.anew}."
        )


def _described(space: str) -> str:
    model, numbers, digest = space.rsplit(":", 2)
    return f"{shown(model)[1:-1]} ({numbers} numbers, weights {shown(digest)[1:-1]})"


def corrupt(kind: StoreKind, path: Path, said: str) -> StoreCorruptError:
    """The error of a damaged file, of which a copy is kept; `said` is what is wrong with it."""
    try:
        kept = f"A copy is kept as {_kept_aside(path)}; it, too, holds personal data."
    except OSError as error:
        kept = f"No copy could be made ({error.strerror}); the file is left as it is."
    return StoreCorruptError(
        f"{path} is damaged ({said}). It is not used and not overwritten. {kept} Move {path.name} away to begin with "
        f"an empty {kind.noun}, or put an older copy in its place."
    )


def _kept_aside(path: Path) -> Path:
    """A copy under a name of its own; the same damage is copied once, however often a program is started."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    kept = path.with_name(f"{path.name}.damaged-{digest.hexdigest()[:8]}")
    for suffix in ("", "-wal"):
        source, target = path.with_name(path.name + suffix), kept.with_name(kept.name + suffix)
        if source.exists() and source.stat().st_size and not target.exists():
            with source.open("rb") as old, closing(os.fdopen(_private(target), "wb")) as new:
                shutil.copyfileobj(old, new)
    return kept


def _private(path: Path) -> int:
    return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
