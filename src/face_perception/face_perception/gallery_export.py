"""A gallery as a file to be carried elsewhere.

The file is JSON in UTF-8, readable by its owner only:

    {"format": "perception-gallery", "version": 1, "space": "<model>:<numbers>:<hash of the weights>",
     "people": [{"id": "<16 hexadecimal digits>", "name": "Ada", "enrolled_ns": <since 1970>, "views": [
         {"embedding": "<base64 of float32, little-endian>", "picture": "<base64 of a JPEG>" or null}]}]}

Of a person's views the first 200 that differ are taken when it is read.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from face_perception.gallery_errors import BadExportError, BadNameError, GalleryError
from face_perception.gallery_kind import GALLERY
from face_perception.gallery_records import Person, StoredView
from face_perception.gallery_store import GalleryStore
from perception_core.embedding_space import EmbeddingSpace
from perception_core.private_store.export import ExportFormat, as_text, embeddings_from, entry_from, time_from
from perception_core.private_store.names import checked_name, name_key
from perception_core.wording import shown

_FORMAT = ExportFormat("perception-gallery", 1, GALLERY)
_ID = re.compile(r"[0-9a-f]{16}")
_MOST_VIEWS = 200  # of a person; more make no face better known, and every search slower


@dataclass(frozen=True, slots=True)
class Arrival:
    """A person in a file to be imported."""

    id: str
    name: str
    enrolled_ns: int
    views: tuple[StoredView, ...]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import does, or would do.

    Attributes:
        added: Names of people who are new.
        extended: Names, as in the gallery, of people who are known by id and get views that they did not have.
        unchanged: Names of people of whom all is known.
        conflicts: Names that somebody else in the gallery has; these people are left out.
    """

    added: tuple[str, ...]
    extended: tuple[str, ...]
    unchanged: tuple[str, ...]
    conflicts: tuple[str, ...]


def export_gallery(store: GalleryStore, space: EmbeddingSpace, file: Path) -> int:
    """Writes everybody into a file; it is there whole or not at all.

    Returns:
        How many people it holds.

    Raises:
        GalleryError: The gallery cannot be read, or holds somebody whom no import would take.
        OSError: The file cannot be written.
    """
    people = [_encoded(person, store.views_of(person.id)) for person in store.people()]
    for entry in people:
        try:
            _decoded(entry, space.dimension)
        except (ValueError, BadNameError) as error:
            raise GalleryError(
                f"{store.path}: {shown(entry['name'])} ({shown(entry['id'])[1:-1]}) cannot be exported: {error}. "
                "Forget this person and enrol them anew."
            ) from error
    _FORMAT.write(file, space.id, {"people": people})
    return len(people)


def import_gallery(store: GalleryStore, space: EmbeddingSpace, file: Path, *, dry_run: bool = False) -> ImportReport:
    """Adds the people of an exported file, all or none.

    Somebody who is known by id gets the views that are new and keeps the name that the gallery has. Somebody whose
    name belongs to another person is left out and reported: rename one of the two, and import again.

    Args:
        store: The gallery.
        space: Of its embeddings.
        file: As `export_gallery` wrote it.
        dry_run: Only say what would happen.

    Raises:
        BadExportError: The file is not one that was exported.
        OtherModelError: It was made with another model.
        GalleryError: The gallery could not be written; it is as it was.
        OSError: The file cannot be read.
    """
    arrivals = read_export(file, space)
    if dry_run:
        return _report(_planned(store, arrivals))
    with store.writing():
        steps = _planned(store, arrivals)
        for step in steps:
            if step.outcome == "added":
                store.enrol(step.name, step.views, step.enrolled_ns, step.id)
            elif step.outcome == "extended":
                store.add_views(step.id, step.views)
    return _report(steps)


def read_export(file: Path, space: EmbeddingSpace) -> list[Arrival]:
    """The people in an exported file.

    Raises:
        BadExportError: The file is not one that was exported.
        OtherModelError: It was made with another model.
        OSError: The file cannot be read.
    """
    arrivals = _FORMAT.read(
        file,
        space.id,
        lambda content: [_arrival(number, entry, space.dimension) for number, entry in enumerate(content["people"], 1)],
    )
    if len({arrival.id for arrival in arrivals}) < len(arrivals):
        raise BadExportError(f"{file} is damaged: two people have the same id. Export it again.")
    return arrivals


@dataclass(frozen=True, slots=True)
class _Step:
    """What becomes of one arrival; `name` is the gallery's own where the person is known."""

    outcome: str
    id: str
    name: str
    enrolled_ns: int
    views: list[StoredView]


def _planned(store: GalleryStore, arrivals: list[Arrival]) -> list[_Step]:
    known = {person.id: person.name for person in store.people()}
    taken = {name_key(name) for name in known.values()}
    steps = []
    for arrival in arrivals:
        name, views = known.get(arrival.id, arrival.name), list(arrival.views)
        if arrival.id in known:
            had = {view.embedding for view in store.views_of(arrival.id)}
            views = [view for view in views if view.embedding not in had]
            outcome = "extended" if views else "unchanged"
        else:
            outcome = "conflicts" if name_key(name) in taken else "added"
            taken.add(name_key(name))
        steps.append(_Step(outcome, arrival.id, name, arrival.enrolled_ns, views))
    return steps


def _report(steps: list[_Step]) -> ImportReport:
    outcomes = ("added", "extended", "unchanged", "conflicts")
    return ImportReport(*(tuple(step.name for step in steps if step.outcome == outcome) for outcome in outcomes))


def _encoded(person: Person, views: list[StoredView]) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "enrolled_ns": person.enrolled_ns,
        "views": [_encoded_view(view) for view in views],
    }


def _encoded_view(view: StoredView) -> dict[str, str | None]:
    return {"embedding": as_text(view.embedding), "picture": None if view.picture is None else as_text(view.picture)}


def _arrival(number: int, entry: Mapping[str, Any], dimension: int) -> Arrival:
    return entry_from("person", number, entry, lambda each: _decoded(each, dimension))


def _decoded(entry: Mapping[str, Any], dimension: int) -> Arrival:
    if not _ID.fullmatch(entry["id"]):
        raise ValueError(f"{shown(entry['id'])} is no id")
    enrolled_ns = time_from(entry["enrolled_ns"])
    views: dict[bytes, StoredView] = {}
    for each in entry["views"]:
        view = _decoded_view(each, dimension)
        views.setdefault(view.embedding, view)
    if not views:
        raise ValueError(f"{entry['id']} has no view")
    return Arrival(entry["id"], checked_name(entry["name"]), enrolled_ns, tuple(views.values())[:_MOST_VIEWS])


def _decoded_view(view: Mapping[str, Any], dimension: int) -> StoredView:
    embedding = embeddings_from(view["embedding"], dimension)
    return StoredView(embedding, None if view["picture"] is None else base64.b64decode(view["picture"], validate=True))
