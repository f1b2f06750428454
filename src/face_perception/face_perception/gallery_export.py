"""A gallery as a file to be carried elsewhere.

The file is JSON in UTF-8, readable by its owner only:

    {"format": "perception-gallery", "version": 1, "space": "<model>:<numbers>:<hash of the weights>",
     "people": [{"id": "<16 hexadecimal digits>", "name": "Ada", "enrolled_ns": <since 1970>, "views": [
         {"embedding": "<base64 of float32, little-endian>", "picture": "<base64 of a JPEG>" or null}]}]}

Of a person's views the first 200 that differ are taken when it is read.
"""

from __future__ import annotations

import base64
import json
import math
import os
import re
import struct
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from face_perception.embedding_space import EmbeddingSpace
from face_perception.gallery_errors import BadExportError, BadNameError, GalleryError, OtherModelError
from face_perception.gallery_records import Person, StoredView
from face_perception.gallery_store import GalleryStore
from face_perception.person_name import checked_name, name_key
from perception_core.wording import shown

_FORMAT, _VERSION = "perception-gallery", 1
_ID = re.compile(r"[0-9a-f]{16}")
_LATEST_NS = 2**63 - 1
_UNIT_TOLERANCE = 1e-3
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
    content = {"format": _FORMAT, "version": _VERSION, "space": space.id, "people": people}
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".partial-")  # mkstemp gives the mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            json.dump(content, out, ensure_ascii=False)
            out.flush()
            os.fsync(out.fileno())
        Path(name).replace(file)
    finally:
        Path(name).unlink(missing_ok=True)
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
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        if type(content["version"]) is not int or (content["format"], content["version"]) != (_FORMAT, _VERSION):
            raise ValueError(f"format {shown(content['format'])}, version {shown(content['version'])}")
        if content["space"] != space.id:
            raise OtherModelError(
                f"{file} was exported from a gallery of another model ({shown(content['space'])}); this one is for "
                f"{space.id}. Their numbers cannot be compared: enrol the people anew."
            )
        arrivals = [_arrival(number, entry, space.dimension) for number, entry in enumerate(content["people"], 1)]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadExportError(
            f"{file} is not an exported gallery, or is damaged: {_reason(error)}. Export it again."
        ) from error
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


def _reason(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def _encoded(person: Person, views: list[StoredView]) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "enrolled_ns": person.enrolled_ns,
        "views": [_encoded_view(view) for view in views],
    }


def _encoded_view(view: StoredView) -> dict[str, str | None]:
    picture = None if view.picture is None else base64.b64encode(view.picture).decode()
    return {"embedding": base64.b64encode(view.embedding).decode(), "picture": picture}


def _arrival(number: int, entry: Mapping[str, Any], dimension: int) -> Arrival:
    try:
        return _decoded(entry, dimension)
    except (ValueError, KeyError, TypeError, BadNameError) as error:
        raise ValueError(f"person {number}: {_reason(error)}") from error


def _decoded(entry: Mapping[str, Any], dimension: int) -> Arrival:
    if not _ID.fullmatch(entry["id"]):
        raise ValueError(f"{shown(entry['id'])} is no id")
    enrolled_ns = entry["enrolled_ns"]
    if type(enrolled_ns) is not int or not 0 <= enrolled_ns <= _LATEST_NS:
        raise ValueError(f"{shown(enrolled_ns)} is no time")
    views: dict[bytes, StoredView] = {}
    for each in entry["views"]:
        view = _decoded_view(each, dimension)
        views.setdefault(view.embedding, view)
    if not views:
        raise ValueError(f"{entry['id']} has no view")
    return Arrival(entry["id"], checked_name(entry["name"]), enrolled_ns, tuple(views.values())[:_MOST_VIEWS])


def _decoded_view(view: Mapping[str, Any], dimension: int) -> StoredView:
    embedding = base64.b64decode(view["embedding"], validate=True)
    if len(embedding) != 4 * dimension:
        raise ValueError(f"an embedding has {len(embedding)} bytes, not {4 * dimension}")
    length = math.sqrt(sum(number * number for number in struct.unpack(f"<{dimension}f", embedding)))
    if not abs(length - 1) <= _UNIT_TOLERANCE:  # also when it is not a number
        raise ValueError(f"an embedding has length {length}, not 1")
    return StoredView(embedding, None if view["picture"] is None else base64.b64decode(view["picture"], validate=True))
