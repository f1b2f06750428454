"""Which files a recording consists of."""

from __future__ import annotations

import errno
import logging
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import zstandard

from perception_core.recordings import mcap_file, sqlite_file
from perception_core.recordings.error import RecordingError
from perception_core.recordings.metadata import METADATA_FILE, MetadataError, is_rosbag2, listed_files
from perception_core.recordings.stored import StoredMessage

_PACKED = ".zstd"  # rosbag2's compression of whole files
# A hostile megabyte can become 32 GB. Pictures of a camera, which have noise, become a tenth at best.
_MOST_TIMES_LARGER = 1000
_ALWAYS_UNPACKED, _PART_BYTES = 256_000_000, 1_000_000
_MOST_NAMES, _LONGEST_NAME = 3, 60  # that a warning tells
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Storage:
    """How a format is read.

    Attributes:
        topics: Types of a file's topics by name; takes topics after which no more need be looked for.
        messages: A file's messages of some topics; raises DamageError where the rest cannot be read.
    """

    topics: Callable[[Path, Collection[str]], dict[str, str]]
    messages: Callable[[Path, Collection[str]], Iterator[StoredMessage]]


_STORAGES = {
    ".mcap": Storage(mcap_file.topics, mcap_file.messages),
    ".db3": Storage(sqlite_file.topics, sqlite_file.messages),
}
RECORDING_SUFFIXES = (*_STORAGES, *(suffix + _PACKED for suffix in _STORAGES))


def is_recording(path: Path) -> bool:
    """Whether a file or folder is a recording; another folder, such as one of pictures, is none.

    Raises:
        RecordingError: It cannot be looked at.
    """
    try:
        if path.is_dir():
            return is_rosbag2(path) or bool(_stored_in(path))
        return path.is_file() and path.name.endswith(RECORDING_SUFFIXES)
    except OSError as error:
        raise _unreadable(path, error) from error


def recording_files(path: Path) -> list[Path]:
    """The files of a recording in the order in which they were recorded.

    Args:
        path: A folder, or one file of a recording.

    Raises:
        RecordingError: There are none, or they cannot be read.
    """
    try:
        files = _files_of(path) if path.is_dir() else [path]
        for file in files:
            file.open("rb").close()
    except OSError as error:
        raise _unreadable(path, error) from error
    if not files:
        raise RecordingError(f"{path}: there is no file of a recording in it ({', '.join(RECORDING_SUFFIXES)})")
    return files


def storage_of(file: Path) -> Storage:
    """How a file that is not packed is read."""
    return _STORAGES[file.suffix]


def is_packed(file: Path) -> bool:
    """Whether a file must be unpacked before it can be read."""
    return file.suffix == _PACKED


def unpacked(file: Path, folder: Path) -> Path:
    """What zstd has made smaller, as a file in a folder; of a file that is cut off, its beginning.

    Raises:
        RecordingError: There is no room for it.
    """
    target = folder / file.stem
    try:
        left = max(_ALWAYS_UNPACKED, _MOST_TIMES_LARGER * file.stat().st_size)
        with file.open("rb") as packed, target.open("wb") as plain:
            reader = zstandard.ZstdDecompressor().stream_reader(packed)
            while left > 0 and (part := reader.read(_PART_BYTES)):
                plain.write(part)
                left -= len(part)
        if left <= 0:
            _log.warning("%s is damaged: it becomes larger than any recording. What comes before is played.", file)
    except zstandard.ZstdError as error:
        _log.warning("%s is damaged: %s. What comes before is played.", file, error)
    except OSError as error:
        raise RecordingError(
            f"{file}: the recording cannot be unpacked into {folder}: {error.strerror}. "
            "Set TMPDIR to a folder with room."
        ) from error
    return target


def _files_of(folder: Path) -> list[Path]:
    stored = _stored_in(folder)
    if not (folder / METADATA_FILE).is_file():
        return stored
    try:
        listed = listed_files(folder)
    except MetadataError as error:
        _log.warning("%s. The files are played in the order of their names.", error)
        return stored
    known = [file for file in listed if file.name.endswith(RECORDING_SUFFIXES)]
    found = [file for file in known if _is_file(file)]
    missing = [file.name for file in known if file not in found]
    if missing:
        named = ", ".join(repr(name[:_LONGEST_NAME]) for name in missing[:_MOST_NAMES])
        more = f" and {len(missing) - _MOST_NAMES} more" if len(missing) > _MOST_NAMES else ""
        _log.warning("%s lacks files that its %s names: %s%s", folder, METADATA_FILE, named, more)
    return found


def _is_file(path: Path) -> bool:
    """Whether it can be read from beginning to end: no folder, and no pipe, for whose other end one would wait."""
    try:
        return path.is_file()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return False
        raise


def _stored_in(folder: Path) -> list[Path]:
    files = [file for file in folder.iterdir() if file.name.endswith(RECORDING_SUFFIXES) and file.is_file()]
    return sorted(files, key=_with_numbers)


def _with_numbers(file: Path) -> list[tuple[int, str]]:
    """Sorts bag_2 before bag_10."""
    parts = re.split(r"(\d+)", file.name)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def _unreadable(path: Path, error: OSError) -> RecordingError:
    return RecordingError(f"{error.filename or path}: the recording cannot be read: {error.strerror}")
