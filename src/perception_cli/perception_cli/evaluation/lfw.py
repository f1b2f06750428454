"""Pairs of faces, of the same person or of two.

G. Huang, M. Ramesh, T. Berg, E. Learned-Miller, "Labeled Faces in the Wild", University of Massachusetts, Amherst,
2007: its pairs are in ten parts, each of which is judged by a threshold taken from the others. A folder for each person
does as well; the pairs are then drawn.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from perception_cli.evaluation.class_folders import Labelled, read_class_folders
from perception_cli.evaluation.lists import lines_of
from perception_cli.evaluation.pictures import (
    DataError,
    Picture,
    files_called,
    picture_files,
    require_folder,
    small_number,
)
from perception_cli.evaluation.splits import chosen_part
from perception_core.evaluation.verification import folds

_PAIRS_OF_PART = {"pairs.txt": "test", "pairsDevTest.txt": "validation", "pairsDevTrain.txt": "train"}
_PARTS = 10
_MOST_DRAWN = 3000  # of each kind, as many as Labeled Faces in the Wild has
_SEED = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures, by their place in `PairData.pictures`.

    Attributes:
        one: The first.
        other: The second.
        same: Whether they show the same person.
        fold: The part that it belongs to.
    """

    one: int
    other: int
    same: bool
    fold: int


@dataclass(frozen=True, slots=True)
class PairData:
    """A data set of pairs.

    Attributes:
        layout: How it lies in its folder.
        split: Which part of it this is; None where it has none.
        pictures: Each once.
        pairs: In the order of the list.
        missing: Names of pictures that the list names and that are not there; their pairs are left out.
    """

    layout: str
    split: str | None
    pictures: tuple[Picture, ...]
    pairs: tuple[Pair, ...]
    missing: tuple[str, ...] = ()


def pairs_file(data: Path, split: str | None = None) -> Path | None:
    """The list of pairs in a folder or below it; None where there is none.

    Args:
        data: The data set's folder.
        split: test for pairs.txt, validation and train for those of the development set; a file's own name does too.

    Raises:
        DataError: There are lists, but not that one.
    """
    files = {path.name: path for path in reversed(files_called(data, "pairs*.txt"))}
    if not files:
        return None
    if split in files:
        return files[split or ""]
    parts = {_PAIRS_OF_PART.get(name, name): path for name, path in files.items()}
    return parts[chosen_part(parts, split, data)]


def read_lfw(data: Path, split: str | None) -> PairData:
    """Reads a list of pairs and finds their pictures, wherever below the folder they lie.

    Args:
        data: The data set's folder.
        split: See `pairs_file`.

    Raises:
        DataError: There is no list, it cannot be read, or not one of its pictures is there.
    """
    path = pairs_file(require_folder(data), split)
    if path is None:
        raise DataError(f"{data}: no pairs.txt is in this folder or below it")
    listed = _listed_pairs(path)
    place: dict[str, Path] = {}
    for file in picture_files(data):
        place.setdefault(file.stem, file)
    wanted = sorted({stem for one, other, *_ in listed for stem in (one, other)})
    missing = tuple(stem for stem in wanted if stem not in place)
    if len(missing) == len(wanted):
        raise DataError(f"{data}: none of the pictures is there that {path.name} names, such as {wanted[0]}.jpg")
    there = [stem for stem in wanted if stem in place]
    number = {stem: index for index, stem in enumerate(there)}
    pairs = [
        Pair(number[one], number[other], same, fold)
        for one, other, same, fold in listed
        if one in number and other in number
    ]
    pictures = tuple(Picture.in_file(place[stem], data) for stem in there)
    return PairData("lfw", path.name, pictures, tuple(pairs), missing)


def read_people(data: Path, split: str | None) -> PairData:
    """Draws pairs of pictures that lie in a folder for each person: the same ones every time.

    Args:
        data: The data set's folder.
        split: Part of it; None for the test part where it has parts.

    Raises:
        DataError: There are no such folders, or no two pictures of a person, or no two people.
    """
    found = read_class_folders(data, split)
    same = _drawn_same(found.pictures)
    different = _drawn_different(found.pictures, max(len(same), 1))
    if not same or not different:
        raise DataError(f"{data}: pairs take two people, and two pictures of one of them")
    kinds = [True] * len(same) + [False] * len(different)
    part = folds(kinds, min(_PARTS, len(same)))
    pairs = [Pair(*pair, kind, fold) for pair, kind, fold in zip([*same, *different], kinds, part, strict=True)]
    return PairData("class-folders", found.split, tuple(each.picture for each in found.pictures), tuple(pairs))


def _listed_pairs(path: Path) -> list[tuple[str, str, bool, int]]:
    """Names of the two pictures, whether they show the same person, and the part."""
    lines = lines_of(path)
    head = [number for word in lines[0].split() if (number := small_number(word)) is not None] if lines else []
    parts, each = (head[0], head[1]) if len(head) == 2 else (1, head[0] if len(head) == 1 else 0)
    listed: list[tuple[str, str, bool]] = []
    for number, line in enumerate(lines[1 if head else 0 :], start=2 if head else 1):
        words = line.split("\t") if "\t" in line else line.split()
        if words:
            listed.append(_pair(words, f"{path}, line {number}"))
    if not listed:
        raise DataError(f"{path} names no pairs")
    if each and len(listed) == 2 * parts * each and parts > 1:
        return [(*pair, place // (2 * each)) for place, pair in enumerate(listed)]
    counted = folds([same for *_, same in listed], _PARTS)
    return [(*pair, fold) for pair, fold in zip(listed, counted, strict=True)]


def _pair(words: Sequence[str], place: str) -> tuple[str, str, bool]:
    words = [word.strip() for word in words]
    if len(words) in {3, 4}:
        same = len(words) == 3
        one, other = small_number(words[1]), small_number(words[-1])
        if one is not None and other is not None:
            return _stem(words[0], one), _stem(words[0 if same else 2], other), same
    raise DataError(f"{place} is no pair: expected is NAME NUMBER NUMBER or NAME NUMBER NAME NUMBER")


def _stem(name: str, number: int) -> str:
    return f"{name}_{number:04d}"


def _drawn_same(pictures: Sequence[Labelled]) -> list[tuple[int, int]]:
    every = [pair for places in _places(pictures).values() for pair in itertools.combinations(places, 2)]
    return sorted(random.Random(_SEED).sample(every, min(len(every), _MOST_DRAWN)))


def _drawn_different(pictures: Sequence[Labelled], wanted: int) -> list[tuple[int, int]]:
    places = _places(pictures)
    sizes = [len(each) for each in places.values()]
    possible = (sum(sizes) ** 2 - sum(size**2 for size in sizes)) // 2
    draw = random.Random(_SEED)
    drawn: set[tuple[int, int]] = set()
    while len(drawn) < min(wanted, possible):
        one, other = sorted(draw.sample(range(len(pictures)), 2))
        if pictures[one].label != pictures[other].label:
            drawn.add((one, other))
    return sorted(drawn)


def _places(pictures: Sequence[Labelled]) -> Mapping[str, list[int]]:
    places: dict[str, list[int]] = {}
    for place, each in enumerate(pictures):
        places.setdefault(each.label, []).append(place)
    return places
