"""A private file while it is in use: others may remove, replace or overwrite it.

SQLite does not look: it goes on with a file that has no name any more, and what is written there is lost when it ends.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from perception_core.private_store.kind import StoreKind
from perception_core.private_store.place import HEADER_BYTES, is_of

_LOG_SUFFIXES = ("-wal", "-shm")

_Identity = tuple[int, int]


class FileInUse:
    """The file itself beside SQLite's connection to it.

    As long as it is open, no other file gets its device and inode. It is not to be closed before the connection is:
    that would free the locks which SQLite holds on the file.
    """

    def __init__(self, path: Path, *, writable: bool) -> None:
        """Opens it.

        Args:
            path: Of the file, which has to be there.
            writable: Whether it may be written; an overlay of file systems may have another file for who writes.

        Raises:
            OSError: It cannot be opened.
        """
        self._path = path
        self._file = path.open("rb+" if writable else "rb", buffering=0)
        self._identity = _identity(os.fstat(self._file.fileno()))
        self._logs: dict[Path, _Identity] = {}

    def close(self) -> None:
        """Frees it."""
        self._file.close()

    def is_there(self) -> bool:
        """Whether it is still what is at its place."""
        return _at(self._path) == self._identity

    def is_of(self, kind: StoreKind) -> bool:
        """Whether it could be opened again, as far as its beginning tells."""
        return is_of(kind, os.pread(self._file.fileno(), HEADER_BYTES, 0))

    def note_logs(self) -> None:
        """Remembers the files that SQLite has made beside it."""
        places = [self._path.with_name(self._path.name + suffix) for suffix in _LOG_SUFFIXES]
        self._logs = {place: found for place in places if (found := _at(place)) is not None}

    def remove_logs(self) -> None:
        """Removes what is left of those: SQLite would take them for those of the file that comes to its place.

        Raises:
            OSError: They cannot be removed.
        """
        for place, identity in self._logs.items():
            if _at(place) == identity:
                with suppress(FileNotFoundError):
                    place.unlink()


def is_missing(path: Path) -> bool:
    """Whether nothing is there, not even a link that leads nowhere; false where that cannot be told."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _at(path: Path) -> _Identity | None:
    try:
        return _identity(path.stat())
    except (OSError, RuntimeError):  # RuntimeError: a link in a circle, in some Pythons
        return None


def _identity(found: os.stat_result) -> _Identity:
    return found.st_dev, found.st_ino
