"""Pictures of a data set, and where in a folder they lie."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from perception_core.frame import ColourImage
from perception_core.sources.pictures import PICTURE_SUFFIXES, read_picture

_SEED = 0
_MOST_DIGITS = 9
_LONGEST_NAME, _LONGEST_PATH = 255, 4096  # bytes, as Linux has them
_DEEPEST = 4  # folders between that of the data and those that hold pictures

T = TypeVar("T")


class DataError(RuntimeError):
    """A data set that cannot be found, or is not what it is said to be; the text says what is expected."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a data set.

    Attributes:
        name: As it is called where something is said of it.
        read: Its pixels, HxWx3 uint8, BGR; raises SourceError where they cannot be read.
    """

    name: str
    read: Callable[[], ColourImage]

    @classmethod
    def in_file(cls, path: Path, folder: Path) -> Picture:
        """A picture file, called by its path within the data's folder."""
        name = str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)
        return cls(name, lambda: read_picture(path))


def drawn(items: Sequence[T], limit: int | None) -> list[T]:
    """All, or as many as wanted, in an order that is random and always the same: the first ones are a fair sample."""
    wanted = len(items) if limit is None else min(limit, len(items))
    return random.Random(_SEED).sample(list(items), wanted)


def require_folder(path: Path) -> Path:
    """The folder of a data set.

    Raises:
        DataError: There is none, or it cannot be read.
    """
    try:
        next(iter(path.iterdir()), None)
    except NotADirectoryError as error:
        raise DataError(f"{path} is a file; name the folder that the data set lies in") from error
    except OSError as error:
        raise DataError(f"{path}: the folder cannot be read: {error.strerror}") from error
    return path


def subfolders(folder: Path) -> list[Path]:
    """The folders in it, in the order of their names; hidden ones are none.

    Raises:
        DataError: It cannot be read.
    """
    try:
        return sorted(each for each in folder.iterdir() if each.is_dir() and not each.name.startswith("."))
    except OSError as error:
        raise DataError(f"{folder}: the folder cannot be read: {error.strerror}") from error


def picture_files(folder: Path) -> list[Path]:
    """All pictures in it and in the folders below, in the order of their names.

    Raises:
        DataError: One of the folders cannot be read.
    """
    return files_with(folder, PICTURE_SUFFIXES)


def files_with(folder: Path, suffixes: Collection[str]) -> list[Path]:
    """The files in it and in the folders below that end like that, in the order of their names.

    Args:
        folder: Where to look.
        suffixes: In lower case, with their dots.

    Raises:
        DataError: One of the folders cannot be read.
    """
    return sorted(path for path in _files(folder) if path.suffix.lower() in suffixes)


def files_called(folder: Path, pattern: str) -> list[Path]:
    """The files in it and in the folders below whose name fits, in the order of their names.

    Args:
        folder: Where to look.
        pattern: As of a shell.

    Raises:
        DataError: One of the folders cannot be read.
    """
    return sorted(path for path in _files(folder) if path.match(pattern))


def folder_that_holds(folder: Path, names: Iterable[str]) -> Path | None:
    """The folder, it or one below, in which one of the files lies that a list names; None if there is none."""
    wanted = list(names)
    level = [folder]
    for _ in range(_DEEPEST):
        for each in level:
            if any(_is_file(each / name) for name in wanted):
                return each
        level = [below for each in level for below in subfolders(each)]
    return None


def can_be_file(name: str) -> bool:
    """Whether a file can have that name; a damaged list has names of any length."""
    return (
        "\0" not in name
        and len(os.fsencode(name)) < _LONGEST_PATH
        and max(len(os.fsencode(part)) for part in name.split("/")) <= _LONGEST_NAME
    )


def small_number(text: str) -> int | None:
    """A count of a list, in plain digits; None where it is none that a data set has."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else None


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths = (Path(place) / name for name in names if not name.startswith("."))
        yield from (path for path in paths if _is_file(path))


def _is_file(path: Path) -> bool:
    """Whether it is a file that can be read to its end, and no pipe or device."""
    try:
        return path.is_file()
    except OSError:  # a name that is too long, of a damaged list
        return False


def _refuse(error: OSError) -> None:
    raise DataError(f"{error.filename}: the folder cannot be read: {error.strerror}") from error
