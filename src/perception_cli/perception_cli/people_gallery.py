"""The gallery that a command works on, and whom in it the user means.

Only the standard library is used here: who lists or forgets people does not wait for networks, and needs none.
"""

from __future__ import annotations

import argparse
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from face_perception.gallery_errors import OtherModelError
from face_perception.gallery_records import Person
from face_perception.gallery_store import GalleryStore
from perception_cli.private_files import CommandError, shortened, similar_names
from perception_core.paths import default_gallery
from perception_core.private_store.names import name_key
from perception_core.private_store.place import holds_anything

DEFAULT_MODEL = "face_identity"


class PeopleError(CommandError):
    """What was asked for of people cannot be done; the text says what to do."""


def gallery_path(options: argparse.Namespace) -> Path:
    """The file that is named, or the face node's own."""
    return options.gallery or default_gallery()


@contextmanager
def opened(options: argparse.Namespace) -> Generator[GalleryStore, None, None]:
    """A gallery that is there, whichever model it was made with; one that is not there is not made.

    Raises:
        PeopleError: It is not there.
        OtherModelError: A model is named, and the gallery was made with another.
        GalleryError: It cannot be used.
    """
    path = gallery_path(options)
    if not holds_anything(path):
        raise PeopleError(f"nobody is enrolled yet: there is no gallery {path}")
    with closing(GalleryStore(path, None)) as store:
        made_with = store.space.partition(":")[0]
        if options.model not in (None, made_with):
            raise OtherModelError(f"{path} was made with the model {made_with}, not with {options.model}")
        yield store


def person_called(people: Sequence[Person], text: str) -> Person:
    """The person of a name, capital letters aside, or of an id.

    Raises:
        PeopleError: There is nobody, or it is the id of one and the name of another.
    """
    key = name_key(text.strip())
    found = [person for person in people if text == person.id or key == name_key(person.name)]
    if len(found) == 1:
        return found[0]
    if found:
        described = " and ".join(f"{person.name} ({person.id})" for person in found)
        raise PeopleError(f"{text!r} is both a name and an id: {described}; give the id of the one you mean")
    raise PeopleError(f"nobody is called {shortened(text)!r}, and it is nobody's id.{_similar(people, key)}")


def _similar(people: Sequence[Person], key: str) -> str:
    hint = similar_names({name_key(person.name): person.name for person in people}, key)
    return f"{hint} `./perception people list` shows everybody."
