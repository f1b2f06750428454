"""From what hands show in each image to gestures that were meant: with a beginning, a duration and an end.

What counts is time, not images. Evidence for a gesture grows while it is shown and shrinks twice as fast while it is
not, so that one that flickers neither begins nor ends; on slow cameras a gesture has to be in three images at least.
Poses and motions of one hand are followed beside each other.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from gesture_perception.hand import Gesture, Hand
from perception_core.stamps import JUMP_BACK_NS

_FORGETS = 2.0  # times as fast as evidence grows
_MOST_PER_IMAGE_S = 0.25  # nobody knows what was shown in a longer gap between two images
_LEAST_IMAGES = 3
_ROUNDING_S = 1e-6  # stamps are not whole steps of time
_MOTION_ENDS_AFTER_S = 0.25  # motions have an end of their own; two swipes are further apart


class EventKind(Enum):
    """What has become of a gesture; the values are those of perception_msgs/GestureEvent."""

    STARTED = 0
    HELD = 1
    ENDED = 2


@dataclass(frozen=True, slots=True)
class GestureEvent:
    """A gesture begins, goes on or ends.

    Attributes:
        kind: Which of them.
        event_id: The same from STARTED to ENDED, never used again; 1 or more.
        gesture: As it was last shown.
        duration_s: Since it was first seen; at its end, until it was last seen.
        hand: Who shows it, as of the last image with that hand.
    """

    kind: EventKind
    event_id: int
    gesture: Gesture
    duration_s: float
    hand: Hand


@dataclass(frozen=True, slots=True)
class EventRules:
    """When a gesture begins and ends.

    Attributes:
        start_after_s: So long a pose has to be shown, seconds.
        end_after_s: So long it has to be gone.
        held_every_s: How often it is said that a gesture goes on.
        motion_start_after_s: So long a motion has to go on after it was recognised; a swipe is over by then, and shown
            for a moment only.
    """

    start_after_s: float = 0.2
    end_after_s: float = 0.25
    held_every_s: float = 0.5
    motion_start_after_s: float = 0.0

    def __post_init__(self) -> None:
        """Raises ValueError where a time is negative, or `held_every_s` is not above 0."""
        times = (self.start_after_s, self.end_after_s, self.motion_start_after_s)
        if not (all(time >= 0 for time in times) and self.held_every_s > 0):
            raise ValueError(f"needs times of at least 0 s and held_every_s above 0 s, got {self}")


@dataclass(slots=True)
class _Candidate:
    """A gesture that may begin."""

    first_ns: int
    evidence_s: float = 0.0
    images: int = 1


@dataclass(slots=True)
class _Running:
    """A gesture that has begun and not ended."""

    event_id: int
    gesture: Gesture
    first_ns: int
    last_ns: int
    held_ns: int
    absent_s: float = 0.0
    absent_images: int = 0

    def event(self, kind: EventKind, hand: Hand) -> GestureEvent:
        return GestureEvent(kind, self.event_id, self.gesture, (self.last_ns - self.first_ns) / 1e9, hand)


@dataclass(frozen=True, slots=True)
class _Limits:
    """The rules for poses, or for motions."""

    start_after_s: float
    start_images: int
    end_after_s: float
    end_images: int
    held_every_ns: int


@dataclass(frozen=True, slots=True)
class _Moment:
    """An image, for one hand.

    Attributes:
        stamp_ns: When it was taken.
        since_s: How long the last image is ago.
        hand: As it was last seen.
        limits: The rules for what is looked at.
    """

    stamp_ns: int
    since_s: float
    hand: Hand
    limits: _Limits


@dataclass(slots=True)
class _Channel:
    """The poses of one hand, or its motions."""

    running: _Running | None = None
    candidates: dict[str, _Candidate] = field(default_factory=dict)

    @property
    def idle(self) -> bool:
        return self.running is None and not self.candidates

    def update(self, shown: Gesture | None, now: _Moment, ids: Iterator[int]) -> list[GestureEvent]:
        """Takes in what is shown, None for nothing."""
        events = self._follow(shown, now)
        self._weigh(shown.label if shown is not None else None, now)
        candidate = self.candidates.get(shown.label) if shown is not None else None
        if shown is None or candidate is None or not _begins(candidate, now.limits):
            return events
        if self.running is not None:
            events.append(self.running.event(EventKind.ENDED, now.hand))
        held_ns = now.stamp_ns + now.limits.held_every_ns
        self.running = _Running(next(ids), shown, candidate.first_ns, now.stamp_ns, held_ns)
        self.candidates.clear()
        return [*events, self.running.event(EventKind.STARTED, now.hand)]

    def end(self, hand: Hand) -> list[GestureEvent]:
        """Ends what has begun."""
        ended = [self.running.event(EventKind.ENDED, hand)] if self.running is not None else []
        self.running = None
        self.candidates.clear()
        return ended

    def _follow(self, shown: Gesture | None, now: _Moment) -> list[GestureEvent]:
        """Says that the running gesture goes on, or ends it."""
        running, limits = self.running, now.limits
        if running is None:
            return []
        if shown is None or shown.label != running.gesture.label:
            running.absent_s += now.since_s
            running.absent_images += 1
            if running.absent_s + _ROUNDING_S >= limits.end_after_s and running.absent_images >= limits.end_images:
                self.running = None
                return [running.event(EventKind.ENDED, now.hand)]
            return []
        running.absent_s = max(0.0, running.absent_s - _FORGETS * now.since_s)
        if running.absent_s == 0:
            running.absent_images = 0
        running.gesture, running.last_ns = shown, now.stamp_ns
        if now.stamp_ns < running.held_ns:
            return []
        running.held_ns += limits.held_every_ns * (1 + (now.stamp_ns - running.held_ns) // limits.held_every_ns)
        return [running.event(EventKind.HELD, now.hand)]

    def _weigh(self, label: str | None, now: _Moment) -> None:
        """Moves the evidence for what may begin."""
        since_s = min(now.since_s, _MOST_PER_IMAGE_S)
        for name, candidate in list(self.candidates.items()):
            if name == label:
                candidate.evidence_s += since_s
                candidate.images += 1
            else:
                candidate.evidence_s -= _FORGETS * since_s
                if candidate.evidence_s <= 0:
                    del self.candidates[name]
        running = self.running.gesture.label if self.running is not None else None
        if label is not None and label != running and label not in self.candidates:
            self.candidates[label] = _Candidate(now.stamp_ns)


def _begins(candidate: _Candidate, limits: _Limits) -> bool:
    enough = candidate.evidence_s + _ROUNDING_S >= limits.start_after_s
    return enough and candidate.images >= limits.start_images


@dataclass(slots=True)
class _Followed:
    """A hand, and what it shows."""

    hand: Hand
    poses: _Channel = field(default_factory=_Channel)
    motions: _Channel = field(default_factory=_Channel)


class GestureEvents:
    """Tells when hands begin and end to show something."""

    def __init__(self, rules: EventRules | None = None, ids: Iterator[int] | None = None) -> None:
        """Begins without any hand.

        Args:
            rules: When a gesture begins and ends.
            ids: The next ones; None begins with 1.
        """
        self.rules = rules or EventRules()
        """May be replaced at any time."""
        self._ids = ids or itertools.count(1)
        self._followed: dict[int, _Followed] = {}
        self._stamp_ns: int | None = None

    def update(self, hands: Sequence[Hand], stamp_ns: int) -> list[GestureEvent]:
        """Takes in the hands of an image.

        Args:
            hands: All that are in view, each track once. A gesture without a score that is a number is not looked at.
            stamp_ns: When the image was taken. A jump back by more than 0.1 s ends all that has begun; an image that is
                less late, or has the same stamp, is ignored.

        Returns:
            What has happened; of one hand, ends come before beginnings.
        """
        events: list[GestureEvent] = []
        if self._stamp_ns is not None and stamp_ns <= self._stamp_ns:
            if self._stamp_ns - stamp_ns <= JUMP_BACK_NS:
                return events
            events = self.end_all()
        since_s = 0.0 if self._stamp_ns is None else (stamp_ns - self._stamp_ns) / 1e9
        self._stamp_ns = stamp_ns
        seen = {hand.track_id: hand for hand in hands}
        for track_id in [*(known for known in self._followed if known not in seen), *seen]:
            events += self._of_one(track_id, seen.get(track_id), stamp_ns, since_s)
        return events

    def end_all(self) -> list[GestureEvent]:
        """Ends all that has begun, as when nobody looks any longer, and forgets the hands; ids are not used again."""
        ended = [
            event
            for one in self._followed.values()
            for channel in (one.poses, one.motions)
            for event in channel.end(one.hand)
        ]
        self._followed.clear()
        self._stamp_ns = None
        return ended

    def _of_one(self, track_id: int, hand: Hand | None, stamp_ns: int, since_s: float) -> list[GestureEvent]:
        """Events of one hand; None where it is not in view."""
        known = self._followed.get(track_id)
        if known is None:
            if hand is None:
                return []
            known = self._followed[track_id] = _Followed(hand)
        elif hand is not None:
            known.hand = hand
        pose, motion = (None, None) if hand is None else (_looked_at(hand.gesture), _looked_at(hand.motion))
        events = known.poses.update(pose, _Moment(stamp_ns, since_s, known.hand, self._for_poses), self._ids)
        events += known.motions.update(motion, _Moment(stamp_ns, since_s, known.hand, self._for_motions), self._ids)
        if hand is None and known.poses.idle and known.motions.idle:
            del self._followed[track_id]
        return events

    @property
    def _for_poses(self) -> _Limits:
        rules = self.rules
        held_ns = max(1, round(rules.held_every_s * 1e9))
        return _Limits(rules.start_after_s, _LEAST_IMAGES, rules.end_after_s, _LEAST_IMAGES, held_ns)

    @property
    def _for_motions(self) -> _Limits:
        return replace(
            self._for_poses,
            start_after_s=self.rules.motion_start_after_s,
            start_images=1,
            end_after_s=_MOTION_ENDS_AFTER_S,
            end_images=1,
        )


def _looked_at(gesture: Gesture) -> Gesture | None:
    return gesture if gesture.shown and not math.isnan(gesture.score) else None
