"""Rows of the gallery's file as what they stand for."""

from __future__ import annotations

from collections.abc import Collection

from face_perception.gallery_records import Person, StoredView
from perception_core.private_store.rows import WrongRowError, embedding_from
from perception_core.wording import shown


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
    stored = embedding_from(embedding, size)
    if not isinstance(picture, bytes | None):
        raise WrongRowError("a picture is none")
    return StoredView(stored, picture)


def owned(row: tuple[object, object], owners: Collection[str], size: int) -> tuple[str, bytes]:
    """A person's id and an embedding of that person.

    Raises:
        WrongRowError: They are none, or nobody has the id.
    """
    person_id, embedding = row
    if not isinstance(person_id, str) or person_id not in owners:
        raise WrongRowError(f"a view belongs to {shown(person_id)}, who is nobody")
    return person_id, view_from((embedding, None), size).embedding
