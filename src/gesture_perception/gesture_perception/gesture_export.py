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

from gesture_perception.gesture_kind import GESTURES
from gesture_perception.gesture_label import checked_label
from gesture_perception.gesture_records import MOST_EXAMPLES, POSES
from gesture_perception.gesture_store import GestureStore
from gesture_perception.hand import Side
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
    """

    added: tuple[str, ...]
    extended: tuple[str, ...]
    unchanged: tuple[str, ...]


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

    Args:
        store: Of the gestures.
        space: Of its descriptions.
        file: As `export_gestures` wrote it.
        dry_run: Only say what would happen.

    Raises:
        BadExportError: The file is not one that was exported.
        OtherModelError: It was made with another model.
        TooManyExamplesError: A gesture would have too many.
        StoreError: The file of the gestures could not be written; it is as it was.
        OSError: The exported file cannot be read.
    """
    arrivals = read_gestures(file, space)
    if dry_run:
        return _report(_planned(store, arrivals))
    with store.writing():
        plan = _planned(store, arrivals)
        for outcome, name, arrival, new in plan:
            if outcome != "unchanged":
                store.teach(name, new, arrival.taught_ns, arrival.side if outcome == "added" else None)
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


_Step = tuple[str, str, GestureArrival, list[bytes]]


def _planned(store: GestureStore, arrivals: list[GestureArrival]) -> list[_Step]:
    """What becomes of each, under which name, with which examples."""
    known = {name_key(gesture.name): gesture.name for gesture in store.gestures()}
    steps: list[_Step] = []
    for arrival in arrivals:
        name = known.get(name_key(arrival.name))
        if name is None:
            steps.append(("added", arrival.name, arrival, list(arrival.examples)))
            continue
        had = set(store.examples_of(name))
        new = [poses for poses in arrival.examples if poses not in had]
        steps.append(("extended" if new else "unchanged", name, arrival, new))
    return steps


def _report(steps: list[_Step]) -> GestureImport:
    return GestureImport(
        *(tuple(name for outcome, name, _, _ in steps if outcome == wanted) for wanted in GestureImport.__slots__)
    )


def _decoded(entry: Mapping[str, Any], dimension: int) -> GestureArrival:
    examples = dict.fromkeys(embeddings_from(text, dimension, POSES) for text in entry["examples"])
    if not examples:
        raise ValueError(f"{shown(entry['name'])} has no example")
    if len(examples) > MOST_EXAMPLES:
        raise ValueError(f"{shown(entry['name'])} has {len(examples)} examples, more than {MOST_EXAMPLES}")
    return GestureArrival(
        checked_label(entry["name"]), Side(entry["side"]), time_from(entry["taught_ns"]), tuple(examples)
    )
