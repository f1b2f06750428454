"""The file of taught gestures that a command works on, and which of them the user means."""

from __future__ import annotations

import argparse
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from gesture_perception.gesture_records import TaughtGesture
from gesture_perception.gesture_store import GestureStore
from perception_cli.private_files import CommandError, shortened, similar_names
from perception_core.paths import default_gestures
from perception_core.private_store.names import name_key
from perception_core.private_store.place import holds_anything


def gestures_path(options: argparse.Namespace) -> Path:
    """The file that is named, or the gesture node's own."""
    return options.gestures or default_gestures()


@contextmanager
def opened(options: argparse.Namespace) -> Generator[GestureStore, None, None]:
    """A file that is there, whichever model it was made with; one that is not there is not made.

    Raises:
        CommandError: It is not there.
        StoreError: It cannot be used.
    """
    path = gestures_path(options)
    if not holds_anything(path):
        raise CommandError(f"nothing was taught yet: there is no file {path}")
    with closing(GestureStore(path, None)) as store:
        yield store


def gesture_called(gestures: Sequence[TaughtGesture], text: str) -> TaughtGesture:
    """The gesture of a name, capital letters aside.

    Raises:
        CommandError: There is none.
    """
    known = {name_key(gesture.name): gesture for gesture in gestures}
    key = name_key(text.strip())
    if key in known:
        return known[key]
    hint = similar_names({each: gesture.name for each, gesture in known.items()}, key)
    raise CommandError(
        f"no gesture {shortened(text)!r} was taught.{hint} `./perception gestures list` shows those that were."
    )
