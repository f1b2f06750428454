"""What perception tells of the made-up world, message by message: late, noisy, with gaps, restarts and wrong stamps."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.harness.behaviour_world import (
    BECKON,
    FIST,
    NOTHING,
    STOPS,
    Actor,
    Delivered,
    RobotPose,
    Scenario,
    in_view,
    places_of,
)
from face_perception.identity import NOT_EXAMINED, Identity, IdentityState
from gesture_perception.gesture_events import EventKind, GestureEvents
from gesture_perception.hand import NOT_EXAMINED as NO_POSE
from gesture_perception.hand import Gesture, Hand, Origin, Side
from perception_core.depth import Position3D, PositionSource
from perception_core.geometry import Box
from person_perception.behaviours.sight import GestureSeen, HandSeen, PersonSeen, Place

CLOCK_NS = 1_600_000_000_000_000_000
"""The ROS clock at the beginning of a run, nanoseconds."""

_NAMED_AFTER_S = 0.8  # so long a face is looked at before a name is confirmed
_CURL_HZ = 1.6  # of the fingers of a hand that beckons
_PREDICTED_S = 0.3  # who is lost is reported for so long
_NOWHERE = Position3D((math.nan,) * 3, math.nan, 0.0, PositionSource.NONE)
_BOX = Box(0, 0, 1, 1)


@dataclass(frozen=True, slots=True)
class Message:
    """What arrives at a moment.

    Attributes:
        arrives_s: When.
        stamp_ns: Of the image.
        people: None where this is not about people.
        hands: None where this is not about hands.
        event: None where this is not one.
        delivered: For the judge, with the hands.
    """

    arrives_s: float
    stamp_ns: int
    people: tuple[PersonSeen, ...] | None = None
    hands: tuple[HandSeen, ...] | None = None
    event: GestureSeen | None = None
    delivered: Delivered | None = None


class MadePerception:
    """Looks at the world at every image."""

    def __init__(self, scenario: Scenario, clock_ns: int = CLOCK_NS) -> None:
        """Begins with ids at 1.

        Args:
            scenario: What happens.
            clock_ns: The ROS clock at the beginning of the run.
        """
        self._scenario, self._clock_ns = scenario, clock_ns
        self._random = np.random.default_rng([scenario.seed, 1])
        self._number = itertools.count()
        self._restart()

    def look(self, time_s: float, pose: RobotPose) -> list[Message]:
        """The messages of an image, in the order of their arrival; empty where there are none.

        Args:
            time_s: Of the run.
            pose: Where the robot is.
        """
        scenario = self._scenario
        trouble = scenario.trouble_at(time_s)
        if trouble is not None and trouble.stamps_off_s is None:
            self._restart()
            return []
        number = next(self._number)
        if self._random.random() < scenario.dropped:
            return []
        off_s = 0.0 if trouble is None or trouble.stamps_off_s is None else trouble.stamps_off_s
        stamp_ns = self._clock_ns + round((time_s + off_s) * 1e9)
        seen = self._seen(time_s, pose)
        arrives_s = time_s + scenario.latency_s + float(self._random.uniform(0, 0.008))
        people_s = arrives_s + float(self._random.uniform(0.002, 0.012))
        people = tuple(person for person in self._people(time_s, seen) if person is not None)
        hands = [(index, self._hand(index, time_s)) for index, place in seen.items() if place is not None]
        messages = [Message(arrives_s, stamp_ns, event=event) for event in self._gestures(hands, stamp_ns, people)]
        stops = frozenset(index for index, hand in hands if hand.gesture.label in STOPS)
        delivered = Delivered(arrives_s, time_s, trouble is None, stops, number)
        shown = tuple(HandSeen(hand.track_id, hand.gesture.label, hand.motion.label) for _, hand in hands)
        messages.append(Message(arrives_s, stamp_ns, hands=shown, delivered=delivered))
        messages.append(Message(people_s, stamp_ns, people=people))
        return messages

    def _restart(self) -> None:
        """All that was known is forgotten, and ids begin anew, in another order."""
        self._events = GestureEvents()
        self._ids: dict[int, int] = {}
        self._order = itertools.count(1)
        self._first_seen: dict[int, float] = {}
        self._last: dict[int, tuple[float, Place]] = {}

    def _seen(self, time_s: float, pose: RobotPose) -> dict[int, Place | None]:
        """Who is in view, and where, as measured; None for who is not seen now."""
        found: dict[int, Place | None] = {}
        actors = self._scenario.actors
        for index in self._random.permutation(len(actors)).tolist():
            ahead, left = places_of(actors, pose, time_s)[index]
            if actors[index].is_hidden(time_s) or not in_view(ahead, left) or self._random.random() < 0.01:
                found[index] = None
                continue
            if index not in self._ids:
                self._ids[index] = next(self._order)
                self._first_seen[index] = time_s
            distance = math.hypot(ahead, left)
            sigma = self._scenario.sigma * distance**2
            share = 1 + float(self._random.normal(0, sigma)) / distance
            found[index] = Place(ahead * share, left * share, sigma)
        return found

    def _people(self, time_s: float, seen: dict[int, Place | None]) -> Iterator[PersonSeen | None]:
        for index, place in seen.items():
            if self._scenario.actors[index].bodiless:
                continue
            if place is not None:
                self._last[index] = (time_s, place)
                yield PersonSeen(self._ids[index], place, True, self._identity(index, time_s))
            elif index in self._last and time_s - self._last[index][0] < _PREDICTED_S:
                yield PersonSeen(self._ids[index], self._last[index][1], False, self._identity(index, time_s))

    def _identity(self, index: int, time_s: float) -> Identity:
        actor = self._scenario.actors[index]
        if not actor.person_id or time_s - self._first_seen[index] < _NAMED_AFTER_S:
            return NOT_EXAMINED
        if time_s >= actor.renamed_s:
            if index % 2:
                return Identity(IdentityState.UNKNOWN)  # forgotten
            return Identity(IdentityState.CONFIRMED, "eve", "eve", 0.9)  # merged
        return Identity(IdentityState.CONFIRMED, actor.person_id, actor.person_id, 0.9)

    def _hand(self, index: int, time_s: float) -> Hand:
        """The hand of an actor, as the gesture node sees it; fingers that beckon are a fist now and then."""
        label = self._scenario.actors[index].showing(time_s)
        pose, motion = label, NOTHING
        if label == BECKON:
            motion = BECKON
            pose = FIST if math.sin(2 * math.pi * _CURL_HZ * time_s) > 0.5 else NOTHING
        if self._random.random() < 0.03:
            return Hand(self._hand_id(index), 0.9, True, Side.RIGHT, 0.9, _BOX, _NOWHERE, gesture=NO_POSE)
        return Hand(
            self._hand_id(index),
            0.9,
            False,
            Side.RIGHT,
            0.9,
            _BOX,
            _NOWHERE,
            gesture=Gesture(pose, 0.9, Origin.NETWORK),
            motion=Gesture(motion, 0.9, Origin.MOTION),
        )

    def _hand_id(self, index: int) -> int:
        return 100 + self._ids[index]

    def _gestures(
        self, hands: list[tuple[int, Hand]], stamp_ns: int, people: tuple[PersonSeen, ...]
    ) -> Iterator[GestureSeen]:
        """Events, with their authors."""
        owners = {self._hand_id(index): index for index in self._ids}
        for event in self._events.update([hand for _, hand in hands], stamp_ns):
            actor = self._actor(owners.get(event.hand.track_id))
            author = None
            if actor is not None and not actor.bodiless and not actor.anonymous:
                author = next((each for each in people if each.track_id + 100 == event.hand.track_id), None)
            yield GestureSeen(
                kind=EventKind(event.kind),
                event_id=event.event_id,
                label=event.gesture.label,
                stamp_ns=stamp_ns,
                held_s=event.duration_s,
                hand_id=event.hand.track_id,
                author_id=author.track_id if author is not None else None,
                author=author.identity if author is not None else NOT_EXAMINED,
            )

    def _actor(self, index: int | None) -> Actor | None:
        return None if index is None else self._scenario.actors[index]
