"""Taught gestures as a file to be carried elsewhere.

The file is JSON in UTF-8, readable by its owner only:

    {"format": "perception-gestures", "version": 1, "space": "<model>:<numbers>:<hash of the weights>",
     "gestures": [{"name": "Three", "side": "unknown", "taught_ns": <since 1970>,
                   "examples": ["<base64 of 5 descriptions, float32, little-endian>"]}]}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gesture_perception.gesture_kind import GESTURES
from gesture_perception.gesture_label import checked_label
from gesture_perception.gesture_records import MOST_EXAMPLES, POSES, TaughtGesture
from gesture_perception.gesture_rows import is_among
from gesture_perception.gesture_store import GestureStore, require_place, require_room
from gesture_perception.hand import Side
from gesture_perception.pose_description import Embeddings
from gesture_perception.taught_gestures import TaughtIndex
from perception_core.embedding_space import EmbeddingSpace
from perception_core.private_store.errors import BadExportError, BadNameError, StoreError
from perception_core.private_store.export import (
    ExportFormat,
    as_text,
    embeddings_from,
    entry_from,
    reason,
    time_from,
)
from perception_core.private_store.names import name_key
from perception_core.wording import shown

_FORMAT = ExportFormat("perception-gestures", 1, GESTURES)


@dataclass(frozen=True, slots=True)
class GestureArrival:
    """A gesture in a file to be imported."""

    name: str
    side: Side
    taught_ns: int
    examples: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class GestureImport:
    """What an import does, or would do; names of gestures.

    Attributes:
        added: Those that are new.
        extended: Those that were known and get examples that they did not have.
        unchanged: Those of which all is known.
        refused: Those that cannot be told from another one, each with that one's name; they are left out.
    """

    added: tuple[str, ...]
    extended: tuple[str, ...]
    unchanged: tuple[str, ...]
    refused: tuple[tuple[str, str], ...] = ()


def export_gestures(store: GestureStore, space: EmbeddingSpace, file: Path) -> int:
    """Writes all gestures into a file; it is there whole or not at all.

    Returns:
        How many it holds.

    Raises:
        StoreError: The gestures cannot be read, or one of them would not be taken by any import.
        OSError: The file cannot be written.
    """
    entries = [
        {
            "name": gesture.name,
            "side": gesture.side.value,
            "taught_ns": gesture.taught_ns,
            "examples": [as_text(poses) for poses in store.examples_of(gesture.name)],
        }
        for gesture in store.gestures()
    ]
    for entry in entries:
        try:
            _decoded(entry, space.dimension)
        except (ValueError, BadNameError) as error:
            raise StoreError(
                f"{store.path}: {shown(entry['name'])} cannot be exported: {reason(error)}. Forget this gesture and "
                "teach it anew."
            ) from error
    _FORMAT.write(file, space.id, {"gestures": entries})
    return len(entries)


def import_gestures(store: GestureStore, space: EmbeddingSpace, file: Path, *, dry_run: bool = False) -> GestureImport:
    """Adds the gestures of an exported file, all or none; one of a name that is known gets the examples that are new.

    One whose examples are too close to another gesture, be it of the file itself, is left out and reported.

    Args:
        store: Of the gestures.
        space: Of its descriptions.
        file: As `export_gestures` wrote it.
        dry_run: Only say what would happen.

    Raises:
        BadExportError: The file is not one that was exported.
        OtherModelError: It was made with another model.
        TooManyExamplesError: A gesture would have too many.
        TooManyGesturesError: There would be too many gestures.
        StoreError: The file of the gestures could not be written; it is as it was.
        OSError: The exported file cannot be read.
    """
    arrivals = read_gestures(file, space)
    if dry_run:
        return _report(_planned(store, space, arrivals))
    with store.writing():
        plan = _planned(store, space, arrivals)
        for step in plan:
            if step.outcome in ("added", "extended"):
                side = step.arrival.side if step.outcome == "added" else None
                store.teach(step.name, step.new, step.arrival.taught_ns, side)
    return _report(plan)


def read_gestures(file: Path, space: EmbeddingSpace) -> list[GestureArrival]:
    """The gestures in an exported file.

    Raises:
        BadExportError: The file is not one that was exported.
        OtherModelError: It was made with another model.
        OSError: The file cannot be read.
    """
    arrivals = _FORMAT.read(
        file,
        space.id,
        lambda content: [
            entry_from("gesture", number, entry, lambda each: _decoded(each, space.dimension))
            for number, entry in enumerate(content["gestures"], 1)
        ],
    )
    if len({name_key(arrival.name) for arrival in arrivals}) < len(arrivals):
        raise BadExportError(f"{file} is damaged: two gestures have the same name. Export it again.")
    return arrivals


@dataclass(frozen=True, slots=True)
class _Step:
    """What becomes of one arrival.

    Attributes:
        outcome: A field of `GestureImport`.
        name: Of the gesture; as it is stored where it is known.
        arrival: What came.
        new: Its examples that are not known.
        rival: The gesture that it cannot be told from, if it is refused.
    """

    outcome: str
    name: str
    arrival: GestureArrival
    new: list[bytes]
    rival: str = ""


def _planned(store: GestureStore, space: EmbeddingSpace, arrivals: list[GestureArrival]) -> list[_Step]:
    gestures = {name_key(gesture.name): gesture for gesture in store.gestures()}
    require_place(store.path, len(gestures), sum(name_key(arrival.name) not in gestures for arrival in arrivals))
    kept = {key: store.examples_of(gesture.name) for key, gesture in gestures.items()}
    steps: list[_Step] = []
    for arrival in arrivals:
        key = name_key(arrival.name)
        name = gestures[key].name if key in gestures else arrival.name
        had = kept.get(key, [])
        new = [poses for poses in arrival.examples if not is_among(poses, had)]
        rival = _index(space, gestures, kept).rival([_rows(space, poses) for poses in new], name) if new else None
        if rival is not None:
            steps.append(_Step("refused", name, arrival, new, rival))
            continue
        require_room(name, len(had), len(new))
        steps.append(_Step(("extended" if new else "unchanged") if key in gestures else "added", name, arrival, new))
        kept[key] = [*had, *new]
        gestures[key] = TaughtGesture(name, arrival.side, arrival.taught_ns, len(kept[key]))
    return steps


def _index(
    space: EmbeddingSpace, gestures: Mapping[str, TaughtGesture], kept: Mapping[str, list[bytes]]
) -> TaughtIndex:
    owners = [gesture.name for key, gesture in gestures.items() for _ in range(POSES * len(kept[key]))]
    return TaughtIndex(
        list(gestures.values()), owners, _rows(space, b"".join(poses for key in gestures for poses in kept[key]))
    )


def _rows(space: EmbeddingSpace, poses: bytes) -> Embeddings:
    return np.frombuffer(poses, "<f4").reshape(-1, space.dimension)


def _report(steps: list[_Step]) -> GestureImport:
    added, extended, unchanged = (
        tuple(step.name for step in steps if step.outcome == outcome) for outcome in ("added", "extended", "unchanged")
    )
    refused = tuple((step.name, step.rival) for step in steps if step.outcome == "refused")
    return GestureImport(added, extended, unchanged, refused)


def _decoded(entry: Mapping[str, Any], dimension: int) -> GestureArrival:
    examples = dict.fromkeys(embeddings_from(text, dimension, POSES) for text in entry["examples"])
    if not examples:
        raise ValueError(f"{shown(entry['name'])} has no example")
    if len(examples) > MOST_EXAMPLES:
        raise ValueError(f"{shown(entry['name'])} has {len(examples)} examples, more than {MOST_EXAMPLES}")
    return GestureArrival(
        checked_label(entry["name"]), Side(entry["side"]), time_from(entry["taught_ns"]), tuple(examples)
    )
