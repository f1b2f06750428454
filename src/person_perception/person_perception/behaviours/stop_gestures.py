"""Gestures that stop the robot, whoever makes them.

They are taken from every image of the hands, not from the events alone: an event tells of a pose only when it has been
shown for 0.2 s, which is too much of the 0.3 s within which an open palm has to bring the robot to rest. Two images
one after the other are enough. That stops more often than was meant, and never less often. They are taken from `hands`
rather than from `people`: a hand counts, too, whose owner is not seen, and `hands` is earlier by a node.

Curled fingers are a part of beckoning: in 42 of 60 sequences of hands that beckon the pose is a fist in two images one
after the other, and in many for so long that an event says so. A fist is therefore not heeded while the same hand
beckons, which is over 0.6 s after its last movement; an open palm, seen in four of the 60, always is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from gesture_perception.gesture_events import EventKind
from person_perception.behaviours.sight import GestureSeen, HandSeen, Sight

PALM, FIST, BECKON = "Open_Palm", "Closed_Fist", "Beckon"
_PART_OF = {FIST: BECKON}
_IMAGES_APART_S = 0.15  # so long a stop counts that was seen in an image: three images at 20 Hz
_EVENTS_APART_S = 0.6  # likewise of an event: HELD comes twice a second


@dataclass(frozen=True, slots=True)
class StopRules:
    """What is a stop.

    Attributes:
        poses: These.
        images: In so many images one after the other, at least.
    """

    poses: tuple[str, ...] = (PALM, FIST)
    images: int = 2


@dataclass(slots=True)
class _Hand:
    """What is known of one hand."""

    beckons: bool = False
    in_a_row: int = 0
    shown: str = ""
    until_s: float = -math.inf


class StopGestures:
    """Tells whether somebody wants the robot to stop."""

    def __init__(self, rules: StopRules | None = None) -> None:
        """Nobody does.

        Args:
            rules: What is a stop.
        """
        self._rules = rules or StopRules()
        self._hands: dict[int, _Hand] = {}

    def __call__(self, now_s: float, sight: Sight) -> str:
        """The pose that stops, as it is shown now; empty where there is none.

        Args:
            now_s: By the policy's clock.
            sight: What is new since the last call; stops are heeded however old they are.
        """
        for image in sight.images:
            self._take_image(now_s, image)
        for event in sight.events:
            self._take_event(now_s, event)
        return next((hand.shown for hand in self._hands.values() if now_s < hand.until_s), "")

    def _take_image(self, now_s: float, image: Iterable[HandSeen]) -> None:
        seen = {hand.track_id: hand for hand in image}
        waiting = {track_id: hand for track_id, hand in self._hands.items() if now_s < hand.until_s}
        self._hands = waiting | {track_id: self._hands.get(track_id) or _Hand() for track_id in seen}
        for track_id, shown in seen.items():
            known = self._hands[track_id]
            if not shown.pose:
                continue  # not examined: hidden for a moment
            known.beckons = shown.motion == BECKON
            known.in_a_row = known.in_a_row + 1 if self._stops(shown.pose, known) else 0
            if known.in_a_row >= self._rules.images:
                known.shown, known.until_s = shown.pose, now_s + _IMAGES_APART_S
            elif known.beckons and known.shown in _PART_OF:
                known.until_s = -math.inf

    def _take_event(self, now_s: float, event: GestureSeen) -> None:
        known = self._hands.setdefault(event.hand_id, _Hand())
        if event.label == BECKON and event.kind is EventKind.STARTED:
            known.beckons = True
            if known.shown in _PART_OF:
                known.until_s = -math.inf
        if event.kind is EventKind.ENDED:
            if event.label == known.shown:
                known.until_s = -math.inf
        elif self._stops(event.label, known):
            known.shown, known.until_s = event.label, now_s + _EVENTS_APART_S

    def _stops(self, pose: str, hand: _Hand) -> bool:
        return pose in self._rules.poses and not (hand.beckons and _PART_OF.get(pose) == BECKON)
