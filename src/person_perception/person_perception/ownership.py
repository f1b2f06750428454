"""Who gets which hand: nobody more than one right and one left, no hand more than one owner."""

from __future__ import annotations

from collections.abc import Sequence

import lap
import numpy as np

from gesture_perception.hand import Side
from person_perception.evidence import HandEvidence, Slot

_CLAIM = 1.0  # log-odds from which on a hand is somebody's
_KEEP = 4.0  # in favour of whoever has the hand
_SURER = 0.7  # so much likelier than anybody else's a hand that had no owner has to be
_CLEAR, _CLEARER = 3.0, 2.0  # log-odds of whose a hand is, and how much they lie above those of another
_BARRED_NS = 4_000_000_000  # as long as a person lowers a hand and raises it again, or a mistake may last


def owners(hands: Sequence[HandEvidence]) -> list[Slot | None]:
    """The owner of each hand that is most likely for all together.

    Args:
        hands: Those in view, with their last owners.

    Returns:
        For each hand; None where nobody is likely enough.
    """
    gains = [_gains(hand) for hand in hands]
    best = [max(gain, key=gain.__getitem__, default=None) for gain in gains]
    chosen = [slot for slot in best if slot is not None]
    if len(set(chosen)) == len(chosen):
        return best
    return _assigned(gains)


def bar(hands: Sequence[HandEvidence], given: Sequence[Slot | None], now_ns: int) -> None:
    """Keeps hands from becoming what another clearly is beside them, also when that one goes out of view.

    Args:
        hands: Those in view.
        given: Their owners.
        now_ns: Stamp of the frame.
    """
    sure = {}
    for hand, slot in zip(hands, given, strict=True):
        if slot is not None and (odds := hand.pairs[slot[0]].of(slot[1])) >= _CLEAR:
            sure[slot] = odds
    for hand, own in zip(hands, given, strict=True):
        if hand.examined_ns != now_ns:
            continue  # nothing new is known of it
        for slot in [slot for slot, until_ns in hand.barred.items() if until_ns < now_ns]:
            del hand.barred[slot]
        for slot, odds in sure.items():
            pair = hand.pairs.get(slot[0])
            if slot != own and pair is not None and odds - pair.of(slot[1]) >= _CLEARER:
                hand.barred[slot] = now_ns + _BARRED_NS


def _gains(hand: HandEvidence) -> dict[Slot, float]:
    """How much likelier than nobody's a hand is somebody's, for those of whom it may be."""
    bonus = {hand.owner: _KEEP} if hand.owner is not None else {}
    rank = sorted((pair.best for pair in hand.pairs.values()), reverse=True)
    in_doubt = hand.owner is None and len(rank) > 1 and rank[0] - rank[1] < _SURER
    if in_doubt:
        return {}
    gains = {}
    for person, pair in hand.pairs.items():
        extra = bonus.get(person, 0.0) - _CLAIM
        for side, odds in ((Side.RIGHT, pair.right), (Side.LEFT, pair.left)):
            if odds + extra > 0 and (person, side) not in hand.barred:
                gains[person, side] = odds + extra
    return gains


def _assigned(gains: Sequence[dict[Slot, float]]) -> list[Slot | None]:
    """The slots of greatest total gain."""
    slots = list(dict.fromkeys(slot for gain in gains for slot in gain))
    column = {slot: place for place, slot in enumerate(slots)}
    cost = np.zeros((len(gains), len(slots)))
    for row, gain in enumerate(gains):
        for slot, value in gain.items():
            cost[row, column[slot]] = -value
    chosen, _ = lap.lapjv(cost, extend_cost=True, return_cost=False)
    return [
        slots[place] if place >= 0 and slots[place] in gain else None
        for gain, place in zip(gains, chosen.tolist(), strict=True)
    ]
