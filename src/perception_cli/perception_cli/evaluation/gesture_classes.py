"""Which gesture a class of a data set stands for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gesture_perception.gesture_names import MOTIONS, POSES, gesture_named, plain
from gesture_perception.hand import NO_GESTURE
from perception_cli.evaluation.pictures import DataError
from perception_core.zoo.errors import ManifestError
from perception_core.zoo.yaml_entry import nearest, read_yaml

OTHERS = "others"
"""In a label map: all classes of the data that it does not name."""

SKIP = "skip"
"""In a label map: a class that is left out."""

_POINTING = "Pointing_Up"
_ANY_POINTING = ("Point",)  # that index finger, whichever way it points
_ANY_POINTING_NAMES = ("point", "pointing")
_MOST_NAMED = 40  # classes in a message


@dataclass(frozen=True, slots=True)
class Meaning:
    """What is right for a class.

    Attributes:
        gesture: Its name here.
        also: Answers that are as right.
    """

    gesture: str
    also: tuple[str, ...] = ()

    def judged(self, answer: str) -> str:
        """The answer, as the class's own gesture where it is as right."""
        return self.gesture if answer in self.also else answer


HAGRID: Mapping[str, Meaning | None] = {
    "dislike": Meaning("Thumb_Down"),
    "fist": Meaning("Closed_Fist"),
    "like": Meaning("Thumb_Up"),
    "ok": Meaning("OK"),
    "one": Meaning(_POINTING),
    "palm": Meaning("Open_Palm"),
    "peace": Meaning("Victory"),
    "peaceinverted": Meaning("Victory"),
    "point": Meaning("Point", (_POINTING,)),
    "stop": Meaning("Open_Palm"),
    **dict.fromkeys(
        (
            *("nogesture", "call", "four", "three", "three2", "threegun", "gun", "thumbindex"),
            *("grabbing", "grip", "middlefinger", "littlefinger"),
        ),
        Meaning(NO_GESTURE),
    ),
    # Of these it is a matter of opinion what they are: a palm from behind, a victory sign with closed fingers, the
    # horns, an index before the lips, an OK with one finger less, and gestures of two hands.
    **dict.fromkeys(
        (
            *("stopinverted", "twoup", "twoupinverted", "rock", "mute", "three3", "thumbindex2"),
            *("holy", "timeout", "takepicture", "xsign", "handheart", "handheart2"),
        )
    ),
}
"""The classes of HaGRID and HaGRIDv2, as `plain` writes them; None for those that are left out.

A. Kapitanov, K. Kvanchiani, A. Nagaev, R. Kraynov, A. Makhliarchuk, "HaGRID - HAnd Gesture Recognition Image Dataset",
WACV 2024.
"""


@dataclass(frozen=True, slots=True)
class ClassMap:
    """Gestures by classes of a data set.

    Attributes:
        known: What can be answered.
        table: For the layout of the data, by `plain` names; None for classes that are left out.
        given: By the user, likewise.
        others: What the user says of all the rest; None where nothing is said.
    """

    known: tuple[str, ...]
    table: Mapping[str, Meaning | None]
    given: Mapping[str, Meaning | None]
    others: Meaning | None = None

    def __call__(self, label: str) -> Meaning | None:
        """What is right for a class; None where it is left out, or nobody knows what it is."""
        name = plain(label)
        if name in self.given:
            return self.given[name]
        if self.others is not None:
            return self.others
        if name in self.table:
            return self.table[name]
        return _understood(label, self.known)


def class_map(
    file: Path | None,
    labels: Collection[str],
    known: Sequence[str] = POSES + MOTIONS,
    table: Mapping[str, Meaning | None] | None = None,
) -> ClassMap:
    """What the classes of a data set stand for, as the user says it, or else as their names do.

    Args:
        file: YAML or JSON, {class: gesture, or a list of gestures that are all right, or skip}; `others` stands for all
            classes that it does not name. None where the user says nothing.
        labels: All classes of the data.
        known: Gestures that can be answered.
        table: See `ClassMap`.

    Raises:
        DataError: The file cannot be read, or names a class or a gesture that nobody knows.
    """
    by_table = {} if table is None else table
    if file is None:
        return ClassMap(tuple(known), by_table, {})
    content = _content(file)
    given: dict[str, Meaning | None] = {}
    others = None
    there = {plain(label) for label in labels}
    for key, value in content.items():
        name, meaning = plain(key), _meaning(file, key, value, known)
        if name == OTHERS and name not in there:
            others = meaning
        elif name in there or name in by_table or _understood(key, known) is not None:
            given[name] = meaning
        else:
            raise DataError(
                f"{file}: nobody knows the class {key}; the data has {_listed(labels)}, and {OTHERS} stands for those "
                f"that are not named.{nearest(key, labels)}"
            )
    return ClassMap(tuple(known), by_table, given, others)


def _understood(label: str, known: Sequence[str]) -> Meaning | None:
    name = plain(label)
    if name in _ANY_POINTING_NAMES:
        return Meaning(_POINTING, _ANY_POINTING)
    gesture = _gesture(label, known)
    return None if gesture is None else Meaning(gesture)


def _gesture(name: str, known: Sequence[str]) -> str | None:
    """Which of the known gestures a name stands for; None where it is none."""
    exact = {plain(each): each for each in known}.get(plain(name))
    alike = gesture_named(name)
    return exact or (alike if alike in known else None)


def _meaning(file: Path, key: str, value: Any, known: Sequence[str]) -> Meaning | None:
    """What a file says of a class; None for a class that is to be left out."""
    values = value if isinstance(value, list) else [NO_GESTURE if value is None else value]
    if not values or not all(isinstance(each, str) for each in values):
        raise DataError(
            f"{file}: {key} has to be mapped to the name of a gesture, a list of such, or {SKIP}; found {value!r}"
        )
    if [plain(each) for each in values] == [SKIP]:
        return None
    gestures: list[str] = []
    for each in values:
        gesture = _gesture(each, known)
        if gesture is None:
            raise DataError(
                f"{file}: {key} is mapped to {each}, a gesture that nobody knows; known are {', '.join(known)}, and "
                f"{SKIP} leaves a class out.{nearest(each, known)}"
            )
        gestures.append(gesture)
    return Meaning(gestures[0], tuple(gestures[1:]))


def _content(file: Path) -> Mapping[str, Any]:
    """The file's keys and values; JSON is YAML. Numbers, as data sets often call their classes, are texts."""
    try:
        content = read_yaml(file).content
    except ManifestError as error:
        raise DataError(f"{error} A label map is a file such as {{fist: Closed_Fist, others: None}}.") from error
    wrong = [key for key in content if isinstance(key, bool) or not isinstance(key, (str, int))]
    if wrong:
        raise DataError(f"{file}: {wrong[0]!r} is no name of a class; put it in quotes")
    return {str(key): str(value) if type(value) is int else value for key, value in content.items()}


def _listed(labels: Collection[str]) -> str:
    names = sorted(labels)
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
