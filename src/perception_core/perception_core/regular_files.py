"""Reads files, and nothing else: a pipe would be waited for, and a device such as /dev/zero has no end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


class TooLargeError(ValueError):
    """A file that is larger than what is read; the text says how large."""


def read_regular(path: Path, most_bytes: int) -> bytes:
    """All of a regular file, or of one that a link leads to.

    Raises:
        TooLargeError: It has more bytes than that.
        OSError: It cannot be read, or is something else.
    """
    with _open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > most_bytes:
            raise TooLargeError(f"it has {size} bytes; up to {most_bytes} are read")
        return file.read(most_bytes)


def _open_regular(path: Path) -> BinaryIO:
    # Opening a pipe would wait for somebody who writes into it.
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        mode = os.fstat(number).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "it is a pipe or a device and no file", str(path))
        return os.fdopen(number, "rb")
    except BaseException:
        os.close(number)
        raise
