"""What comes from elsewhere, in the words of a message."""

from __future__ import annotations

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
