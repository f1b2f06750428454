"""What waits between two threads, bounded by its number and by its memory."""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

_MOST_BYTES = 64_000_000  # two frames of 3840x2160, and more of most others than may wait anyway

T = TypeVar("T")


class BoundedQueue(Generic[T]):
    """First in, first out; full as soon as so many things or so many bytes wait. What makes it full may be of any size.

    It has one thread that puts and one that gets.
    """

    def __init__(self, most: int, most_bytes: int = _MOST_BYTES) -> None:
        """An empty one.

        Args:
            most: How many things may wait.
            most_bytes: How much memory they may take before the next has to wait.
        """
        self._most = most
        self._most_bytes = most_bytes
        self._items: deque[tuple[T, int]] = deque()
        self._bytes = 0
        self._closed = False
        self._changed = threading.Condition()

    def wait_for_room(self) -> bool:
        """Waits while it is full; False if it has been closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or not self._full())
            return not self._closed

    def put(self, item: T, size: int, *, wait: bool = True) -> bool:
        """Appends.

        Args:
            item: Anything.
            size: Bytes that it takes.
            wait: For room; otherwise nothing is appended where there is none.

        Returns:
            Whether it was appended.
        """
        if wait and not self.wait_for_room():
            return False
        with self._changed:
            if self._closed or self._full():
                return False
            self._items.append((item, size))
            self._bytes += size
            self._changed.notify_all()
            return True

    def get(self) -> T:
        """Takes what has waited longest, and waits until there is something."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._items))
            item, size = self._items.popleft()
            self._bytes -= size
            self._changed.notify_all()
            return item

    def empty(self) -> bool:
        """Whether nothing waits."""
        return not self._items

    def close(self) -> None:
        """Nothing is appended any more, and nobody waits for room."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _full(self) -> bool:
        return len(self._items) >= self._most or self._bytes >= self._most_bytes
