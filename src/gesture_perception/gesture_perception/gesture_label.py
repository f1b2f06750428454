"""What a taught gesture may be called."""

from __future__ import annotations

from gesture_perception.gesture_names import MOTIONS, POSES, plain
from perception_core.private_store.errors import BadNameError
from perception_core.private_store.names import checked_name

_BUILT_IN = {plain(name): name for name in POSES + MOTIONS}


def checked_label(name: str) -> str:
    """The name as it is stored and as messages carry it: Unicode NFC, without spaces around it.

    Raises:
        BadNameError: It is empty, too long, not printable, or what a built-in gesture is called.
    """
    stored = checked_name(name)
    built_in = _BUILT_IN.get(plain(stored))
    if built_in is not None:
        raise BadNameError(f"{stored!r} is what the built-in gesture {built_in} is called: choose another name")
    return stored
