# ruff: noqa: RUF001 - letters that look like others are what this is about
"""Names in the letters that a picture can be written with: ASCII, the only ones that OpenCV draws."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterator

_MISSING = "?"
# Letters that are not one of ASCII's with a mark (Latin, Cyrillic, Greek), quotes and dashes, and how they are written.
_WRITTEN = (
    "æ=ae œ=oe ø=o ł=l đ=d ð=d þ=th ß=ss ı=i ħ=h ŋ=ng ə=e "
    "а=a б=b в=v г=g д=d е=e ё=yo ж=zh з=z и=i й=y к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=kh ц=ts ч=ch "
    "ш=sh щ=shch ъ= ы=y ь= э=e ю=yu я=ya є=ye і=i ї=yi ґ=g ў=u "
    "α=a β=v γ=g δ=d ε=e ζ=z η=i θ=th ι=i κ=k λ=l μ=m ν=n ξ=x ο=o π=p ρ=r σ=s ς=s τ=t υ=y φ=f χ=ch ψ=ps ω=o "
    "‘=' ’=' “=\" ”=\" –=- —=- ·=."
)
_LETTERS = dict(pair.split("=") for pair in _WRITTEN.split(" "))


@functools.lru_cache(maxsize=256)
def in_latin(text: str) -> str:
    """The text as near as ASCII comes; a question mark stands where letters of another script are.

    Returns:
        Printable ASCII; empty if there is nothing to be seen in the text.
    """
    written = ""
    for letters in _pieces(text):
        if letters != _MISSING or not written.endswith(_MISSING):
            written += letters
    return written


def _pieces(text: str) -> Iterator[str]:
    for character in unicodedata.normalize("NFC", text):
        whole = _letter(character)
        if whole is not None:
            yield whole
            continue
        for part in unicodedata.normalize("NFKD", character):
            # Marks on a letter are left away, and what joins letters is not seen.
            if unicodedata.category(part)[0] != "M" and unicodedata.category(part) != "Cf":
                letter = _letter(part)
                yield _MISSING if letter is None else letter


def _letter(character: str) -> str | None:
    if character.isascii():
        return character if character.isprintable() else _MISSING
    written = _LETTERS.get(character.lower())
    if written is None or character.islower() or not character.isalpha():
        return written
    return written.capitalize()
