"""Values in words: in messages, in pictures and in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perception_core.depth import Position3D

_LONGEST = 80
_JOINERS = "\u200c\u200d"  # they hold emoji, and letters of some scripts, together


def shown(value: object) -> str:
    """A value as Python writes it, in one line of at most 80 characters; what would steer a terminal as its code."""
    text = repr(value[: _LONGEST + 1] if isinstance(value, str) else value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def printable(text: str) -> str:
    """The text in one line: what would steer a terminal, as a file's name may, is written as its code."""
    return "".join(
        letter if letter.isprintable() or letter in _JOINERS else letter.encode("unicode_escape").decode()
        for letter in text
    )


def distance_words(position: Position3D) -> str:
    """Metres; ~ marks what is not measured but estimated. Empty where it is not known."""
    from perception_core.depth import PositionSource  # noqa: PLC0415 - brings numpy; commands that only list need none

    if position.source is PositionSource.NONE:
        return ""
    about = "" if position.source is PositionSource.DEPTH else "~"
    return f"{about}{position.xyz[2]:.2f} m"
