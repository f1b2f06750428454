"""Greet people: once per person and visit, by name where that is known."""

from __future__ import annotations

import math
from dataclasses import dataclass

from face_perception.identity import Identity, IdentityState
from person_perception.behaviours.sight import PersonSeen, Sight

_MOST_GONE = 1000  # visits that are remembered although nobody is there: of a fair, the last hour's


@dataclass(frozen=True, slots=True)
class GreetRules:
    """Who is greeted, when, and how.

    Attributes:
        known: What is said to somebody who is confirmed; {name} stands for the name.
        stranger: What is said to others; empty to say nothing.
        name_wait_s: So long a name is waited for before somebody is taken for a stranger.
        visit_over_s: Who was gone for so long is greeted again.
        when_looking: Only who looks at the camera is greeted.
        within_m: Who is further away is not greeted; 0 for any distance.
    """

    known: str = "Hello, {name}!"
    stranger: str = "Hello!"
    name_wait_s: float = 2.0
    visit_over_s: float = 60.0
    when_looking: bool = False
    within_m: float = 0.0


@dataclass(slots=True)
class _Visit:
    """Somebody's stay.

    Attributes:
        seen_s: For how long they were seen.
        gone_s: For how long they have not been, while others could be.
        greeted: Whether they were.
        tracks: Under which they were seen.
        person_id: Empty while they have none.
    """

    seen_s: float
    gone_s: float
    greeted: bool
    tracks: set[int]
    person_id: str


class Greeter:
    """The policy."""

    def __init__(self, rules: GreetRules) -> None:
        """Nobody has been greeted.

        Args:
            rules: Who is, when, and how.
        """
        self._rules = rules
        self._visits: list[_Visit] = []
        self._at_s = math.nan

    def __call__(self, now_s: float, sight: Sight) -> list[str]:
        """What is to be said at a moment.

        Args:
            now_s: By a steady clock.
            sight: What is known. While that is too old nobody is greeted, and nobody counts as gone.
        """
        since_s = now_s - self._at_s if now_s > self._at_s else 0.0
        self._at_s = now_s
        if sight.jumped:
            for visit in self._visits:
                visit.tracks.clear()  # what comes now may be another recording, with the same numbers
        if sight.trouble:
            return []
        present = {id(visit): (visit, person) for person in sight.people for visit in [self._visit_of(person)]}
        for visit in self._visits:
            if id(visit) in present:
                visit.seen_s, visit.gone_s = visit.seen_s + since_s, 0.0
            else:
                visit.gone_s += since_s
        self._forget()
        return [text for visit, person in present.values() if (text := self._greeting(visit, person))]

    def _visit_of(self, person: PersonSeen) -> _Visit:
        """The stay that somebody is in; the face says more than the track, which ends when they turn away."""
        person_id = person.identity.person_id if _is_somebody(person.identity) else ""
        by_id = next((visit for visit in self._visits if person_id and visit.person_id == person_id), None)
        by_track = next((visit for visit in self._visits if person.track_id in visit.tracks), None)
        visit = by_id or by_track
        if visit is None:
            visit = _Visit(0.0, 0.0, False, set(), person_id)
            self._visits.append(visit)
        elif by_track is not None and by_track is not visit:
            visit.greeted |= by_track.greeted
            by_track.tracks.discard(person.track_id)
            if not by_track.tracks and not by_track.person_id:
                self._visits.remove(by_track)
        visit.tracks.add(person.track_id)
        visit.person_id = person_id or visit.person_id
        return visit

    def _forget(self) -> None:
        self._visits = [visit for visit in self._visits if visit.gone_s < self._rules.visit_over_s]
        for visit in sorted(self._visits, key=lambda each: each.gone_s)[_MOST_GONE:]:
            self._visits.remove(visit)

    def _greeting(self, visit: _Visit, person: PersonSeen) -> str:
        rules = self._rules
        if visit.greeted or (rules.when_looking and not person.looking) or not self._is_near(person):
            return ""
        if person.identity.state is IdentityState.CONFIRMED:
            visit.greeted = True
            return rules.known.replace("{name}", person.identity.name)
        if visit.seen_s < rules.name_wait_s:
            return ""
        visit.greeted = True
        return rules.stranger

    def _is_near(self, person: PersonSeen) -> bool:
        within_m = self._rules.within_m
        return within_m == 0 or (person.place is not None and person.place.distance_m <= within_m)


def _is_somebody(identity: Identity) -> bool:
    """Whether it is an id to go by: who only resembles somebody is not them."""
    return identity.state in (IdentityState.CONFIRMED, IdentityState.UNKNOWN) and bool(identity.person_id)
