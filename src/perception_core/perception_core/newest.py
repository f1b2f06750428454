"""A place for the newest thing: whoever is too slow gets that, and what was missed is counted.

A machine that stands still for a moment is no slow one: what came meanwhile is caught up with. Only who is behind for
longer has to leave something out.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

_SPARE = 2  # things that may wait for who catches up: 66 ms of a camera's images
_CATCHING_UP = 10  # things in a row that had to wait, and who takes them is too slow

T = TypeVar("T")


class NewestOnly(Generic[T]):
    """Hands things from one thread to another; a thing that is not taken in time gives way to the next one.

    Who waits in `take` has taken what comes next, awake or not.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._things: deque[T] = deque()
        self._room = _SPARE
        self._late = 0
        self._closed = False
        self._dropped = 0
        self.waited = False
        """Whether what was taken last lay there before it was asked for: whoever takes is behind."""

    def put(self, thing: T) -> None:
        """Offers a thing; one that still waits is dropped and counted."""
        with self._condition:
            while len(self._things) >= self._room:
                self._things.pop()
                self._dropped += 1
            self._things.append(thing)
            self._condition.notify()

    def take(self) -> T | None:
        """Waits for a thing and takes it; None once closed."""
        with self._condition:
            self.waited = bool(self._things)
            self._late = self._late + 1 if self.waited else 0
            room = _SPARE if self._late < _CATCHING_UP else 1
            self._room = room + 1
            self._condition.wait_for(lambda: self._closed or bool(self._things))
            self._room = room
            return None if self._closed else self._things.popleft()

    def close(self) -> None:
        """Wakes who waits; what was not taken is forgotten, and not counted as dropped."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()

    @property
    def dropped(self) -> int:
        """How many things were never taken because a newer one came."""
        with self._condition:
            return self._dropped
