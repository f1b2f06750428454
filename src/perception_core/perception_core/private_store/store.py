"""A private file in use: SQLite, readable by its owner only, whole after any crash, without traces of the forgotten.

Write-ahead logging with synchronous=FULL: what was acknowledged is on the disk, also after a power cut, and costs a few
milliseconds each time. synchronous=NORMAL would lose the last of it in a power cut.

The file may be removed, replaced or overwritten by others while it is in use. What is at its place is what counts: it
is opened anew where it is another file, made anew by the next change where there is none, and nothing is acknowledged
that is not in a file which can be opened again.

Only the standard library is used here, so that a program that merely lists or forgets starts at once.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from perception_core.private_store.errors import (
    StoreError,
    StoreFullError,
    StoreGoneError,
    StoreLockedError,
    StoreReadOnlyError,
    TracesLeftError,
)
from perception_core.private_store.file import OpenedStore, corrupt, opened_store, telling
from perception_core.private_store.in_use import is_missing
from perception_core.private_store.kind import StoreKind
from perception_core.private_store.rows import embedding_bytes, noted

_ERASE_AGAIN_S = 0.05

Run = Callable[[str, Sequence[object]], sqlite3.Cursor]


class PrivateStore:
    """What all private files have; may be used from several threads, and by several processes at once.

    Whoever derives from it reads in `_reading` and `_at_one_moment`, and writes in `writing` and `_erasing`.
    """

    def __init__(self, kind: StoreKind, path: Path, space: str | None, wait_s: float) -> None:
        """Opens the file, or makes a new one.

        Args:
            kind: Of the file.
            path: The file; its folder is made if it is not there.
            space: Id of the embeddings' space; None for who compares none: then the file has to be there.
            wait_s: So long another program's writing is waited for.

        Raises:
            OtherModelError: The file holds embeddings of another space.
            StoreCorruptError: It is damaged; a copy was kept, its name is in the text.
            StoreReadOnlyError: It cannot be read, or is not there and cannot be made.
            StoreLockedError: Another program kept it locked for longer than `wait_s`.
            StoreFullError: The disk is full.
        """
        self.path = path
        self._kind, self._space, self._wait_s = kind, space, wait_s
        self._lock = threading.RLock()
        self._opened: OpenedStore | None = None
        self._open()
        self.erase_traces()

    @property
    def space(self) -> str:
        """Id of the space of the embeddings in the file."""
        with self._reading():
            return noted(self._connection, "space")

    def close(self) -> None:
        """Frees the file; nothing else may be called from then on."""
        with self._lock:
            self._connection.close()
            if self._opened is not None:
                self._opened.close()

    def lost(self) -> str | None:
        """What the user should know where the file was removed while it was in use; None while it is there."""
        with self._lock:
            return self._about_loss() if is_missing(self.path) else None

    def changed(self) -> bool:
        """Whether anybody changed the file since it was last read as a whole; takes microseconds."""
        with self._reading():
            return self._data_version() != self._version

    def erase_traces(self) -> bool:
        """Erases what could not be erased before; to be called now and then, does not wait for other programs.

        Returns:
            Whether nothing is left to erase.
        """
        with self._reading():
            if not self.writable or not self._traces_left():
                return True
            self._connection.execute("PRAGMA busy_timeout = 0")
            try:
                self._erase_traces()
            except TracesLeftError:
                return False
            finally:
                self._connection.execute(f"PRAGMA busy_timeout = {round(self._wait_s * 1e3)}")
            return True

    @contextmanager
    def writing(self) -> Iterator[Run]:
        """A transaction: several changes become one, all or nothing.

        Raises:
            StoreError: The file could not be written; it is as it was.
        """
        with self._using(make=True):
            if not self.writable:
                raise StoreReadOnlyError(f"{self.path} cannot be written; give this user the right to write it")
            if self._connection.in_transaction:
                yield self._connection.execute
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection.execute
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
            self._version = -1  # data_version tells of other connections' changes only
            self._require_kept()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Alone with the file; what SQLite says becomes the store's errors.

        Raises:
            StoreGoneError: The file was removed.
        """
        with self._using(make=False):
            yield

    @contextmanager
    def _using(self, *, make: bool) -> Iterator[None]:
        """The same; the file is made anew if it was removed and `make` is true."""
        with self._lock, telling(self._kind, self.path):
            if self._opened is None or not self._connection.in_transaction:
                self._follow(make=make)
            yield

    def _follow(self, *, make: bool) -> None:
        """Opens what is at the file's place now, if it is another one."""
        if self._opened is not None and not self._opened.in_use.is_there():
            self._leave(self._opened)
        if self._opened is None:
            # Not made for who only reads: a copy that somebody is about to put there would be written into it, and be
            # mixed with its log.
            if not make and is_missing(self.path):
                raise StoreGoneError(self._about_loss())
            self._open()
        elif not self._opened.in_use.is_of(self._kind):
            raise corrupt(self._kind, self.path, "it was overwritten while it was in use")

    def _open(self) -> None:
        self._opened = opened_store(self._kind, self.path, self._space, self._wait_s)
        self._connection, self.writable = self._opened.connection, self._opened.writable
        self._version = -1

    def _leave(self, opened: OpenedStore) -> None:
        """Ends the use of a file that is no longer at its place."""
        self._opened = None
        try:
            if opened.writable and opened.in_use.is_of(self._kind):
                with suppress(sqlite3.DatabaseError):  # where it was moved to, it keeps what is in its log only
                    opened.connection.execute("PRAGMA busy_timeout = 0")
                    opened.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            opened.in_use.remove_logs()
        except OSError as error:
            raise StoreReadOnlyError(
                f"{self.path} was removed or replaced, and its log beside it cannot be removed: {error.strerror}"
            ) from error
        finally:
            opened.close()

    def _require_kept(self) -> None:
        """Makes sure that what was written can be read again."""
        assert self._opened is not None
        if not self._opened.in_use.is_there():
            raise StoreError(
                f"{self.path} was removed or replaced while it was written, and the change is lost: try again"
            )
        if not self._opened.in_use.is_of(self._kind):
            raise corrupt(self._kind, self.path, "it was overwritten while it was in use")

    def _about_loss(self) -> str:
        return (
            f"{self.path} was removed: what was in it is no longer known. The next change makes it anew; put a copy in "
            "its place to have it again."
        )

    @contextmanager
    def _at_one_moment(self) -> Iterator[None]:
        """The file as a whole, as it is at one moment; from then on `changed` tells of what comes after it."""
        with self._reading():
            self._connection.execute("BEGIN")
            try:
                version = self._data_version()
                yield
                self._version = version  # not before: what could not be read is to be read again
            finally:
                self._connection.execute("ROLLBACK")

    @contextmanager
    def _erasing(self) -> Iterator[Run]:
        """A transaction after which nothing of what it removes is left in the file."""
        with self._lock:
            with self.writing() as run:
                yield run
                run("UPDATE meta SET value = '1' WHERE key = 'traces'", ())
            self._erase_traces_or_see_them_erased()

    def _embedding_bytes(self) -> int:
        return embedding_bytes(noted(self._connection, "space"))

    def _erase_traces_or_see_them_erased(self) -> None:
        """Erases, while others who use the file may be about to do the same: then each is in the other's way."""
        deadline = time.monotonic() + self._wait_s
        while True:
            try:
                self._erase_traces()
                return
            except TracesLeftError:
                if time.monotonic() >= deadline:
                    raise
            time.sleep(_ERASE_AGAIN_S)
            with telling(self._kind, self.path):
                if not self._traces_left():
                    return

    def _erase_traces(self) -> None:
        try:
            with telling(self._kind, self.path):
                self._empty_log()
                # secure_delete overwrites what is deleted, but not the copies that moving rows between pages leaves in
                # unused parts of pages: of one person in some hundred the name or id. VACUUM writes all pages anew.
                self._connection.execute("VACUUM")
                self._empty_log()
                self._connection.execute("UPDATE meta SET value = '0' WHERE key = 'traces'")
        except (StoreLockedError, StoreFullError) as error:
            raise TracesLeftError(
                f"What was removed is gone from the {self._kind.noun}, but bytes of it are still in the file. They are "
                f"erased as soon as the {self._kind.noun} is used and nothing is in the way. {error}"
            ) from error

    def _empty_log(self) -> None:
        busy, _, _ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise StoreLockedError(f"Another program holds {self.path} open in an older state: end or restart it.")

    def _traces_left(self) -> bool:
        return noted(self._connection, "traces") == "1"

    def _data_version(self) -> int:
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
