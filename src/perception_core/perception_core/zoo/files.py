"""Files that are either whole or not there."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from perception_core.zoo.errors import CacheError, DiskFullError

Progress = Callable[[str], None]

PARTIAL = ".partial-"  # how the names of files and folders begin that are not whole yet

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_CHUNK = 1 << 20


def sha256_of(path: Path) -> str:
    """The file's sha256 in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Says what to do when something cannot be written below a path.

    Raises:
        DiskFullError: No space is left, or a quota or file size limit is reached.
        CacheError: The folder cannot be written for another reason.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise DiskFullError(
                f"{path} cannot be written: {error.strerror}. Nothing half-written was kept. Free some space, or set "
                "PERCEPTION_CACHE to a folder on another disk, and run the command again."
            ) from error
        raise CacheError(
            f"{path} cannot be written: {error.strerror}. Make the folder writable, or set PERCEPTION_CACHE to one "
            "that is."
        ) from error


def write_atomically(path: Path, data: bytes) -> None:
    """Writes a file that is never seen half-written, not even after a power cut.

    Raises:
        DiskFullError: No space is left.
        CacheError: The folder cannot be written.
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=PARTIAL)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(0o644)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Removes what a killed run left half-written; to be called while no other run writes there.

    Raises:
        CacheError: The folder cannot be written.
    """
    with storage_errors(folder):
        for path in folder.glob(f"{PARTIAL}*"):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


@contextmanager
def locked(folder: Path, progress: Progress) -> Iterator[None]:
    """Keeps other runs out of a folder; waits while one is in it.

    The lock is the operating system's: it ends with the process, however that ends.

    Raises:
        CacheError: The folder cannot be written.
    """
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / ".lock").open("w")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress(f"waiting for another run that is using {folder}")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
