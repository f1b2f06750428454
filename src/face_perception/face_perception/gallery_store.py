"""The file of known people.

Only the standard library is used here, so that a program that merely lists or forgets people starts at once.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from pathlib import Path

from face_perception.gallery_errors import NameTakenError, NoSuchPersonError, SamePersonError
from face_perception.gallery_kind import GALLERY
from face_perception.gallery_records import Person, StoredView
from face_perception.gallery_rows import owned, person_from, view_from
from perception_core.private_store.names import checked_name, name_key
from perception_core.private_store.store import PrivateStore


class GalleryStore(PrivateStore):
    """People and their views in a file; may be used from several threads, and by several processes at once."""

    def __init__(self, path: Path, space: str | None, wait_s: float = 5.0) -> None:
        """Opens the file, or makes a new one; see `PrivateStore`."""
        super().__init__(GALLERY, path, space, wait_s)

    def read(self) -> tuple[list[Person], list[tuple[str, bytes]]]:
        """Everybody, ordered by name, and all embeddings with their person's id, ordered by it; of one moment."""
        with self._at_one_moment():
            people, size = self._people(), self._embedding_bytes()
            owners = {person.id for person in people}
            rows = self._connection.execute("SELECT person, embedding FROM view ORDER BY person, id")
            views = [owned(row, owners, size) for row in rows]
        return people, views

    def people(self) -> list[Person]:
        """Everybody, ordered by name."""
        with self._reading():
            return self._people()

    def views_of(self, person_id: str) -> list[StoredView]:
        """A person's views, oldest first; none if there is no such person."""
        with self._reading():
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

    def _people(self) -> list[Person]:
        rows = self._connection.execute(
            "SELECT person.id, name, enrolled_ns, count(view.id) FROM person LEFT JOIN view ON view.person = person.id "
            "GROUP BY person.id ORDER BY name_key, person.id"
        )
        return [person_from(row) for row in rows]

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
