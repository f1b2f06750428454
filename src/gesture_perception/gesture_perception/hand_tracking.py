"""Which hand is which: ids that survive a miss, a blur and a hand that is found again elsewhere.

A hand that is followed by its landmarks keeps its id without being matched: it was looked for where it was. Only who
was lost and who is new are compared, by place, size and side. A filter of position and velocity, which faces have, is
of no use here: a hand that waves turns round within two images.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gesture_perception.hand_finding import HandSighting
from perception_core.depth import Position3D
from perception_core.geometry import Box

_NEAR = 1.0  # sizes of the hand that a lost one may have gone at once ...
_SPEED = 6.0  # ... and in every second of its absence
_SIZES = 2.0  # so many times larger or smaller it may look
_SIDE_WRONG = 1.0  # sizes of the hand that the wrong side counts for
_SURE = 0.8  # a newcomer with this presence is a hand at once, a weaker one when it is seen again
_BRIDGED_S = 0.1  # a hand that is lost goes on as it did for so long, and then stays


@dataclass(frozen=True, slots=True, eq=False)
class LocatedHand:
    """A hand in one image, and where it is.

    Attributes:
        sighting: What was found.
        position: Of the wrist.
    """

    sighting: HandSighting
    position: Position3D


@dataclass(frozen=True, slots=True, eq=False)
class HandTrack:
    """One hand over time, as of one image.

    Attributes:
        id: Positive; never used again by the same tracker.
        last: As it was last seen.
        last_seen_ns: When that was.
        stamp_ns: Of the image.
        shift: Pixels that it has gone since, as far as that can be told.
    """

    id: int
    last: LocatedHand
    last_seen_ns: int
    stamp_ns: int
    shift: tuple[float, float] = (0.0, 0.0)

    @property
    def seen(self) -> bool:
        """Whether it was found in this image."""
        return self.stamp_ns == self.last_seen_ns

    @property
    def missed_s(self) -> float:
        """Seconds since it was last seen."""
        return (self.stamp_ns - self.last_seen_ns) / 1e9

    @property
    def box(self) -> Box:
        """Pixels; of the last sighting, gone on as it did, where it was not found."""
        box, (right, down) = self.last.sighting.box, self.shift
        return Box(box.x + right, box.y + down, box.width, box.height)


@dataclass(slots=True)
class _Record:
    id: int
    last: LocatedHand
    last_seen_ns: int
    confirmed: bool
    velocity: tuple[float, float] = (0.0, 0.0)  # pixels per second

    def see(self, hand: LocatedHand, stamp_ns: int) -> None:
        seconds = (stamp_ns - self.last_seen_ns) / 1e9
        (was_x, was_y), (is_x, is_y) = self.last.sighting.box.centre, hand.sighting.box.centre
        self.velocity = ((is_x - was_x) / seconds, (is_y - was_y) / seconds) if seconds > 0 else (0.0, 0.0)
        self.last, self.last_seen_ns, self.confirmed = hand, stamp_ns, True

    def shift(self, stamp_ns: int) -> tuple[float, float]:
        seconds = min(_BRIDGED_S, (stamp_ns - self.last_seen_ns) / 1e9)
        return self.velocity[0] * seconds, self.velocity[1] * seconds


class HandTracks:
    """Gives hands ids; not safe to use from several threads."""

    def __init__(self, keep_lost_s: float, ids: Iterator[int] | None = None) -> None:
        """Begins with nobody.

        Args:
            keep_lost_s: How long a hand that is not found keeps its id, seconds.
            ids: The next ones; None begins with 1.
        """
        self._keep_lost_ns = round(keep_lost_s * 1e9)
        self._ids = ids or itertools.count(1)
        self.reset()

    def reset(self) -> None:
        """Ends all tracks; ids are still not used again."""
        self._records: list[_Record] = []
        self._stamp_ns = 0

    def update(self, hands: Sequence[LocatedHand], stamp_ns: int) -> list[HandTrack]:
        """Takes in the hands of an image.

        Args:
            hands: Those that were followed say by `followed` which they are; each id at most once.
            stamp_ns: When the image was taken; not before the last one.

        Returns:
            All that are alive, oldest first; those that are not found for at most `keep_lost_s`. A weak newcomer is not
            among them until it has been seen twice.
        """
        self._stamp_ns = stamp_ns
        self._records = [one for one in self._records if stamp_ns - one.last_seen_ns <= self._keep_lost_ns]
        by_id = {record.id: record for record in self._records}
        new = []
        for hand in hands:
            record = by_id.pop(hand.sighting.followed, None) if hand.sighting.followed is not None else None
            if record is None:
                new.append(hand)
            else:
                record.see(hand, stamp_ns)
        for hand in self._found_again(new, list(by_id.values()), stamp_ns):
            sure = hand.sighting.landmarks.presence >= _SURE
            self._records.append(_Record(next(self._ids), hand, stamp_ns, sure))
        self._records = [one for one in self._records if one.confirmed or one.last_seen_ns == stamp_ns]
        return [
            HandTrack(one.id, one.last, one.last_seen_ns, stamp_ns, one.shift(stamp_ns))
            for one in self._records
            if one.confirmed
        ]

    @property
    def followed(self) -> dict[int, HandSighting]:
        """Who was seen in the last image, weak newcomers among them."""
        return {one.id: one.last.sighting for one in self._records if one.last_seen_ns == self._stamp_ns}

    def _found_again(self, new: list[LocatedHand], lost: list[_Record], stamp_ns: int) -> list[LocatedHand]:
        """Gives newcomers to those who were lost, nearest first; returns those left over."""
        pairs = sorted(
            (cost, one, other)
            for one, hand in enumerate(new)
            for other, record in enumerate(lost)
            if (cost := _cost(hand, record, stamp_ns)) is not None
        )
        taken: set[int] = set()
        for _, one, other in pairs:
            if one not in taken and lost[other].last_seen_ns < stamp_ns:
                lost[other].see(new[one], stamp_ns)
                taken.add(one)
        return [hand for one, hand in enumerate(new) if one not in taken]


def _cost(hand: LocatedHand, record: _Record, stamp_ns: int) -> float | None:
    """How far a hand is from where it was lost, in its sizes; None where it cannot be the same."""
    box, last = hand.sighting.box, record.last.sighting.box
    size, before = _size(box), _size(last)
    if not 1 / _SIZES <= size / before <= _SIZES:
        return None
    right, down = record.shift(stamp_ns)
    (x, y), (was_x, was_y) = box.centre, last.centre
    way = math.hypot(x - was_x - right, y - was_y - down) / max(size, before)
    way += _SIDE_WRONG * abs(hand.sighting.landmarks.right - record.last.sighting.landmarks.right)
    reach = _NEAR + _SPEED * (stamp_ns - record.last_seen_ns) / 1e9
    return way if way <= reach else None


def _size(box: Box) -> float:
    return max(box.width, box.height, 1.0)
