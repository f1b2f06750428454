"""HaGRID: pictures of people who show a gesture, with the boxes of all their hands.

A. Kapitanov, K. Kvanchiani, A. Nagaev, R. Kraynov, A. Makhliarchuk, "HaGRID - HAnd Gesture Recognition Image Dataset",
WACV 2024. A file for each class, or one for all: {picture: {"bboxes": [[left, top, width, height], ...], "labels":
[...]}} with shares of the picture's width and height; the name of a picture comes without its ending.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from perception_cli.evaluation.gesture_data import ALL_PARTS, HandData, HandPicture, LabelledHand, PicturesByName
from perception_cli.evaluation.pictures import DataError, files_called, require_folder
from perception_cli.evaluation.splits import chosen_part, part_of
from perception_core.geometry import Box
from perception_core.regular_files import TooLargeError, read_regular

LAYOUT = "hagrid"
_BOXES, _LABELS = "bboxes", "labels"
_LARGEST = 5.0  # share of the picture that a number of a box may be; pixels are more
_BEGINNING = 4096  # bytes of a file by which it is known
_MOST_BYTES = 2**32  # all of HaGRID's annotations with landmarks in one file are about 1 GB


def hagrid_files(data: Path) -> list[Path]:
    """The files with annotations, in a folder and below; or the one that is named.

    Raises:
        DataError: A folder cannot be read.
    """
    if data.is_file():
        return [data] if _looks_alike(data) else []
    return [path for path in files_called(require_folder(data), "*.json") if _looks_alike(path)]


def read_hagrid(data: Path, split: str | None) -> HandData:
    """Reads the annotations and finds their pictures, wherever below the folder they lie.

    Args:
        data: The data set's folder; or a file, beside or above whose folder's pictures lie.
        split: A part of it, where the files lie in folders such as train and test; `all` for every part; None for the
            test part.

    Raises:
        DataError: There are no annotations, they cannot be read, or not one of the pictures is there.
    """
    parts: dict[str, list[Path]] = {}
    for path in hagrid_files(data):
        parts.setdefault(_part(path), []).append(path)
    if not parts:
        raise DataError(f"{data}: no file *.json with {_BOXES} and {_LABELS} is in this folder or below it")
    part = ALL_PARTS if split == ALL_PARTS else chosen_part(parts, split, data)
    files = [path for name, paths in parts.items() for path in paths if part in {ALL_PARTS, name}]
    pictures_of = PicturesByName(data.parent if data.is_file() else data)
    classes = {path.stem for path in files}
    found: dict[str, HandPicture] = {}
    unreadable: list[str] = []
    missing = 0
    for path in files:
        other_classes = classes - {path.stem}
        for name, entry in _entries(path).items():
            hands = _hands(entry)
            picture = pictures_of(name, f"{_part(path)}/{path.stem}")
            if hands is None:
                unreadable.append(f"{path.name}, {name[:80]}: its boxes and labels cannot be read")
            elif picture is None or Path(picture.name).parent.name in other_classes:
                missing += 1  # or what is there by that name is the picture of another class
            elif hands and found.setdefault(picture.name, HandPicture(picture, hands, relative=True)).hands != hands:
                unreadable.append(f"{path.name}, {name[:80]}: other hands are listed for the same picture, too")
    if not found:
        raise DataError(f"{data}: none of the pictures is there that {files[0].name} names")
    return HandData(LAYOUT, part or None, tuple(found.values()), tuple(unreadable), missing)


def _part(path: Path) -> str:
    """The folder that says which part a file is; empty where it lies in none."""
    return path.parent.name if part_of(path.parent.name) is not None else ""


def _looks_alike(path: Path) -> bool:
    """Whether a file begins like one of HaGRID's; what other data sets keep as JSON may be large."""
    try:
        with path.open("rb") as file:
            beginning = file.read(_BEGINNING)
    except OSError:
        return False
    return beginning.lstrip().startswith(b"{") and f'"{_BOXES}"'.encode() in beginning


def _entries(path: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(read_regular(path, _MOST_BYTES))
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from error
    except TooLargeError as error:
        raise DataError(f"{path} is too large: {error}") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path} is no JSON: {str(error)[:200]}; the file is damaged") from error
    if not isinstance(content, dict):
        raise DataError(f"{path}: expected are pictures by their names")
    return content


def _hands(entry: Any) -> tuple[LabelledHand, ...] | None:
    """The hands of a picture; None where they cannot be read."""
    boxes, labels = (entry.get(_BOXES), entry.get(_LABELS)) if isinstance(entry, dict) else (None, None)
    if not isinstance(boxes, list) or not isinstance(labels, list) or len(boxes) != len(labels):
        return None
    if not all(isinstance(label, str) for label in labels) or not all(map(_is_box, boxes)):
        return None
    return tuple(LabelledHand(label, Box(*map(float, box))) for label, box in zip(labels, boxes, strict=True))


def _is_box(box: Any) -> bool:
    numbers = isinstance(box, list) and len(box) == 4 and all(type(each) in {int, float} for each in box)
    # NaN, which Python reads from JSON, is no more within limits than infinity is.
    return numbers and all(-_LARGEST < each < _LARGEST for each in box) and box[2] > 0 and box[3] > 0
