"""Reading a YAML table that people write: every mistake is told with file and line, and what would be right."""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection
from pathlib import Path

import yaml

from perception_core.wording import printable, shown

_LARGEST_BYTES = 1_000_000
_LONGEST_REASON = 300
_NOT_YAML = (yaml.YAMLError, ValueError, RecursionError)


class TableError(ValueError):
    """A table cannot be used; the text says where, what is there, and what is possible."""


class Field:
    """A value of the file that knows its line."""

    def __init__(self, path: Path, name: str, node: yaml.Node) -> None:
        """Takes a value.

        Args:
            path: Of the file.
            name: What the value is called, for messages.
            node: As PyYAML composed it.
        """
        self.path, self.name, self.node = path, name, node

    def wrong(self, allowed: str, hint: str = "") -> TableError:
        """The error that says what stands here, and what may."""
        return self.error(f"{self.name} is {self._content()}; it has to be {allowed}{hint}")

    def error(self, text: str) -> TableError:
        """An error at this line."""
        return TableError(f"{self.path}:{self.node.start_mark.line + 1}: {printable(text)}")

    def text(self) -> str:
        """A text that is not empty."""
        if not self._is("str") or not self.node.value.strip() or not self.node.value.isprintable():
            raise self.wrong("a text (put numbers, yes and no in quotes)")
        return str(self.node.value)

    def number(self) -> float:
        """A number that is finite."""
        try:
            value = yaml.safe_load(self.node.value) if self._is("int", "float") else None
        except _NOT_YAML:
            value = None
        if not isinstance(value, int | float) or not _is_finite(value):
            raise self.wrong("a number")
        return float(value)

    def positive(self) -> float:
        """A number above 0."""
        value = self.number()
        if value <= 0:
            raise self.wrong("above 0")
        return value

    def not_negative(self) -> float:
        """A number of at least 0."""
        value = self.number()
        if value < 0:
            raise self.wrong("0 or more")
        return value

    def flag(self) -> bool:
        """True or false."""
        value = yaml.SafeLoader.bool_values.get(self.node.value.lower()) if self._is("bool") else None
        if value is None:
            raise self.wrong("true or false")
        return bool(value)

    def choice(self, allowed: Collection[str]) -> str:
        """One of a few words."""
        value = self.node.value if isinstance(self.node, yaml.ScalarNode) else ""
        if value not in allowed:
            close = difflib.get_close_matches(value, allowed, n=1)
            hint = f". Did you mean {close[0]}?" if close else ""
            raise self.wrong(f"one of {', '.join(allowed)}", hint)
        return str(value)

    def texts(self) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(each.text() for each in self.items("a list of texts"))

    def items(self, allowed: str = "a list") -> list[Field]:
        """The values of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.wrong(allowed)
        return [Field(self.path, f"{self.name}[{place}]", each) for place, each in enumerate(self.node.value)]

    def entries(self, allowed: Collection[str]) -> dict[str, Field]:
        """The values of a mapping by their keys.

        Raises:
            TableError: It is none, or has a key that is not allowed, or one twice.
        """
        if not isinstance(self.node, yaml.MappingNode):
            raise self.wrong(f"a mapping with {', '.join(allowed)}")
        found: dict[str, Field] = {}
        for key, value in self.node.value:
            name = Field(self.path, f"key in {self.name}", key).choice(allowed)
            if name in found:
                raise Field(self.path, self.name, key).error(f"{self.name} has the key {name} twice: remove one")
            found[name] = Field(self.path, name, value)
        return found

    def _is(self, *kinds: str) -> bool:
        tags = {f"tag:yaml.org,2002:{kind}" for kind in kinds}
        return isinstance(self.node, yaml.ScalarNode) and self.node.tag in tags

    def _content(self) -> str:
        if isinstance(self.node, yaml.ScalarNode):
            return shown(self.node.value) if self.node.value or self.node.style else "empty"
        return "a list" if isinstance(self.node, yaml.SequenceNode) else "a mapping"


def read_table(path: Path) -> Field:
    """What a YAML file holds.

    Raises:
        TableError: It cannot be read, or is no YAML, or empty.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_BYTES + 1)
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror}") from error
    if len(content) > _LARGEST_BYTES:
        raise TableError(f"{path} is larger than {_LARGEST_BYTES} bytes: it is no table of gestures")
    try:
        node = yaml.compose(content.decode("utf-8"), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else 1
        raise TableError(
            f"{path}:{line}: is not valid YAML: {printable(str(error.problem))[:_LONGEST_REASON]}"
        ) from error
    except _NOT_YAML as error:
        raise TableError(f"{path}: is not valid YAML: {printable(str(error))[:_LONGEST_REASON]}") from error
    if node is None:
        raise TableError(f"{path}:1: is empty: write a list of actions")
    return Field(path, "the table", node)


def _is_finite(value: float) -> bool:
    try:
        return not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False
