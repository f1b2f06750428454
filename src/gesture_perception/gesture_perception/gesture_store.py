"""The file of taught gestures: descriptions of poses in numbers, no picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gesture_perception.gesture_errors import (
    GestureNameTakenError,
    NoSuchGestureError,
    TooManyExamplesError,
    TooManyGesturesError,
)
from gesture_perception.gesture_kind import GESTURES
from gesture_perception.gesture_label import checked_label
from gesture_perception.gesture_records import MOST_EXAMPLES, MOST_GESTURES, Taught, TaughtGesture
from gesture_perception.gesture_rows import example_from, gesture_from, is_among, owned
from gesture_perception.hand import Side
from perception_core.private_store.errors import BadEmbeddingError
from perception_core.private_store.names import name_key
from perception_core.private_store.store import PrivateStore


class GestureStore(PrivateStore):
    """Gestures and their examples in a file; may be used from several threads, and by several processes at once."""

    def __init__(self, path: Path, space: str | None, wait_s: float = 5.0) -> None:
        """Opens the file, or makes a new one; see `PrivateStore`."""
        super().__init__(GESTURES, path, space, wait_s)

    def read(self) -> tuple[list[TaughtGesture], list[tuple[str, bytes]]]:
        """All gestures, ordered by name, and all examples with their gesture's name, in the same order."""
        with self._at_one_moment():
            gestures, size = self._gestures(), self._embedding_bytes()
            owners = {gesture.name for gesture in gestures}
            rows = self._connection.execute(
                "SELECT name, poses FROM example LEFT JOIN gesture ON gesture = name_key ORDER BY name_key, example.id"
            )
            examples = [owned(row, owners, size) for row in rows]
        return gestures, examples

    def gestures(self) -> list[TaughtGesture]:
        """All gestures, ordered by name."""
        with self._reading():
            return self._gestures()

    def examples_of(self, name: str) -> list[bytes]:
        """A gesture's examples, oldest first; none if there is no such gesture."""
        with self._reading():
            rows = self._connection.execute(
                "SELECT poses FROM example WHERE gesture = ? ORDER BY id", (name_key(name),)
            )
            return [example_from(poses, self._embedding_bytes()) for (poses,) in rows]

    def teach(self, name: str, examples: Sequence[bytes], taught_ns: int, side: Side | None = None) -> Taught:
        """Adds examples, all or none, to a gesture that is there, or to a new one; those that it has are left out.

        Args:
            name: Unlike all built-in gestures' names.
            examples: At least one; each of as many descriptions as `gesture_records.POSES` says.
            taught_ns: Nanoseconds since 1970; counts for a new gesture.
            side: Of the hands that count; None leaves it as it is, and is both for a new gesture.

        Returns:
            What became of them.

        Raises:
            BadNameError: The name cannot be one.
            BadEmbeddingError: There is no example.
            TooManyExamplesError: The gesture has enough.
            TooManyGesturesError: It would be one too many.
            StoreError: The file could not be written; it is as it was.
        """
        name = checked_label(name)
        if not examples:
            raise BadEmbeddingError("a gesture is remembered by at least one example; none was given")
        key = name_key(name)
        with self.writing() as run:
            self._refuse_too_many(key)
            run(
                "INSERT OR IGNORE INTO gesture VALUES (?, ?, ?, ?)",
                (key, name, (side or Side.UNKNOWN).value, taught_ns),
            )
            if side is not None:
                run("UPDATE gesture SET side = ? WHERE name_key = ?", (side.value, key))
            known = self.examples_of(name)
            before = len(known)
            for poses in examples:
                if not is_among(poses, known):
                    known.append(poses)
                    run("INSERT INTO example (gesture, poses) VALUES (?, ?)", (key, poses))
            (stored,) = run("SELECT name FROM gesture WHERE name_key = ?", (key,)).fetchone()
            require_room(str(stored), before, len(known) - before)
        return Taught(str(stored), len(known) - before)

    def forget(self, name: str) -> None:
        """Removes a gesture and every byte of what was stored of it from the file and its log.

        Raises:
            NoSuchGestureError: No gesture has this name.
            TracesLeftError: It is forgotten, but bytes are left, which are erased as soon as that is possible.
            StoreError: The file could not be written; it is as it was.
        """
        with self._erasing() as run:
            self._require(name)
            run("DELETE FROM example WHERE gesture = ?", (name_key(name),))
            run("DELETE FROM gesture WHERE name_key = ?", (name_key(name),))

    def rename(self, name: str, new_name: str) -> str:
        """Gives a gesture another name; the former one is erased like that of a gesture that is forgotten.

        Returns:
            The name as it is stored.

        Raises:
            NoSuchGestureError: No gesture has this name.
            BadNameError: The new name cannot be one.
            GestureNameTakenError: Another gesture has it.
            StoreError: The file could not be written; it is as it was.
        """
        new_name = checked_label(new_name)
        key, new_key = name_key(name), name_key(new_name)
        with self._erasing() as run:
            self._require(name)
            taken = run("SELECT name FROM gesture WHERE name_key = ?", (new_key,)).fetchone()
            if taken is not None and new_key != key:
                raise GestureNameTakenError(f"there is a gesture {taken[0]} already: choose another name")
            run("UPDATE gesture SET name = ?, name_key = ? WHERE name_key = ?", (new_name, new_key, key))
        return new_name

    def _gestures(self) -> list[TaughtGesture]:
        rows = self._connection.execute(
            "SELECT name, side, taught_ns, count(example.id) FROM gesture LEFT JOIN example ON gesture = name_key "
            "GROUP BY name_key ORDER BY name_key"
        )
        return [gesture_from(row) for row in rows]

    def _refuse_too_many(self, key: str) -> None:
        keys = [known for (known,) in self._connection.execute("SELECT name_key FROM gesture")]
        if key not in keys:
            require_place(self.path, len(keys), 1)

    def _require(self, name: str) -> None:
        found = self._connection.execute("SELECT 1 FROM gesture WHERE name_key = ?", (name_key(name),)).fetchone()
        if found is None:
            raise NoSuchGestureError(
                f"no gesture {name[:40]!r} was taught in {self.path}; list them to see their names"
            )


def require_room(name: str, known: int, new: int) -> None:
    """Makes sure that a gesture may have further examples.

    Args:
        name: Of the gesture.
        known: How many it has.
        new: How many are to be added.

    Raises:
        TooManyExamplesError: They would be too many.
    """
    if known + new > MOST_EXAMPLES:
        mend = "forget it and teach it anew" if known else "teach it with fewer"
        raise TooManyExamplesError(
            f"{name} would have {known + new} examples; more than {MOST_EXAMPLES} make it no better known: {mend}"
        )


def require_place(path: Path, known: int, new: int) -> None:
    """Makes sure that a file may have further gestures.

    Args:
        path: The file.
        known: How many it has.
        new: How many are to be added.

    Raises:
        TooManyGesturesError: They would be too many.
    """
    if new and known + new > MOST_GESTURES:
        raise TooManyGesturesError(
            f"{path} would have {known + new} gestures; more than {MOST_GESTURES} cannot be told apart: forget some "
            "first"
        )
