"""A place for one thing: whoever is too slow gets the newest, and what was missed is counted."""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class NewestOnly(Generic[T]):
    """Hands things from one thread to another; a thing that is not taken in time gives way to the next one.

    Who waits in `take` has taken what comes next, awake or not: of two things that come at once both are worked on.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._things: deque[T] = deque()
        self._room = 1
        self._closed = False
        self._dropped = 0
        self.waited = False
        """Whether what was taken last lay there before it was asked for: whoever takes is behind."""

    def put(self, thing: T) -> None:
        """Offers a thing; one that still waits is dropped and counted."""
        with self._condition:
            if len(self._things) == self._room:
                self._things.pop()
                self._dropped += 1
            self._things.append(thing)
            self._condition.notify()

    def take(self) -> T | None:
        """Waits for a thing and takes it; None once closed."""
        with self._condition:
            self._room = 2
            self.waited = bool(self._things)
            self._condition.wait_for(lambda: self._closed or bool(self._things))
            self._room = 1
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
