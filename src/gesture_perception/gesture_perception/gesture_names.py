"""What gestures are called: by the suite, and by those who publish pictures and networks."""

from __future__ import annotations

from gesture_perception.hand import NO_GESTURE

CANNED = (NO_GESTURE, "Closed_Fist", "Open_Palm", "Pointing_Up", "Thumb_Down", "Thumb_Up", "Victory", "ILoveYou")
"""Poses that MediaPipe's network knows, in its order."""

GEOMETRIC = ("OK", "Pinch", "Point")
"""Poses that only the geometry of the landmarks tells."""

POSES = CANNED + GEOMETRIC

MOTIONS = ("Wave", "Beckon", "Swipe_Left", "Swipe_Right", "Swipe_Up", "Swipe_Down", "Push_Away")

_OTHER_NAMES = {
    NO_GESTURE: ("no_gesture", "nothing", "other", "others", "unknown", "background"),
    "Closed_Fist": ("fist", "closed_hand"),
    "Open_Palm": ("palm", "stop", "open_hand", "high_five"),
    "Pointing_Up": ("one", "point_up", "index_up"),
    "Thumb_Down": ("thumbs_down", "dislike"),
    "Thumb_Up": ("thumbs_up", "like"),
    "Victory": ("peace", "v", "v_sign", "two"),
    "ILoveYou": ("i_love_you", "ily", "love_you"),
    "OK": ("okay", "ok_sign"),
    "Point": ("pointing",),
    "Wave": ("waving",),
    "Beckon": ("beckoning", "come_here"),
    "Push_Away": ("push", "pushing_away"),
}


def plain(name: str) -> str:
    """A name without what people write differently: case, blanks, and signs such as _ and -."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


_NAME_OF = {plain(other): name for name, others in _OTHER_NAMES.items() for other in others}
_NAME_OF |= {plain(name): name for name in POSES + MOTIONS}


def gesture_named(name: str) -> str | None:
    """The gesture that a name stands for, such as Thumb_Up for thumbs-up; None for a name that nobody knows."""
    return _NAME_OF.get(plain(name))
