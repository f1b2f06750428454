"""Faces and hands become people: whose hand is whose, and who is still the same.

    people = PeopleFusion()
    for stamp_ns, faces, hands in images:
        nearest_first = people(stamp_ns, faces, hands)

Every hand in view is weighed against every body below a face in view (`belonging`), the evidence is kept over time
(`evidence`), and all hands are given away at once (`ownership`). Who is who from one face track to the next is
`acquaintances`. A hand that is nobody's stays nobody's: a wrong author is worse than none.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from gesture_perception.hand import Side
from perception_core.depth import PositionSource
from perception_core.stamps import JUMP_BACK_NS
from person_perception.acquaintances import Acquaintance, Acquaintances
from person_perception.belonging import belonging, body_of, in_metres, reading_of
from person_perception.evidence import Evidence, HandEvidence
from person_perception.ownership import bar, owners
from person_perception.person import Person, SeenFace, SeenHand

_TURNS = 4  # frames in which every hand that is known is examined once
_BODY_STANDS_NS = 500_000_000  # a body is where its face was lost, for so long

Tracked = TypeVar("Tracked", SeenFace, SeenHand)


@dataclass(frozen=True, slots=True)
class FusionRules:
    """How long people are remembered.

    Attributes:
        keep_lost_s: A person of whom nothing is seen keeps the id for this long.
        same_place_s: So soon a face has to appear where one was lost to be of the same person without its identity.
        author_s: The author of a gesture is known for this long after hand and face are gone.
    """

    keep_lost_s: float = 2.0
    same_place_s: float = 1.5
    author_s: float = 2.0


@dataclass(slots=True)
class _Owned:
    """Somebody's hands in this frame, by their sides."""

    right: SeenHand | None = None
    left: SeenHand | None = None

    @property
    def hands(self) -> tuple[SeenHand, ...]:
        return tuple(hand for hand in (self.right, self.left) if hand is not None)


