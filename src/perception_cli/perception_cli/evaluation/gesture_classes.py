"""Which gesture a class of a data set stands for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gesture_perception.gesture_names import MOTIONS, POSES, gesture_named, plain
from gesture_perception.hand import NO_GESTURE
from perception_cli.evaluation.gesture_map_file import SKIP, read_label_map, short
from perception_cli.evaluation.pictures import DataError
from perception_core.zoo.yaml_entry import nearest

OTHERS = "others"
"""In a label map: all classes of the data that it does not name."""

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


_UNSAID = Meaning("")


@dataclass(frozen=True, slots=True)
class ClassMap:
    """Gestures by classes of a data set.

    Attributes:
        known: What can be answered.
        table: For the layout of the data, by `plain` names; None for classes that are left out.
        file: What the user says; None where nothing is said.
        exact: In that file, by names as they are written, likewise.
        given: The same, by names whose forms do not count.
        others: What the user says of all the rest.
    """

    known: tuple[str, ...]
    table: Mapping[str, Meaning | None]
    file: Path | None = None
    exact: Mapping[str, Meaning | None] = field(default_factory=dict)
    given: Mapping[str, Meaning | None] = field(default_factory=dict)
    others: Meaning | None = _UNSAID

    def __call__(self, label: str) -> Meaning | None:
        """What is right for a class; None where it is left out, or nobody knows what it is."""
        said = self._said(label)
        if said is not _UNSAID:
            return said
        name = plain(label)
        return self.table[name] if name in self.table else _understood(label, self.known)

    def nothing_left(self, labels: Collection[str]) -> DataError:
        """The error that says why there is no class of which it is known what it is."""
        names = listed(map(short, sorted(labels))) or "none"
        if labels and all(self._said(label) is None for label in labels):
            return DataError(f"{self.file} leaves out every class of the data: {names}")
        return DataError(
            f"no class of the data is one of {', '.join(self.known)}; found: {names}; say with --map what they are"
        )

    def _said(self, label: str) -> Meaning | None:
        """What the user says: an exact name counts more than one that is written differently."""
        return self.exact[label] if label in self.exact else self.given.get(_form(label), self.others)


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
        DataError: The file cannot be read, names a class or a gesture that nobody knows, or says two things of a
            class.
    """
    by_table = {} if table is None else table
    if file is None:
        return ClassMap(tuple(known), by_table)
    said = _said_in(file, labels, known)
    there = {_form(label) for label in labels}
    exact: dict[str, Meaning | None] = {}
    others: Meaning | None = _UNSAID
    for key, meaning in said.items():
        name = _form(key)
        if name == OTHERS and name not in there:
            others = meaning
        elif name in there or name in by_table or _understood(key, known) is not None:
            exact[key] = meaning
        else:
            raise DataError(
                f"{file}: nobody knows the class {short(key)}; the data has {listed(map(short, sorted(labels)))}, and "
                f"{OTHERS} stands for those that are not named.{nearest(short(key), labels)}"
            )
    given = {_form(key): meaning for key, meaning in exact.items()}
    return ClassMap(tuple(known), by_table, file, exact, given, others)


def listed(words: Iterable[str]) -> str:
    """The words, or the first of them and how many more there are."""
    every = list(words)
    more = f" and {len(every) - _MOST_NAMED} more" if len(every) > _MOST_NAMED else ""
    return ", ".join(every[:_MOST_NAMED]) + more


def _said_in(file: Path, labels: Collection[str], known: Sequence[str]) -> dict[str, Meaning | None]:
    """What a file says of each class; it may say two things of names that are alike where the data has both."""
    said: dict[str, Meaning | None] = {}
    first: dict[str, str] = {}
    for key, gestures in read_label_map(file):
        meaning = _meaning(file, key, gestures, known)
        other = first.setdefault(_form(key), key)
        if said.get(other, meaning) != meaning and (other == key or not {key, other} <= set(labels)):
            raise DataError(
                f"{file}: {short(other)} and {short(key)} are one class, and are mapped to different gestures"
            )
        said[key] = meaning
    return said


def _form(name: str) -> str:
    """What is the same in names that mean the same; of one that is all signs or emoji, the name itself."""
    return plain(name) or name.strip()


def _understood(label: str, known: Sequence[str]) -> Meaning | None:
    name = plain(label)
    if name in _ANY_POINTING_NAMES:
        return Meaning(_POINTING, _ANY_POINTING)
    gesture = _gesture(label, known)
    return None if gesture is None else Meaning(gesture)


def _gesture(name: str, known: Sequence[str]) -> str | None:
    """Which of the known gestures a name stands for; None where it is none, or could be several."""
    if name in known:
        return name
    form = _form(name)
    written = [each for each in known if _form(each) == form]
    alike = gesture_named(name)
    return written[0] if len(written) == 1 else alike if alike in known else None


def _meaning(file: Path, key: str, values: Sequence[str], known: Sequence[str]) -> Meaning | None:
    """What a file says of a class; None for a class that is to be left out."""
    if [plain(each) for each in values] == [SKIP]:
        return None
    gestures: list[str] = []
    for each in values:
        gesture = _gesture(each, known)
        if gesture is None:
            raise DataError(
                f"{file}: {short(key)} is mapped to {short(each)}, a gesture that nobody knows; known are "
                f"{', '.join(known)}, and {SKIP} leaves a class out.{nearest(short(each), known)}"
            )
        gestures.append(gesture)
    return Meaning(gestures[0], tuple(gestures[1:]))
