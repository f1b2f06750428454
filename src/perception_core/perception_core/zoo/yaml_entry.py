"""Reading YAML that people write: every mistake is named with its place and what would be right."""

from __future__ import annotations

import difflib
import math
import re
import reprlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from perception_core.zoo.errors import ManifestError

_SHA256 = re.compile(r"[0-9a-f]{64}")
# PyYAML lets through what its constructors stumble over: `!!bool x`, `2001-99-99`, `!!timestamp x`, deep nesting.
_NOT_YAML = (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError, RecursionError)

_LONGEST_REASON = 500  # characters: PyYAML quotes words of any length

_SHORT = reprlib.Repr()
_SHORT.maxlevel, _SHORT.maxstring, _SHORT.maxother = 3, 80, 80


def nearest(name: str, names: Collection[str]) -> str:
    """A hint at the name that was probably meant, empty if there is none like it."""
    close = difflib.get_close_matches(name, names, n=1)
    return f" Did you mean {close[0]}?" if close else ""


def read_yaml(path: Path) -> Entry:
    """The mapping at the top of a YAML file.

    Raises:
        ManifestError: The file cannot be read, is no YAML, or holds something else than a mapping.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ManifestError(f"{path} cannot be read: {error.strerror}.") from error
    except _NOT_YAML as error:
        raise ManifestError(f"{path} is not valid YAML: {_shortened(str(error), _LONGEST_REASON)}") from error
    return Entry(str(path), content)


@dataclass(slots=True)
class Entry:
    """A mapping of a YAML file that knows where it stands and which of its keys were asked for.

    Attributes:
        place: File and keys that lead here, for messages.
        content: What the file holds there.
    """

    place: str
    content: Any
    _asked: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        if not isinstance(self.content, Mapping):
            raise ManifestError(f"{self.place} must be a mapping of keys to values, found {_shown(self.content)}.")

    def names(self) -> list[str]:
        """All keys.

        Raises:
            ManifestError: One is not a text, or cannot be printed.
        """
        for key in self.content:
            if not isinstance(key, str):
                raise ManifestError(f"{self.place}: key {_shown(key)} must be a text; put it in quotes.")
            if not key.isprintable():
                raise ManifestError(f"{self.place}: key {_shown(key)} must be of printable characters.")
        return list(self.content)

    def has(self, key: str) -> bool:
        """Whether the key is there with a value."""
        self._asked.add(key)
        return self.content.get(key) is not None

    def value(self, key: str) -> Any:
        """Whatever stands at a key that must be there."""
        if not self.has(key):
            others = [name for name in self.content if isinstance(name, str) and name not in self._asked]
            close = difflib.get_close_matches(key, others, n=1)
            hint = f" Found {close[0]} instead." if close else ""
            raise ManifestError(f"{self.place}: key {key} is missing.{hint}")
        return self.content[key]

    def text(self, key: str, default: str | None = None) -> str:
        """A text; the default if the key is not there."""
        if default is not None and not self.has(key):
            return default
        value = self.value(key)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, value, "a text (put numbers in quotes)")
        text = " ".join(value.split())
        if not text.isprintable():
            raise self.wrong(key, value, "a text of printable characters")
        return text

    def flag(self, key: str) -> bool:
        """True or false; false if the key is not there."""
        if not self.has(key):
            return False
        value = self.value(key)
        if not isinstance(value, bool):
            raise self.wrong(key, value, "true or false")
        return value

    def choice(self, key: str, allowed: Collection[str], default: str | None = None) -> str:
        """One of a few words."""
        value = self.text(key, default)
        if value not in allowed:
            raise self.wrong(key, value, f"one of {', '.join(sorted(allowed))}", nearest(value, allowed))
        return value

    def sha256(self, key: str) -> str:
        """A checksum of 64 hexadecimal digits."""
        value = self.text(key)
        if not _SHA256.fullmatch(value):
            raise self.wrong(key, value, "a sha256 of 64 lower-case hexadecimal digits")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; a single text is a list of one."""
        value = self.value(key)
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not values or not all(isinstance(item, str) and item for item in values):
            raise self.wrong(key, value, "a text or a list of texts")
        if not all(item.isprintable() for item in values):
            raise self.wrong(key, value, "a text or a list of texts of printable characters")
        return tuple(values)

    def numbers(self, key: str, default: tuple[float, ...]) -> tuple[float, ...]:
        """A list of numbers; a single number is a list of one."""
        if not self.has(key):
            return default
        value = self.value(key)
        values = value if isinstance(value, list) else [value]
        if not values or not all(map(_is_number, values)):
            raise self.wrong(key, value, "a number or a list of numbers")
        return tuple(float(item) for item in values)

    def shape(self, key: str) -> tuple[int | str, ...]:
        """A list of sizes; a name stands for a size that is left open."""
        value = self.value(key)
        sizes = value if isinstance(value, list) else []
        ok = all(isinstance(item, str) or (type(item) is int and item > 0) for item in sizes)
        if not sizes or not ok:
            raise self.wrong(key, value, "a list of sizes such as [1, 3, H, W]")
        return tuple(sizes)

    def entry(self, key: str) -> Entry:
        """The mapping at a key."""
        return Entry(f"{self.place}: {key}", self.value(key))

    def entries(self, key: str) -> list[Entry]:
        """The list of mappings at a key; not empty."""
        value = self.value(key)
        if not isinstance(value, list) or not value:
            raise self.wrong(key, value, "a list")
        return [Entry(f"{self.place}: {key}[{index}]", item) for index, item in enumerate(value)]

    def wrong(self, key: str, found: object, allowed: str, hint: str = "") -> ManifestError:
        """The error that says what was found at a key and what is allowed."""
        return ManifestError(f"{self.place}: {key} is {_shown(found)}; allowed is {allowed}.{hint}")

    def finish(self) -> None:
        """To be called when everything was read.

        Raises:
            ManifestError: A key is there that nobody asked for.
        """
        for key in self.names():
            if key not in self._asked:
                allowed = ", ".join(sorted(self._asked))
                raise ManifestError(
                    f"{self.place}: unknown key {key}; allowed are {allowed}.{nearest(key, self._asked)}"
                )


def _is_number(value: object) -> bool:
    """Whether it is one that a float can hold."""
    try:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False


def _shown(value: object) -> str:
    # Written out in full, a list of few lines can take all memory: its parts may stand for each other many times.
    try:
        text = _SHORT.repr(value)
    except ValueError:  # Python writes out no integer of more than 4300 digits
        return "a number of thousands of digits"
    return _shortened(text, 80)


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."