class PeopleFusion:
    """Puts faces and hands together, frame by frame; not safe to use from several threads."""

    def __init__(self, rules: FusionRules = FusionRules(), ids: Iterator[int] | None = None) -> None:
        """Begins with nobody.

        Args:
            rules: How long people are remembered.
            ids: Of people, the next ones; None begins with 1.
        """
        self._rules, self._ids = rules, ids or itertools.count(1)
        self.reset()

    def reset(self) -> None:
        """Forgets everybody; ids are still not used again."""
        self._stamp_ns: int | None = None
        self._people = Acquaintances(self._ids, self._rules.same_place_s)
        self._evidence = Evidence()
        self._authors: dict[int, tuple[Person, int]] = {}

    def __call__(self, stamp_ns: int, faces: Sequence[SeenFace], hands: Sequence[SeenHand]) -> list[Person]:
        """Takes in one frame.

        Args:
            stamp_ns: Of the image. One that lies more than 0.1 s back ends everybody; less, or an equal one, the
                frame counts as taken just after the newest.
            faces: Of the image, in any order; of one track the first counts.
            hands: Likewise.

        Returns:
            Who is in view, nearest first; those at unknown distances last, larger faces first.
        """
        now_ns = self._advance(stamp_ns)
        self._people.forget(now_ns - round(self._rules.keep_lost_s * 1e9))
        seen = _first_of_each(hands)
        for reunion in self._people.meet(_first_of_each(faces), now_ns):
            self._evidence.rename(reunion.gone, reunion.remains)
        self._forget(now_ns)
        evidence = [self._evidence.hand(hand.track_id, now_ns) for hand in seen]
        self._examine(seen, evidence, now_ns)
        owned = self._give(seen, evidence, now_ns)
        present = [one for one in self._people.known.values() if one.face_ns == now_ns or one.id in owned]
        people = {one.id: _person(one, owned.get(one.id, _Owned()).hands, now_ns) for one in present}
        self._remember_authors(seen, evidence, people, now_ns)
        return sorted(people.values(), key=_nearness)

    def author_of(self, hand_track_id: int) -> Person | None:
        """Who has made a gesture with a hand.

        Args:
            hand_track_id: Of a hand that is in view or was of late.

        Returns:
            The person as last reported; None where it is not known.
        """
        known = self._authors.get(hand_track_id)
        return known[0] if known is not None else None

    def _advance(self, stamp_ns: int) -> int:
        last = self._stamp_ns
        if last is not None and stamp_ns < last - JUMP_BACK_NS:
            self.reset()
            last = None
        self._stamp_ns = stamp_ns if last is None else max(stamp_ns, last + 1)
        return self._stamp_ns

    def _examine(self, hands: Sequence[SeenHand], known: Sequence[HandEvidence], now_ns: int) -> None:
        """Asks of some hands whose they are: of new ones always, of the others by turns; bridged ones say nothing."""
        ready = [pair for pair in zip(hands, known, strict=True) if not pair[0].bridged and pair[1].is_due(now_ns)]
        if not ready:
            return
        people = self._people.known.values()
        bodies = {one.id: body_of(one.face) for one in people if now_ns - one.face_ns <= _BODY_STANDS_NS}
        ready.sort(key=lambda pair: pair[1].examined_ns)
        turns = math.ceil(len(hands) / _TURNS)
        for hand, evidence in ready:
            if turns > 0 or evidence.is_new(now_ns):
                turns -= 1
                reading = reading_of(hand)
                evidence.take({person: belonging(reading, body) for person, body in bodies.items()}, now_ns)

    def _give(self, hands: Sequence[SeenHand], evidence: Sequence[HandEvidence], now_ns: int) -> dict[int, _Owned]:
        """Gives every hand to its owner; the hands of each person."""
        owned: dict[int, _Owned] = {}
        given = owners(evidence)
        bar(evidence, given, now_ns)
        for hand, known, slot in zip(hands, evidence, given, strict=True):
            known.owner = slot[0] if slot is not None else None
            if slot is None:
                continue
            person, side = slot
            self._people.known[person].present_ns = now_ns
            theirs = owned.setdefault(person, _Owned())
            if side is Side.RIGHT:
                theirs.right = hand
            else:
                theirs.left = hand
        return owned

    def _remember_authors(
        self, hands: Sequence[SeenHand], evidence: Sequence[HandEvidence], people: dict[int, Person], now_ns: int
    ) -> None:
        """Who has which hand now; of hands that are gone, who had them."""
        for hand, known in zip(hands, evidence, strict=True):
            if known.owner is not None:
                self._authors[hand.track_id] = people[known.owner], now_ns
            else:
                self._authors.pop(hand.track_id, None)

    def _forget(self, now_ns: int) -> None:
        lost_ns, authors_ns = (now_ns - round(s * 1e9) for s in (self._rules.keep_lost_s, self._rules.author_s))
        self._evidence.forget(lost_ns, self._people.known)
        self._authors = {hand: author for hand, author in self._authors.items() if author[1] >= authors_ns}


def _first_of_each(things: Sequence[Tracked]) -> list[Tracked]:
    """Without what has the track of an earlier one."""
    return list({thing.track_id: thing for thing in reversed(things)}.values())[::-1]


def _person(someone: Acquaintance, hands: tuple[SeenHand, ...], now_ns: int) -> Person:
    face = someone.face if someone.face_ns == now_ns else None
    position = face.position if face is not None else min(hands, key=_doubt).position
    distance = math.hypot(*position.xyz) if in_metres(position) else math.nan
    looking = face.looking_at_camera if face is not None else None
    return Person(someone.id, face, hands, position, distance, someone.identity, looking)


def _doubt(hand: SeenHand) -> tuple[bool, bool, float]:
    """Less for a hand that is seen better."""
    sigma = hand.position.sigma
    return hand.bridged, hand.position.source is PositionSource.NONE, sigma if math.isfinite(sigma) else math.inf


def _nearness(person: Person) -> tuple[bool, float, float]:
    far = math.isnan(person.distance)
    size = person.face.box.height if person.face is not None else 0.0
    return far, 0.0 if far else person.distance, -size if math.isfinite(size) else 0.0
