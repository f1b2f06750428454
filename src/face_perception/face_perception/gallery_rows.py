"""Rows of the gallery's file as what they stand for: SQLite finds a file whole that holds anything at all."""

from __future__ import annotations

from collections.abc import Collection

from face_perception.gallery_records import Person, StoredView
from perception_core.wording import shown

_MOST_NUMBERS = 65536  # per embedding; networks give 128 to 4096
_NUMBER_BYTES = 4


class WrongRowError(ValueError):
    """A row that no gallery has; the text says what is wrong with it."""


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


def person_from(row: tuple[object, object, object, int]) -> Person:
    """Id, name, time of enrolment and number of views.

    Raises:
        WrongRowError: They are none.
    """
    person_id, name, enrolled_ns, views = row
    if not isinstance(person_id, str) or not isinstance(name, str):
        raise WrongRowError(f"a person has the id {shown(person_id)} and the name {shown(name)}")
    if not isinstance(enrolled_ns, int) or enrolled_ns < 0:
        raise WrongRowError(f"the person {shown(person_id)} was enrolled at {shown(enrolled_ns)}, which is no time")
    return Person(person_id, name, enrolled_ns, views)


def view_from(row: tuple[object, object], size: int) -> StoredView:
    """Embedding and picture.

    Raises:
        WrongRowError: They are none; `size` is how many bytes an embedding has.
    """
    embedding, picture = row
    if not isinstance(embedding, bytes) or len(embedding) != size:
        raise WrongRowError(f"an embedding is {shown(embedding)}, not {size} bytes")
    if not isinstance(picture, bytes | None):
        raise WrongRowError("a picture is none")
    return StoredView(embedding, picture)


def owned(row: tuple[object, object], owners: Collection[str], size: int) -> tuple[str, bytes]:
    """A person's id and an embedding of that person.

    Raises:
        WrongRowError: They are none, or nobody has the id.
    """
    person_id, embedding = row
    if not isinstance(person_id, str) or person_id not in owners:
        raise WrongRowError(f"a view belongs to {shown(person_id)}, who is nobody")
    return person_id, view_from((embedding, None), size).embedding
