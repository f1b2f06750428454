"""Gathers what comes on the topics until a policy is asked what to do about it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from person_perception.behaviours.freshness import FUTURE_S, Arrival, Feed, FreshnessRules
from person_perception.behaviours.sight import GestureSeen, HandSeen, PersonSeen, Sight

_MOST_WAITING = 100  # policies are asked 50 times a second; what floods is not worth memory


@dataclass(frozen=True, slots=True)
class Now:
    """One moment by both clocks.

    Attributes:
        steady_s: By a clock that is never set.
        clock_ns: By that of the stamps.
    """

    steady_s: float
    clock_ns: int


class Sightings:
    """Takes people, hands and events as they come; `look` hands them to the policy."""

    def __init__(self, rules: FreshnessRules, *, needs_hands: bool = True) -> None:
        """Begins with nothing.

        Args:
            rules: What is too old.
            needs_hands: What is seen is as old as the hands, too: a robot that cannot see a stop gesture does not move.
        """
        self._rules = rules
        self._people_feed = Feed("people", rules)
        self._hands_feed = Feed("hands", rules)
        self._feeds = (self._people_feed, self._hands_feed) if needs_hands else (self._people_feed,)
        self._people: tuple[PersonSeen, ...] = ()
        self._images: list[tuple[HandSeen, ...]] = []
        self._events: list[GestureSeen] = []
        self._jumped = False

    def take_people(self, now: Now, stamp_ns: int, people: Sequence[PersonSeen]) -> None:
        """An image's people."""
        if self._is_new(self._people_feed.took(now.steady_s, stamp_ns, now.clock_ns)):
            self._people = tuple(people)

    def take_hands(self, now: Now, stamp_ns: int, hands: Sequence[HandSeen]) -> None:
        """An image's hands, whoever's; also where its stamp is wrong: a stop is a stop."""
        arrival = self._hands_feed.took(now.steady_s, stamp_ns, now.clock_ns)
        self._jumped |= arrival is Arrival.JUMPED_BACK
        if arrival is not Arrival.REPEATED:
            self._images = [*self._images[-_MOST_WAITING + 1 :], tuple(hands)]

    def take_event(self, now: Now, event: GestureSeen) -> None:
        """What has become of a gesture."""
        age_s = (now.clock_ns - event.stamp_ns) / 1e9
        timely = -FUTURE_S <= age_s < self._rules.stale_after_s
        self._events = [*self._events[-_MOST_WAITING + 1 :], replace(event, timely=timely)]

    def look(self, now_s: float) -> Sight:
        """What is known now; images of hands and events are handed over once."""
        troubles = [trouble for feed in self._feeds if (trouble := feed.trouble(now_s))]
        trusted = math.isfinite(self._people_feed.at_s)
        sight = Sight(
            people=self._people if trusted else (),
            people_at_s=self._people_feed.at_s,
            images=tuple(self._images),
            events=tuple(self._events),
            age_s=max(feed.age_s(now_s) for feed in self._feeds),
            trouble="; ".join(troubles),
            jumped=self._jumped,
        )
        self._images, self._events, self._jumped = [], [], False
        return sight

    def _is_new(self, arrival: Arrival) -> bool:
        self._jumped |= arrival is Arrival.JUMPED_BACK
        return arrival is Arrival.FRESH
