"""Who may tell the robot what to do.

A gesture whose author is not known, or is not in view, has no authority. That is for what sets the robot in motion:
what stops it never asks for authority, see `stop_gestures`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from face_perception.identity import Identity, IdentityState
from person_perception.behaviours.sight import GestureSeen, PersonSeen


class Who(Enum):
    """Whose gestures count; the values are what parameters and tables say."""

    ANYONE = "anyone"
    NEAREST = "nearest"
    ENROLLED = "enrolled"
    FIRST = "first"


@dataclass(frozen=True, slots=True)
class AuthorityRule:
    """Who may.

    Attributes:
        who: ANYONE in view; the NEAREST of those in view at the time; whoever is ENROLLED and CONFIRMED; or the FIRST
            who claims it, until they are lost or give it up.
        people: With ENROLLED, names or ids of those who may; empty for everybody in the gallery.
        lost_after_s: With FIRST, so long after the holder was last seen anybody may claim.
    """

    who: Who = Who.FIRST
    people: frozenset[str] = frozenset()
    lost_after_s: float = 0.6


class Authority:
    """Tells who may, and remembers who has claimed it."""

    def __init__(self, rule: AuthorityRule) -> None:
        """Nobody has claimed anything.

        Args:
            rule: Who may.
        """
        self.rule = rule
        self._holder: PersonSeen | None = None
        self._holder_seen_s = -math.inf

    def see(self, now_s: float, people: Sequence[PersonSeen]) -> None:
        """Looks whether who has claimed it is still there; to be called whenever people are known."""
        if now_s - self._holder_seen_s > self.rule.lost_after_s:
            self._holder = None  # before anybody is compared: after a restart the same track may be another person
        if self._holder is None:
            return
        found = next((each for each in people if each.track_id == self._holder.track_id), None)
        if found is None:
            # Whoever left the view and came back has another track and the same face.
            found = next((each for each in people if _same_confirmed(each.identity, self._holder.identity)), None)
        if found is not None:
            self._holder, self._holder_seen_s = found, now_s

    def granted(self, event: GestureSeen, people: Sequence[PersonSeen]) -> PersonSeen | None:
        """Who made a gesture, if they may; None if nobody knows who, they are not in view, or they may not."""
        author = next((each for each in people if each.track_id == event.author_id), None)
        if author is None or not self._may(author, people):
            return None
        if self.rule.who is Who.ENROLLED and not _same_confirmed(event.author, author.identity):
            return None
        return author

    def claim(self, author: PersonSeen, now_s: float) -> None:
        """Somebody who was granted it has used it."""
        self._holder, self._holder_seen_s = author, now_s

    def release(self, track_id: int | None) -> None:
        """Somebody gives it up; nothing happens where another one has it."""
        if self._holder is not None and self._holder.track_id == track_id:
            self._holder = None

    def keeps(self, then: PersonSeen, now: PersonSeen) -> bool:
        """Whether somebody who was granted it may go on.

        Args:
            then: As they were when they were granted it.
            now: As they are, on the same track. With ENROLLED they have to be the same person of the gallery, still
                confirmed: who is merged with somebody else there, or forgotten, has to ask again.
        """
        if self.rule.who is not Who.ENROLLED:
            return True
        return self._is_listed(now.identity) and _same_confirmed(then.identity, now.identity)

    def _may(self, author: PersonSeen, people: Sequence[PersonSeen]) -> bool:
        match self.rule.who:
            case Who.ANYONE:
                return True
            case Who.NEAREST:
                return author.place is not None and all(
                    other.place is not None and other.place.distance_m >= author.place.distance_m for other in people
                )
            case Who.ENROLLED:
                return self._is_listed(author.identity)
            case Who.FIRST:
                return self._holder is None or self._holder.track_id == author.track_id

    def _is_listed(self, identity: Identity) -> bool:
        if identity.state is not IdentityState.CONFIRMED:
            return False
        return not self.rule.people or not self.rule.people.isdisjoint((identity.name, identity.person_id))


def _same_confirmed(one: Identity, other: Identity) -> bool:
    confirmed = one.state is IdentityState.CONFIRMED and other.state is IdentityState.CONFIRMED
    return confirmed and one.person_id == other.person_id
