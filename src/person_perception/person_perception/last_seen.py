"""What stands in for the faces or hands of an image that a node has not worked on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

from person_perception.person import SeenFace, SeenHand

_FRESH_NS = 250_000_000  # older ones say nothing of where people are


class Message(Protocol):
    """A face or a hand."""

    track_id: int
    bridged: bool


M = TypeVar("M", bound=Message)
S = TypeVar("S", SeenFace, SeenHand)


@dataclass(frozen=True, slots=True)
class Sightings(Generic[M, S]):
    """Faces or hands of one image.

    Attributes:
        seen: In the camera's frame.
        messages: The same by track, in the frame in which people are published.
    """

    seen: list[S]
    messages: dict[int, M]


class LastSeen(Generic[M, S]):
    """Reads the faces or hands of one image after the other; those of the last one stand in where there are none."""

    def __init__(self, read: Callable[[M], S]) -> None:
        """Nothing was seen yet.

        Args:
            read: Takes out of a message what people are made from.
        """
        self._read: Callable[[M], S] = read
        self._stamp_ns = 0
        self._last: Sightings[M, S] = Sightings([], {})

    def at(self, stamp_ns: int, messages: Sequence[M] | None, move: Callable[[M], Any]) -> Sightings[M, S]:
        """The faces or hands of an image.

        Args:
            stamp_ns: Of the image.
            messages: Of its faces or hands; None if no node has worked on it.
            move: Takes a message to the frame in which people are published, in place.

        Returns:
            They; those of the image before, as bridged, where it is not too old.
        """
        if messages is not None:
            seen = [self._read(message) for message in messages]
            for message in messages:
                move(message)
            self._stamp_ns, self._last = stamp_ns, Sightings(seen, {each.track_id: each for each in messages})
            return self._last
        if not 0 <= stamp_ns - self._stamp_ns <= _FRESH_NS:
            return Sightings([], {})
        for message in self._last.messages.values():
            message.bridged = True
        return Sightings([replace(each, bridged=True) for each in self._last.seen], self._last.messages)
