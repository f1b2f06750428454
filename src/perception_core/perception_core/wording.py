"""What comes from elsewhere, in the words of a message."""

from __future__ import annotations

_LONGEST = 80


def shown(value: object) -> str:
    """A value as Python writes it, in one line of at most 80 characters; what would steer a terminal as its code."""
    text = repr(value[: _LONGEST + 1] if isinstance(value, str) else value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
