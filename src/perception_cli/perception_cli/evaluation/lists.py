"""The list that a data set comes with: which one it is, its lines, and where the pictures lie that it names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from perception_cli.evaluation.pictures import DataError, files_called, folder_that_holds, require_folder
from perception_cli.evaluation.splits import chosen_part

LONGEST_SHOWN = 60  # letters of what is wrong with it
_LOOKED_FOR = 50  # pictures of the list by which their folder is known


def chosen_list(data: Path, pattern: str, part_of: Callable[[Path], str], split: str | None) -> tuple[str, Path]:
    """The part of a data set that is wanted, and its list.

    Args:
        data: The data set's folder; the list lies in it or below.
        pattern: Of the names of its lists, as of a shell.
        part_of: Which part a list is of.
        split: See `chosen_part`.

    Raises:
        DataError: There is no such list.
    """
    lists = {part_of(path): path for path in files_called(require_folder(data), pattern)}
    if not lists:
        raise DataError(f"{data}: no {pattern} is in this folder or below it")
    part = chosen_part(lists, split, data)
    return part, lists[part]


def lines_of(path: Path) -> list[str]:
    """The lines of a list.

    Raises:
        DataError: It cannot be read.
    """
    try:
        return path.read_text("utf-8", errors="replace").splitlines()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from error


def folder_of_pictures(data: Path, path: Path, names: Sequence[str]) -> Path:
    """Where the pictures lie that a list names.

    Args:
        data: The data set's folder.
        path: The list.
        names: In the order of the list.

    Raises:
        DataError: Not one of the first ones is there.
    """
    folder = folder_that_holds(data, names[:_LOOKED_FOR])
    if folder is None:
        wanted = (names or ["?"])[0][:LONGEST_SHOWN]
        raise DataError(f"{data}: none of the pictures is there that {path.name} names, such as {wanted}")
    return folder
