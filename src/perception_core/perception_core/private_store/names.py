"""What a person, or a gesture, may be called."""

from __future__ import annotations

import unicodedata

from perception_core.private_store.errors import BadNameError

LONGEST_NAME = 64
_JOINERS = "\u200c\u200d"  # they hold emoji, and letters of some scripts, together
_NOT_PRINTABLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}  # control, direction marks, surrogates, private use, line ends


def checked_name(name: str) -> str:
    """The name as it is stored: Unicode NFC, without spaces around it.

    Raises:
        BadNameError: It is empty, longer than 64 characters, or has a character that is not printable.
    """
    stored = unicodedata.normalize("NFC", name).strip()
    if len(stored) > LONGEST_NAME:
        raise BadNameError(
            f"a name has at most {LONGEST_NAME} characters, this one has {len(stored)}: {stored[:20]!a}..."
        )
    for character in stored:
        if unicodedata.category(character) in _NOT_PRINTABLE and character not in _JOINERS:
            raise BadNameError(f"a name has printable characters only; {stored!a} has {character!a}")
    if not any(unicodedata.category(character)[0] in "LNPS" for character in stored):
        raise BadNameError("a name has at least one letter, digit or sign; this one is empty")
    return stored


def name_key(name: str) -> str:
    """Equal for names that a listener takes for the same: they differ at most in capital letters."""
    return unicodedata.normalize("NFC", name.casefold())
