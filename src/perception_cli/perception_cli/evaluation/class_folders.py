"""Pictures in a folder for each class: that of an expression, or that of a person.

The folders of the classes may lie in one for each part of the data set (train, test, ...), and all that in others that
hold nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from perception_cli.evaluation.pictures import DataError, Picture, picture_files, require_folder, subfolders
from perception_cli.evaluation.splits import chosen_part, part_of
from perception_core.sources.pictures import PICTURE_SUFFIXES

_NUMBER_BEFORE = re.compile(r"^\d+[\s_.-]+")  # some number their classes: "0 angry"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A picture and the name of its class, as the data set writes it."""

    label: str
    picture: Picture


@dataclass(frozen=True, slots=True)
class LabelledData:
    """A data set of classes.

    Attributes:
        layout: How it lies in its folder.
        split: Which part of it this is; None where it has none.
        pictures: In a fixed order.
        unreadable: Names of those whose class cannot be read.
    """

    layout: str
    split: str | None
    pictures: tuple[Labelled, ...]
    unreadable: tuple[str, ...] = ()


def read_class_folders(data: Path, split: str | None) -> LabelledData:
    """Finds the pictures of every class.

    Args:
        data: The data set's folder.
        split: Part of the data set; None for the test part where it has parts.

    Raises:
        DataError: There are no such folders, or not that part.
    """
    folder, part = require_folder(data), None
    while not _holds_classes(folder):
        parts = {each.name: each for each in subfolders(folder) if part_of(each.name) is not None}
        inside = subfolders(folder)
        if parts and part is None:
            part = chosen_part(parts, split, folder)
            folder = parts[part]
        elif len(inside) == 1:
            (folder,) = inside
        else:
            raise DataError(
                f"{folder} holds no folders with pictures; expected is a folder for each class, which may lie in "
                "folders such as train and test"
            )
    if split is not None and part is None:
        raise DataError(f"{folder} has no parts such as train and test; leave --split out")
    labelled = [
        Labelled(_NUMBER_BEFORE.sub("", each.name), Picture.in_file(path, data))
        for each in subfolders(folder)
        for path in picture_files(each)
    ]
    return LabelledData("class-folders", part, tuple(labelled))


def _holds_classes(folder: Path) -> bool:
    """Whether pictures lie directly in one of its folders; those of the parts of a data set are none."""
    return any(part_of(each.name) is None and _holds_pictures(each) for each in subfolders(folder))


def _holds_pictures(folder: Path) -> bool:
    try:
        return any(path.suffix.lower() in PICTURE_SUFFIXES for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise DataError(f"{folder}: the folder cannot be read: {error.strerror}") from error
