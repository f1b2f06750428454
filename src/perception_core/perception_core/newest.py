"""A place for one thing: whoever is too slow gets the newest, and what was missed is counted."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class NewestOnly(Generic[T]):
    """Hands things from one thread to another; a thing that is not taken in time gives way to the next one."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._waiting: T | None = None
        self._closed = False
        self._dropped = 0

    def put(self, thing: T) -> None:
        """Offers a thing; one that still waits is dropped and counted."""
        with self._condition:
            if self._waiting is not None:
                self._dropped += 1
            self._waiting = thing
            self._condition.notify()

    def take(self) -> T | None:
        """Waits for a thing and takes it; None once closed."""
        with self._condition:
            self._condition.wait_for(lambda: self._closed or self._waiting is not None)
            if self._closed:
                return None
            thing, self._waiting = self._waiting, None
            return thing

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
