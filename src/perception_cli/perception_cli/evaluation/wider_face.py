"""Pictures with the boxes of all faces.

S. Yang, P. Luo, C. Loy, X. Tang, "WIDER FACE: A Face Detection Benchmark", CVPR 2016. Its list has the name of a
picture, how many faces it shows, and a line for each: left, top, width, height, and six attributes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from perception_cli.evaluation.lists import LONGEST_SHOWN, chosen_list, folder_of_pictures, lines_of
from perception_cli.evaluation.pictures import DataError, Picture, can_be_file, small_number
from perception_core.geometry import Box

_LIST = "wider_face_*_bbx_gt.txt"
_INVALID = 7  # column: the face is there, but not to be looked for


@dataclass(frozen=True, slots=True)
class Crowd:
    """A picture and the faces in it.

    Attributes:
        picture: The picture.
        faces: Pixels.
        invalid: Those of the faces that nobody has to find, by their place.
    """

    picture: Picture
    faces: tuple[Box, ...]
    invalid: frozenset[int]


@dataclass(frozen=True, slots=True)
class DetectionData:
    """A data set of boxes.

    Attributes:
        layout: How it lies in its folder.
        split: Which part of it this is.
        crowds: In the order of the list.
    """

    layout: str
    split: str
    crowds: tuple[Crowd, ...]


def read_wider_face(data: Path, split: str | None) -> DetectionData:
    """Reads a list and finds its pictures, wherever below the folder they lie.

    Args:
        data: The data set's folder.
        split: val or train; None for val.

    Raises:
        DataError: There is no list, it cannot be read, or not one of its pictures is there.
    """
    part, path = chosen_list(data, _LIST, lambda path: path.name.split("_")[2], split)
    listed = list(_listed(path))
    folder = folder_of_pictures(data, path, [name for name, _ in listed])
    crowds = [
        Crowd(
            Picture.in_file(folder / name, data),
            tuple(Box(*face[:4]) for face in faces),
            frozenset(k for k, face in enumerate(faces) if face[_INVALID : _INVALID + 1] == [1.0]),
        )
        for name, faces in listed
    ]
    return DetectionData("wider-face", part, tuple(crowds))


def _listed(path: Path) -> Iterator[tuple[str, list[list[float]]]]:
    """Every picture's name and the numbers of its faces that have a size."""
    lines = iter(enumerate(lines_of(path), 1))
    for place, line in lines:
        name = line.strip()
        if not name:
            continue
        if not can_be_file(name):
            raise DataError(f"{path}, line {place}: no picture can have the name '{name[:LONGEST_SHOWN]}...'")
        number, text = next(lines, (0, ""))
        count = small_number(text)
        if count is None:
            text = text.strip()[:LONGEST_SHOWN]
            raise DataError(f"{path}, line {number}: expected is how many faces {name} shows, got '{text}'")
        # Where there is none, a line of zeros stands for it.
        faces = [_numbers(*next(lines, (0, "")), path) for _ in range(max(1, count))]
        yield name, [face for face in faces if face[2] > 0 and face[3] > 0]


def _numbers(number: int, line: str, path: Path) -> list[float]:
    try:
        numbers = [float(word) for word in line.split()]
    except ValueError:
        numbers = []
    if len(numbers) < 4:
        raise DataError(
            f"{path}, line {number}: expected are left, top, width and height of a face, got '{line[:LONGEST_SHOWN]}'"
        )
    return numbers
