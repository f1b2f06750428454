"""What many frames say of whose hand it is: evidence that adds up with time and is forgotten with time.

What counts is time, not frames: those that follow each other closely say much the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gesture_perception.hand import Side
from person_perception.belonging import Odds

_SAME_S = 0.25  # what is seen within this time counts once
_FORGETS_S = 1.5
_FIRST = -1.5  # one look alone is not believed against somebody: a wrist is at times measured on what is behind it
_MOST = 8.0  # a wrong guess is mended in about a second, however old it is
_NEW_NS, _AGAIN_NS = 300_000_000, 60_000_000
_HELD_FORGETS_S = 5.0  # what cannot be examined any more, of somebody whose face is lost
Slot = tuple[int, Side]
"""Somebody's right or left hand."""


@dataclass(slots=True)
class Pair:
    """A hand and somebody.

    Attributes:
        right: Log-odds that it is the person's right hand.
        left: Likewise the left one.
        stamp_ns: Of the last evidence.
    """

    right: float
    left: float
    stamp_ns: int

    def of(self, side: Side) -> float:
        """Of one side."""
        return self.right if side is Side.RIGHT else self.left

    @property
    def best(self) -> float:
        """Of the likelier side."""
        return max(self.right, self.left)

    def add(self, odds: Odds, stamp_ns: int) -> None:
        """Takes in what one frame says."""
        passed_s = (stamp_ns - self.stamp_ns) / 1e9
        kept, counts = math.exp(-passed_s / _FORGETS_S), min(passed_s / _SAME_S, 1.0)
        self.right = _bounded(self.right * kept + odds[0] * counts)
        self.left = _bounded(self.left * kept + odds[1] * counts)
        self.stamp_ns = stamp_ns

    def fade(self, stamp_ns: int) -> None:
        """Nothing was to be seen of it in this frame."""
        kept = math.exp(-(stamp_ns - self.stamp_ns) / 1e9 / _HELD_FORGETS_S)
        self.right, self.left, self.stamp_ns = self.right * kept, self.left * kept, stamp_ns


@dataclass(slots=True)
class HandEvidence:
    """All that is known of whose hand one is.

    Attributes:
        seen_ns: When the hand was last in view.
        pairs: By person.
        owner: The person it is given to; None for nobody.
        came_ns: When the hand was first in view.
        examined_ns: When it was last compared with people; 0 for never.
        barred: Until when it is not somebody's right or left hand: another one was that beside it.
    """

    seen_ns: int
    came_ns: int
    pairs: dict[int, Pair] = field(default_factory=dict)
    owner: int | None = None
    examined_ns: int = 0
    barred: dict[Slot, int] = field(default_factory=dict)

    def is_new(self, now_ns: int) -> bool:
        """Whether so little is known that every frame counts."""
        return now_ns - self.came_ns < _NEW_NS or not self.examined_ns

    def is_due(self, now_ns: int) -> bool:
        """Whether another frame says anything."""
        return now_ns - self.examined_ns >= _AGAIN_NS or self.is_new(now_ns)

    def take(self, odds: Mapping[int, Odds | None], now_ns: int) -> None:
        """Takes in how well the hand goes with people.

        Args:
            odds: By person; None where the frame does not tell. Who is missing could not be compared.
            now_ns: Stamp of the frame.
        """
        self.examined_ns = now_ns
        for person, pair in self.pairs.items():
            if odds.get(person) is None:
                pair.fade(now_ns)
        for person, evidence in odds.items():
            if evidence is None:
                continue
            if person in self.pairs:
                self.pairs[person].add(evidence, now_ns)
            else:
                self.pairs[person] = Pair(max(evidence[0], _FIRST), max(evidence[1], _FIRST), now_ns)


class Evidence:
    """Of every hand and person."""

    def __init__(self) -> None:
        self._hands: dict[int, HandEvidence] = {}

    def hand(self, track_id: int, stamp_ns: int) -> HandEvidence:
        """What is known of a hand that is in view now."""
        known = self._hands.get(track_id)
        if known is None:
            known = self._hands[track_id] = HandEvidence(stamp_ns, stamp_ns)
        known.seen_ns = stamp_ns
        return known

    def forget(self, before_ns: int, people: Iterable[int]) -> None:
        """Drops hands that were last seen before a time, and everybody who is not among the people."""
        self._hands = {track_id: hand for track_id, hand in self._hands.items() if hand.seen_ns >= before_ns}
        alive = set(people)
        for hand in self._hands.values():
            for gone in [person for person in hand.pairs if person not in alive]:
                del hand.pairs[gone]

    def rename(self, person: int, now: int) -> None:
        """What was known of one person is known of another: they are the same."""
        for hand in self._hands.values():
            if person in hand.pairs:
                hand.pairs[now] = hand.pairs.pop(person)
            if hand.owner == person:
                hand.owner = now


def _bounded(odds: float) -> float:
    return min(max(odds, -_MOST), _MOST)
