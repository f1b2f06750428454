"""What stands where a gallery is looked for: only a regular file can be one, and nothing else is touched."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from face_perception.gallery_errors import GalleryError

APPLICATION_ID = 0x66616365  # "face"
PAGE_BYTES = 16384  # seven embeddings of 2 KB to a page; with 4 KB half of every page would be empty
_HEADER_BYTES = 100
_SQLITE = b"SQLite format 3\0"
_KINDS = ((stat.S_ISDIR, "folder"), (stat.S_ISFIFO, "pipe"), (stat.S_ISSOCK, "socket"))


def holds_anything(path: Path) -> bool:
    """Whether something is there that is, or should be, a gallery; an empty file is none yet."""
    if path.is_file():
        return path.stat().st_size > 0
    return path.is_symlink() or path.exists()


def taken_as_gallery(path: Path) -> bool:
    """Makes what is there readable for its owner only, if it is a gallery or an empty file.

    Returns:
        Whether it is one as far as its beginning tells; if not, it is as it was.

    Raises:
        GalleryError: It is no regular file, or a link that leads nowhere.
        OSError: It cannot be read.
    """
    _refuse_other_kind(path, _mode(path))
    # Between the two looks it may have been replaced: what is open is what counts, and opening a pipe must not wait.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        found = os.fstat(handle)
        _refuse_other_kind(path, found.st_mode)
        header = os.read(handle, _HEADER_BYTES)
        if found.st_mode & 0o077 and found.st_uid == os.geteuid() and (not header or _is_ours(header)):
            os.fchmod(handle, 0o600)
        return not header or header.startswith(_SQLITE)
    finally:
        os.close(handle)


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except (FileNotFoundError, RuntimeError) as error:  # RuntimeError: a link in a circle, in some Pythons
        raise _leads_nowhere(path) from error
    except OSError as error:
        if path.is_symlink() and not os.path.exists(path):  # noqa: PTH110 - never raises
            raise _leads_nowhere(path) from error
        raise


def _leads_nowhere(path: Path) -> GalleryError:
    return GalleryError(f"{path} cannot be a gallery: the link leads nowhere. Name a file, or mend the link.")


def _refuse_other_kind(path: Path, mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    kind = next((name for is_one, name in _KINDS if is_one(mode)), "device")
    raise GalleryError(f"{path} is a {kind}, not a gallery: name a file")


def _is_ours(header: bytes) -> bool:
    """Also a gallery whose first page is still in its log only: its pages have our size, which few others have."""
    application, page = int.from_bytes(header[68:72], "big"), int.from_bytes(header[16:18], "big")
    return header.startswith(_SQLITE) and (application == APPLICATION_ID or (application == 0 and page == PAGE_BYTES))
