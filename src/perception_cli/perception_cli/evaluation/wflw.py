"""Faces with 98 true points.

W. Wu et al., "Look at Boundary: A Boundary-Aware Face Alignment Algorithm", CVPR 2018: Wider Facial Landmarks
in-the-wild. A line of its list has 98 points, the face's box, six attributes, and the name of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from perception_cli.evaluation.lists import chosen_list, folder_of_pictures, lines_of
from perception_cli.evaluation.pictures import Picture, can_be_file
from perception_core.geometry import Box

ATTRIBUTES = ("pose", "expression", "illumination", "make-up", "occlusion", "blur")
_LIST = "list_98pt_rect_attr_*.txt"
_POINTS = 98
_NUMBERS = 2 * _POINTS + 4 + len(ATTRIBUTES)


@dataclass(frozen=True, slots=True, eq=False)
class TrueFace:
    """A face of the list.

    Attributes:
        picture: That it is in; there may be others.
        points: 98x2 pixels.
        box: About the face, pixels.
        attributes: Those of `ATTRIBUTES` that make it hard.
    """

    picture: Picture
    points: NDArray[np.float64]
    box: Box
    attributes: frozenset[str]


@dataclass(frozen=True, slots=True)
class LandmarkData:
    """A data set of points.

    Attributes:
        layout: How it lies in its folder.
        split: Which part of it this is.
        faces: In the order of the list.
        unreadable: Lines that are none.
    """

    layout: str
    split: str
    faces: tuple[TrueFace, ...]
    unreadable: tuple[str, ...] = ()


def read_wflw(data: Path, split: str | None) -> LandmarkData:
    """Reads a list and finds its pictures, wherever below the folder they lie.

    Args:
        data: The data set's folder.
        split: test or train; None for test.

    Raises:
        DataError: There is no list, it cannot be read, or not one of its pictures is there.
    """
    part, path = chosen_list(data, _LIST, lambda path: path.stem.rpartition("_")[2], split)
    named = [(number, line.split(maxsplit=_NUMBERS)) for number, line in enumerate(lines_of(path), 1) if line.strip()]
    names = [words[-1].strip() for _, words in named if len(words) == _NUMBERS + 1]
    folder = folder_of_pictures(data, path, names)
    faces, unreadable = [], []
    for number, words in named:
        face = _face(words, folder, data)
        if face is None:
            unreadable.append(f"{path.name} line {number}")
        else:
            faces.append(face)
    return LandmarkData("wflw", part, tuple(faces), tuple(unreadable))


def _face(words: list[str], folder: Path, data: Path) -> TrueFace | None:
    if len(words) != _NUMBERS + 1 or not can_be_file(words[-1].strip()):
        return None
    try:
        numbers = np.array(words[:-1], np.float64)
    except ValueError:
        return None
    left, top, right, bottom = numbers[2 * _POINTS : 2 * _POINTS + 4].tolist()
    if not np.isfinite(numbers).all() or right <= left or bottom <= top:
        return None
    hard = frozenset(name for name, flag in zip(ATTRIBUTES, numbers[-len(ATTRIBUTES) :], strict=True) if flag)
    points = numbers[: 2 * _POINTS].reshape(_POINTS, 2)
    picture = Picture.in_file(folder / words[-1].strip(), data)
    return TrueFace(picture, points, Box(left, top, right - left, bottom - top), hard)
