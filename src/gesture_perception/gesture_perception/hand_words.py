"""What is said of a hand, in few words: in pictures, in space and in the terminal."""

from __future__ import annotations

from gesture_perception.hand import Gesture, Hand, Side


def gesture_words(gesture: Gesture) -> str:
    """The gesture as one says it, such as Thumb Up; empty where none is shown."""
    return gesture.label.replace("_", " ") if gesture.shown else ""


def shown_words(hand: Hand) -> str:
    """Its pose and its movement; empty where neither is shown."""
    return ", ".join(words for words in (gesture_words(hand.gesture), gesture_words(hand.motion)) if words)


def side_words(side: Side) -> str:
    """Whose own hand it is; empty where that is not known."""
    return "" if side is Side.UNKNOWN else side.value


def finger_words(gesture: Gesture) -> str:
    """How many fingers are raised; empty where that is not known."""
    if gesture.fingers < 0:
        return ""
    return "1 finger" if gesture.fingers == 1 else f"{gesture.fingers} fingers"
