"""Shared memory of Fast DDS that processes have left behind: who is killed cannot remove its own.

Every participant has segments named at random, and beside each a file that it holds locked (flock) as long as it lives,
by which Fast DDS itself tells the living from the dead (RobustExclusiveLock in its sources; its `fastdds shm clean`
goes by the same). A lock tells the truth across containers and users, which a process id does not, and a segment's name
is never used again: what nobody holds belongs to nobody. Ports have names that come again, and a new participant takes
them over: they are left alone.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path("/dev/shm")
_SEGMENT_LOCK = re.compile(r"(?P<segment>(?:fastrtps|fastdds)_[0-9a-f]{16})_el")
_YOUNG_S = 10.0  # between making the file and locking it a participant needs microseconds


@dataclass(frozen=True, slots=True)
class StaleSegment:
    """A segment whose participant is gone.

    Attributes:
        path: Of the segment; it may be gone already.
        lock: The file by which its participant showed that it lives.
        size: Of both, in bytes.
    """

    path: Path
    lock: Path
    size: int


def stale_segments(folder: Path = FOLDER, *, young_s: float = _YOUNG_S) -> list[StaleSegment]:
    """The segments that nobody holds, by name; those of others too, as far as they can be looked at.

    Args:
        folder: Where they are.
        young_s: Lock files that were made less than so many seconds ago are left out: their participant may be just
            about to lock them.
    """
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError:
        return []  # no such memory, no segments
    found = []
    for name in names:
        matched = _SEGMENT_LOCK.fullmatch(name)
        if matched is None:
            continue
        lock, segment = folder / name, folder / matched["segment"]
        with _held_if_nobody_does(lock, young_s) as held:
            if held:
                found.append(StaleSegment(segment, lock, _size(segment) + _size(lock)))
    return found


def remove_stale_segments(folder: Path = FOLDER, *, young_s: float = _YOUNG_S) -> list[StaleSegment]:
    """Removes them and tells which; those that may not be removed, such as another user's, stay without a word.

    Each is locked while it is removed, so that of two who do this one does it.
    """
    removed = []
    for stale in stale_segments(folder, young_s=young_s):
        with _held_if_nobody_does(stale.lock, young_s) as held, contextlib.suppress(OSError):
            if held:
                stale.path.unlink(missing_ok=True)
                stale.lock.unlink()
                removed.append(stale)
    return removed


@contextmanager
def _held_if_nobody_does(lock: Path, young_s: float) -> Iterator[bool]:
    """Holds a lock file for as long as this lasts, unless somebody does, or it cannot be told."""
    try:
        descriptor = os.open(lock, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        yield False
        return
    try:
        yield _is_old(descriptor, young_s) and _take(descriptor)
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_old(descriptor: int, young_s: float) -> bool:
    return time.time() - os.fstat(descriptor).st_ctime >= young_s


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0
