"""What is kept of a taught gesture."""

from __future__ import annotations

from dataclasses import dataclass

from gesture_perception.hand import Side

POSES = 5
"""Descriptions that are kept of every example: as it was shown, and turned; see `pose_description`."""

MOST_EXAMPLES = 200
"""Of one gesture; more make it no better known, and every comparison slower."""


MOST_GESTURES = 200
"""Of one file; no hand shows more shapes that can be told apart, and every hand is compared with all."""


@dataclass(frozen=True, slots=True)
class Taught:
    """What became of examples that were to be added to a gesture.

    Attributes:
        name: Of the gesture, as it is stored.
        added: How many were; the others were there already.
    """

    name: str
    added: int


@dataclass(frozen=True, slots=True)
class TaughtGesture:
    """A gesture that somebody taught.

    Attributes:
        name: As it was given.
        side: Of the hands that count; UNKNOWN where both do.
        taught_ns: When it was taught first, nanoseconds since 1970.
        examples: How many were shown.
    """

    name: str
    side: Side
    taught_ns: int
    examples: int
