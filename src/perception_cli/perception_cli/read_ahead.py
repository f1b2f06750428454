"""Stages of work that overlap: each is an iterator that runs on a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import TypeVar

from perception_cli.bounded_queue import BoundedQueue

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _End:
    error: BaseException | None = None


def read_ahead(items: Iterable[T], count: int, size: Callable[[T], int] = lambda _: 0) -> Generator[T, None, None]:
    """The items, taken on a thread of its own while the caller works on those before.

    An error of the items is raised where the item would have come. Whoever stops early closes the iterator.

    Args:
        items: Taken in their order.
        count: How many may wait for the caller.
        size: Bytes of an item: fewer wait where they are large.
    """
    waiting: BoundedQueue[T | _End] = BoundedQueue(count)
    reader = threading.Thread(target=_read, args=(iter(items), size, waiting), name="read ahead")
    reader.start()
    try:
        while not isinstance(item := waiting.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        waiting.close()
        reader.join()


def _read(items: Iterable[T], size: Callable[[T], int], waiting: BoundedQueue[T | _End]) -> None:
    iterator = iter(items)
    try:
        while waiting.wait_for_room():
            item = next(iterator)
            waiting.put(item, size(item))
    except StopIteration:
        waiting.put(_End(), 0)
    except BaseException as error:  # noqa: BLE001 - raised where the items are taken
        waiting.put(_End(error), 0)
