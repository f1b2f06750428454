"""The file of known people: SQLite, readable by its owner only, whole after any crash, without traces of the forgotten.

Write-ahead logging with synchronous=FULL: an enrolment that was acknowledged is on the disk, also after a power cut,
and costs a few milliseconds once per person. synchronous=NORMAL would lose the last ones in a power cut.

Only the standard library is used here, so that a program that merely lists or forgets people starts at once.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from face_perception.gallery_errors import (
    GalleryFullError,
    GalleryLockedError,
    GalleryReadOnlyError,
    NameTakenError,
    NoSuchPersonError,
    SamePersonError,
    TracesLeftError,
)
from face_perception.gallery_file import connected, noted, telling
from face_perception.gallery_records import Person, StoredView
from face_perception.gallery_rows import embedding_bytes, owned, person_from, view_from
from face_perception.person_name import checked_name, name_key

_ERASE_AGAIN_S = 0.05


class GalleryStore:
    """People and their views in a file; may be used from several threads, and by several processes at once."""

    def __init__(self, path: Path, space: str | None, wait_s: float = 5.0) -> None:
        """Opens the file, or makes a new one.

        Args:
            path: The file; its folder is made if it is not there.
            space: Id of the embeddings' space; None for who compares none: then the file has to be there.
            wait_s: So long another program's writing is waited for.

        Raises:
            OtherModelError: The file holds embeddings of another space.
            GalleryCorruptError: It is damaged; a copy was kept, its name is in the text.
            GalleryReadOnlyError: It cannot be read, or is not there and cannot be made.
            GalleryLockedError: Another program kept it locked for longer than `wait_s`.
            GalleryFullError: The disk is full.
        """
        self.path = path
        self._lock = threading.RLock()
        self._connection, self.writable = connected(path, space, wait_s)
        self._wait_ms = round(wait_s * 1e3)
        self._version = -1
        self.erase_traces()

    @property
    def space(self) -> str:
        """Id of the space of the embeddings in the file."""
        with self._lock, telling(self.path):
            return noted(self._connection, "space")

    def close(self) -> None:
        """Frees the file; nothing else may be called from then on."""
        with self._lock:
            self._connection.close()

    def changed(self) -> bool:
        """Whether anybody changed the file since `read`; takes microseconds."""
        with self._lock, telling(self.path):
            return self._data_version() != self._version

    def read(self) -> tuple[list[Person], list[tuple[str, bytes]]]:
        """Everybody, ordered by name, and all embeddings with their person's id, ordered by it; of one moment."""
        with self._lock, telling(self.path):
            self._connection.execute("BEGIN")
            try:
                version = self._data_version()
                people, size = self._people(), self._embedding_bytes()
                owners = {person.id for person in people}
                rows = self._connection.execute("SELECT person, embedding FROM view ORDER BY person, id")
                views = [owned(row, owners, size) for row in rows]
                self._version = version  # not before: what could not be read is to be read again
            finally:
                self._connection.execute("ROLLBACK")
        return people, views

    def people(self) -> list[Person]:
        """Everybody, ordered by name."""
        with self._lock, telling(self.path):
            return self._people()

    def views_of(self, person_id: str) -> list[StoredView]:
        """A person's views, oldest first; none if there is no such person."""
        with self._lock, telling(self.path):
            rows = self._connection.execute(
                "SELECT embedding, picture FROM view WHERE person = ? ORDER BY id", (person_id,)
            )
            return [view_from(row, self._embedding_bytes()) for row in rows]

    def enrol(self, name: str, views: Iterable[StoredView], enrolled_ns: int, person_id: str | None = None) -> str:
        """Adds a person with all views or not at all.

        Args:
            name: 1 to 64 printable characters.
            views: At least one; each embedding of as many numbers as the space has.
            enrolled_ns: Nanoseconds since 1970.
            person_id: Of a person who is brought from elsewhere; None makes a new one.

        Returns:
            The person's id.

        Raises:
            BadNameError: The name cannot be one.
            NameTakenError: Another person has it, capital letters aside.
            GalleryError: The file could not be written; it is as it was.
        """
        name = checked_name(name)
        person_id = person_id or secrets.token_hex(8)
        with self.writing() as run:
            self._refuse_taken(name, person_id)
            run("INSERT INTO person VALUES (?, ?, ?, ?)", (person_id, name, name_key(name), enrolled_ns))
            self._insert(person_id, views)
        return person_id

    def add_views(self, person_id: str, views: Iterable[StoredView]) -> None:
        """Adds views to a person, all or none.

        Raises:
            NoSuchPersonError: Nobody has this id.
            GalleryError: The file could not be written; it is as it was.
        """
        with self.writing():
            self._require(person_id)
            self._insert(person_id, views)

    def rename(self, person_id: str, name: str) -> None:
        """Gives a person another name; the former one is erased like a person's who is forgotten.

        Raises:
            NoSuchPersonError: Nobody has this id.
            BadNameError: The name cannot be one.
            NameTakenError: Another person has it.
            GalleryError: The file could not be written; it is as it was.
        """
        name = checked_name(name)
        with self._erasing() as run:
            self._require(person_id)
            self._refuse_taken(name, person_id)
            run("UPDATE person SET name = ?, name_key = ? WHERE id = ?", (name, name_key(name), person_id))

    def merge(self, keep_id: str, merge_id: str) -> None:
        """Gives the second person's views to the first and forgets the second.

        Raises:
            SamePersonError: Both ids are the same.
            NoSuchPersonError: Nobody has one of the ids.
            GalleryError: The file could not be written; it is as it was.
        """
        if keep_id == merge_id:
            raise SamePersonError(f"{keep_id} cannot be merged with itself: name two different people")
        with self._erasing() as run:
            self._require(keep_id)
            self._require(merge_id)
            run("UPDATE view SET person = ? WHERE person = ?", (keep_id, merge_id))
            run("DELETE FROM person WHERE id = ?", (merge_id,))

    def forget(self, person_id: str) -> None:
        """Removes a person and every byte of what was stored of them from the file and its log.

        Blocks of the disk that the file gives back, and backups, are beyond its reach.

        Raises:
            NoSuchPersonError: Nobody has this id.
            TracesLeftError: The person is forgotten, but another program holds an older state of the file open, or the
                disk is full: bytes are left, and are erased as soon as that is possible and the gallery is used.
            GalleryError: The file could not be written; it is as it was.
        """
        with self._erasing() as run:
            self._require(person_id)
            run("DELETE FROM view WHERE person = ?", (person_id,))
            run("DELETE FROM person WHERE id = ?", (person_id,))

    def erase_traces(self) -> bool:
        """Erases what could not be erased before; to be called now and then, does not wait for other programs.

        Returns:
            Whether nothing is left to erase.
        """
        with self._lock, telling(self.path):
            if not self.writable or not self._traces_left():
                return True
            self._connection.execute("PRAGMA busy_timeout = 0")
            try:
                self._erase_traces()
            except TracesLeftError:
                return False
            finally:
                self._connection.execute(f"PRAGMA busy_timeout = {self._wait_ms}")
            return True

    @contextmanager
    def writing(self) -> Iterator[Callable[[str, Sequence[object]], sqlite3.Cursor]]:
        """A transaction: several of the above become one, all or nothing.

        Raises:
            GalleryError: The file could not be written; it is as it was.
        """
        with self._lock, telling(self.path):
            if not self.writable:
                raise GalleryReadOnlyError(f"{self.path} cannot be written; give this user the right to write it")
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

    @contextmanager
    def _erasing(self) -> Iterator[Callable[[str, Sequence[object]], sqlite3.Cursor]]:
        """A transaction after which nothing of what it removes is left in the file."""
        with self._lock:
            with self.writing() as run:
                yield run
                run("UPDATE meta SET value = '1' WHERE key = 'traces'", ())
            self._erase_traces_or_see_them_erased()

    def _erase_traces_or_see_them_erased(self) -> None:
        """Erases, while others who use the gallery may be about to do the same: then each is in the other's way."""
        deadline = time.monotonic() + self._wait_ms / 1e3
        while True:
            try:
                self._erase_traces()
                return
            except TracesLeftError:
                if time.monotonic() >= deadline:
                    raise
            time.sleep(_ERASE_AGAIN_S)
            with telling(self.path):
                if not self._traces_left():
                    return

    def _erase_traces(self) -> None:
        try:
            with telling(self.path):
                self._empty_log()
                # secure_delete overwrites what is deleted, but not the copies that moving rows between pages leaves in
                # unused parts of pages: of one person in some hundred the name or id. VACUUM writes all pages anew.
                self._connection.execute("VACUUM")
                self._empty_log()
                self._connection.execute("UPDATE meta SET value = '0' WHERE key = 'traces'")
        except (GalleryLockedError, GalleryFullError) as error:
            raise TracesLeftError(
                "What was removed is gone from the gallery, but bytes of it are still in the file. They are erased as "
                f"soon as the gallery is used and nothing is in the way. {error}"
            ) from error

    def _empty_log(self) -> None:
        busy, _, _ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise GalleryLockedError(f"Another program holds {self.path} open in an older state: end or restart it.")

    def _traces_left(self) -> bool:
        return noted(self._connection, "traces") == "1"

    def _data_version(self) -> int:
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def _people(self) -> list[Person]:
        rows = self._connection.execute(
            "SELECT person.id, name, enrolled_ns, count(view.id) FROM person LEFT JOIN view ON view.person = person.id "
            "GROUP BY person.id ORDER BY name_key, person.id"
        )
        return [person_from(row) for row in rows]

    def _embedding_bytes(self) -> int:
        return embedding_bytes(noted(self._connection, "space"))

    def _require(self, person_id: str) -> None:
        if self._connection.execute("SELECT 1 FROM person WHERE id = ?", (person_id,)).fetchone() is None:
            raise NoSuchPersonError(
                f"nobody in {self.path} has the id {person_id[:40]!r}; list the people to see their ids"
            )

    def _refuse_taken(self, name: str, person_id: str) -> None:
        row = self._connection.execute("SELECT id, name FROM person WHERE name_key = ?", (name_key(name),)).fetchone()
        if row is not None and row[0] != person_id:
            raise NameTakenError(f"{row[1]} is already in the gallery (id {row[0]}): choose another name", row[0])

    def _insert(self, person_id: str, views: Iterable[StoredView]) -> None:
        self._connection.executemany(
            "INSERT INTO view (person, embedding, picture) VALUES (?, ?, ?)",
            ((person_id, view.embedding, view.picture) for view in views),
        )
