"""Files that commands write for their user."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


class OutputError(OSError):
    """A file or folder cannot be written."""


def in_folder(path: Path) -> Path:
    """The path, after the folder that it is in has been made.

    Raises:
        OutputError: It cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path.parent}: the folder cannot be made: {error.strerror}") from error
    return path


@contextmanager
def opened_log(path: Path) -> Iterator[IO[str]]:
    """A log of which every line is flushed when it is written: closing it could only say once more what failed then.

    Raises:
        OutputError: It cannot be opened.
    """
    try:
        log = in_folder(path).open("w")
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(f"{path}: the log cannot be written: {error.strerror}") from error
    try:
        yield log
    finally:
        with suppress(OSError):
            log.close()
