"""Files that commands write for their user."""

from __future__ import annotations

import errno
import io
import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from perception_core.recordings.error import RecordingError
from perception_core.recordings.files import is_recording
from perception_core.recordings.metadata import is_rosbag2
from perception_core.sources.pictures import PICTURE_SUFFIXES
from perception_core.sources.source import named_paths


class OutputError(OSError):
    """A file or folder cannot be written."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """A file that is written beside its place and takes it when it is whole; until then stays what is there.

    Attributes:
        partial: Where it is written. It stays if the process is killed.
        path: Its place.
    """

    partial: Path
    path: Path

    def complete(self) -> None:
        """Puts it into its place."""
        self.partial.replace(self.path)

    def discard(self) -> None:
        """Removes it, if it is not in its place yet."""
        self.partial.unlink(missing_ok=True)


def begun_beside(path: Path) -> Replacement:
    """An empty file that is to become another, with the same ending.

    Raises:
        OSError: It cannot be made, or the other one may not be replaced.
    """
    place = Path(os.path.realpath(path))  # a link stays one, and what it leads to is replaced
    if place.exists():
        if not place.is_file():
            code = errno.EISDIR if place.is_dir() else errno.EINVAL
            raise OSError(code, os.strerror(code), str(path))
        if not os.access(place, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    # A name of its own: what was killed before may be the source now.
    partial = place.with_name(f"{place.stem}.partial-{secrets.token_hex(3)}{place.suffix}")
    partial.open("xb").close()
    return Replacement(partial, place)


def keep_apart(source: str, outputs: Iterable[Path]) -> None:
    """Sees to it that nothing is written over its source, or over another output.

    Args:
        source: As the user names it.
        outputs: Files and folders that are going to be written.

    Raises:
        OutputError: One of them is a file of the source, in the folder of a recording, or there twice.
    """
    sources = named_paths(source)
    recordings = [folder for path in sources if (folder := _recording_folder(path))]
    read = {_identity(file) for path in sources for file in (path, *_files_read(path, path in recordings))}
    written: set[object] = set()
    for output in outputs:
        identity, place = _identity(output), Path(os.path.realpath(output))
        if identity in read:
            raise OutputError(f"{output} is read as {source}, and would be overwritten: choose another place")
        for folder in recordings:
            if Path(os.path.realpath(folder)) in place.parents:
                raise OutputError(f"{output} is in the folder of the recording {folder}: choose another place")
        if identity in written:
            raise OutputError(f"{output} cannot be both the result and the log: choose another place for one")
        written.add(identity)


def _identity(path: Path) -> object:
    """The same for all names of a file, whether it is there yet or not."""
    place = Path(os.path.realpath(path))
    try:
        status = place.stat()
    except OSError:
        return place
    return status.st_dev, status.st_ino


def _recording_folder(path: Path) -> Path | None:
    try:
        if not is_recording(path):
            return None
    except RecordingError:
        return None  # whoever opens it says why it cannot be read
    if path.is_dir():
        return path
    return path.parent if is_rosbag2(path.parent) else None


def _files_read(path: Path, recording: bool) -> list[Path]:
    """What is read of a folder: all of a recording, otherwise the pictures."""
    try:
        return [file for file in path.iterdir() if recording or file.suffix.lower() in PICTURE_SUFFIXES]
    except OSError:
        return []  # a file, or a folder of which whoever opens it says why it cannot be read


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


def missing_folders(folder: Path) -> list[Path]:
    """The folder and those that it is in, as far as they are not there yet; the innermost first."""
    return [each for each in (folder, *folder.parents) if not os.access(each, os.F_OK)]


def remove_empty(folders: Iterable[Path]) -> None:
    """Removes folders that were made for nothing, the innermost first, and files in them that nothing arrived in."""
    with suppress(OSError):  # the first that holds something, and those around it, stay
        for folder in folders:
            if folder.is_dir():
                for file in folder.iterdir():
                    if file.is_file() and not file.stat().st_size:
                        file.unlink()
                folder.rmdir()


def require_writable(path: Path) -> None:
    """Sees to it that a file can be written later; it is not changed now, and none is made.

    Raises:
        OutputError: It cannot be opened.
    """
    with opened_log(path, "result"):
        pass


@contextmanager
def opened_log(path: Path, what: str = "log") -> Iterator[IO[str]]:
    """A log of which every line is flushed when it is written: closing it could only say once more what failed then.

    What the file holds stays until the first line is written; without a line there is no new file.

    Args:
        path: Of the file.
        what: It is called in an error.

    Raises:
        OutputError: It cannot be opened.
    """
    try:
        new = not in_folder(path).exists()
        log = io.TextIOWrapper(io.BufferedWriter(_EmptiedAtFirst(str(path), "a")), encoding="utf-8")
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(f"{path}: the {what} cannot be written: {error.strerror}") from error
    try:
        yield log
    finally:
        with suppress(OSError):
            log.close()
        with suppress(OSError):
            if new and path.is_file() and not path.stat().st_size:
                path.unlink()


class _EmptiedAtFirst(io.FileIO):
    """A file that keeps its content until something is written."""

    _begun = False

    def write(self, data: Any, /) -> int:
        if not self._begun and stat.S_ISREG(os.fstat(self.fileno()).st_mode):
            self.truncate(0)
        self._begun = True
        return super().write(data)
