"""Opens files, and nothing else: a pipe would be waited for, and a device such as /dev/zero has no end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


def open_regular(path: Path) -> BinaryIO:
    """A regular file, or one that a link leads to, for reading.

    Raises:
        OSError: It cannot be opened, or is something else.
    """
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
