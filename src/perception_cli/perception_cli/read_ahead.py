"""Stages of work that overlap: each is an iterator that runs on a thread of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def read_ahead(items: Iterable[T], count: int) -> Generator[T, None, None]:
    """The items, taken on a thread of its own while the caller works on those before.

    An error of the items is raised where the item would have come. Whoever stops early closes the iterator.

    Args:
        items: Taken in their order.
        count: How many may wait for the caller.
    """
    iterator = iter(items)
    end = object()
    with ThreadPoolExecutor(1, "read ahead") as reader:
        waiting = deque(reader.submit(next, iterator, end) for _ in range(count))
        try:
            while (item := waiting.popleft().result()) is not end:
                waiting.append(reader.submit(next, iterator, end))
                yield item  # type: ignore[misc]  # all but the end are items
        finally:
            reader.shutdown(cancel_futures=True)
