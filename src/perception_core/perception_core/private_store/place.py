"""What stands where a private file is looked for: only a regular file can be one, and nothing else is touched."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from perception_core.private_store.errors import StoreError
from perception_core.private_store.kind import StoreKind

PAGE_BYTES = 16384  # seven embeddings of 2 KB to a page; with 4 KB half of every page would be empty
HEADER_BYTES = 100
_SQLITE = b"SQLite format 3\0"
_KINDS = ((stat.S_ISDIR, "folder"), (stat.S_ISFIFO, "pipe"), (stat.S_ISSOCK, "socket"))


def holds_anything(path: Path) -> bool:
    """Whether something is there that is, or should be, a private file; an empty file is none yet."""
    if path.is_file():
        return path.stat().st_size > 0
    return path.is_symlink() or path.exists()


def taken_as(kind: StoreKind, path: Path) -> bool:
    """Makes what is there readable for its owner only, if it is of a kind, or an empty file.

    Returns:
        Whether it is a database as far as its beginning tells; if not, it is as it was.

    Raises:
        StoreError: It is no regular file, or a link that leads nowhere.
        OSError: It cannot be read.
    """
    _refuse_other(kind, path, _mode(kind, path))
    # Between the two looks it may have been replaced: what is open is what counts, and opening a pipe must not wait.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        found = os.fstat(handle)
        _refuse_other(kind, path, found.st_mode)
        header = os.read(handle, HEADER_BYTES)
        if found.st_mode & 0o077 and found.st_uid == os.geteuid() and (not header or is_of(kind, header)):
            os.fchmod(handle, 0o600)
        return not header or header.startswith(_SQLITE)
    finally:
        os.close(handle)


def is_of(kind: StoreKind, header: bytes) -> bool:
    """Whether a file that begins like this is of a kind.

    Also one whose first page is still in its log only: its pages have our size, which few others have.
    """
    application, page = int.from_bytes(header[68:72], "big"), int.from_bytes(header[16:18], "big")
    ours = application == kind.application_id or (application == 0 and page == PAGE_BYTES)
    return header.startswith(_SQLITE) and ours


def _mode(kind: StoreKind, path: Path) -> int:
    try:
        return path.stat().st_mode
    except (FileNotFoundError, RuntimeError) as error:  # RuntimeError: a link in a circle, in some Pythons
        raise _leads_nowhere(kind, path) from error
    except OSError as error:
        if path.is_symlink() and not os.path.exists(path):  # noqa: PTH110 - never raises
            raise _leads_nowhere(kind, path) from error
        raise


def _leads_nowhere(kind: StoreKind, path: Path) -> StoreError:
    return StoreError(f"{path} cannot be a {kind.noun}: the link leads nowhere. Name a file, or mend the link.")


def _refuse_other(kind: StoreKind, path: Path, mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    other = next((name for is_one, name in _KINDS if is_one(mode)), "device")
    raise StoreError(f"{path} is a {other}, not a {kind.noun}: name a file")
