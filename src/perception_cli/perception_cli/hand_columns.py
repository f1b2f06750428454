"""What the terminal view says of hands."""

from __future__ import annotations

from gesture_perception.hand import Hand
from gesture_perception.hand_words import gesture_words, side_words
from perception_cli.fitting_table import BAR_WIDTH, Column, Layouts, bar, harmless, place_words
from perception_core.wording import distance_words


def _pose(hand: Hand) -> str:
    """A bar of the score, the words and the score."""
    words = harmless(gesture_words(hand.gesture))
    return f"{bar(hand.gesture.score)} {words} {hand.gesture.score:.2f}" if words else ""


def _fingers(hand: Hand) -> str:
    return str(hand.gesture.fingers) if hand.gesture.fingers >= 0 else ""


def _target(hand: Hand) -> str:
    return "" if hand.pointing is None else place_words(hand.pointing.target) or "nothing"


_ID: Column[Hand] = Column("hand", lambda hand: str(hand.track_id), 6, to_the_right=True)
_POSE: Column[Hand] = Column("gesture", _pose, BAR_WIDTH + 18, gives_way=True)
_NAME: Column[Hand] = Column("gesture", lambda hand: harmless(gesture_words(hand.gesture)), 18, gives_way=True)
_MOTION: Column[Hand] = Column("motion", lambda hand: harmless(gesture_words(hand.motion)), 12)
_SIDE: Column[Hand] = Column("side", lambda hand: side_words(hand.side), 5)
_FINGERS: Column[Hand] = Column("fingers", _fingers, 7, to_the_right=True)
_DISTANCE: Column[Hand] = Column("away", lambda hand: distance_words(hand.position), 8, to_the_right=True)
_PLACE: Column[Hand] = Column("x y z in metres", lambda hand: place_words(hand.position), 20, to_the_right=True)
_TARGET: Column[Hand] = Column("points at", _target, 20, to_the_right=True)

HAND_COLUMNS: Layouts[Hand] = (
    (92, (_ID, _POSE, _MOTION, _SIDE, _FINGERS, _PLACE, _TARGET)),
    (56, (_ID, _POSE, _MOTION, _DISTANCE)),
    (0, (_ID, _NAME, _DISTANCE)),
)
