"""Parameters, declared once: a frozen dataclass whose fields carry default, description and range."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from perception_core.wording import shown

_METADATA = "parameter"

P = TypeVar("P")


class ParameterError(ValueError):
    """A parameter's value is not one of those allowed, or contradicts another's."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is said of a parameter.

    Attributes:
        name: As in a params file.
        default: Its type is the parameter's type.
        description: One sentence.
        at_least: Smallest value; None if there is none.
        at_most: Largest value; None if there is none.
        one_of: The values allowed; empty if all are.
        live: May be changed while the node is active; otherwise it takes effect at the next configure.
        fixed: May be given when the node starts only, so that nobody in the ROS graph can change it.
    """

    name: str
    default: bool | float | str
    description: str
    at_least: float | None
    at_most: float | None
    one_of: tuple[str, ...]
    live: bool
    fixed: bool = False

    @property
    def type_name(self) -> str:
        """bool, int, float or string."""
        return "string" if isinstance(self.default, str) else type(self.default).__name__

    @property
    def range_text(self) -> str:
        """The allowed values in words; empty if all are."""
        if self.one_of:
            return ", ".join(value or "(empty)" for value in self.one_of)
        if self.at_least is None and self.at_most is None:
            return ""
        if self.at_most is None:
            return f"at least {self.at_least}"
        if self.at_least is None:
            return f"at most {self.at_most}"
        return f"{self.at_least} to {self.at_most}"

    def refusal(self, value: object) -> str | None:
        """Why a value is not allowed; None if it is.

        The type is exact, as it is for ROS: 1 is no float, and True is no int.
        """
        if type(value) is not type(self.default):
            return f"{self.name}: {shown(value)} is not of type {self.type_name}"
        if self.one_of and value not in self.one_of:
            return f"{self.name}: {shown(value)} is not one of {', '.join(self.one_of)}"
        if isinstance(value, int | float) and not self._in_range(value):
            return f"{self.name}: {shown(value)} is out of range: allowed is {self.range_text}"
        return None

    def nearest(self, value: float) -> float:
        """The allowed number next to a number."""
        low, high = self.at_least, self.at_most
        value = value if low is None else max(value, low)
        value = value if high is None else min(value, high)
        return round(value) if isinstance(self.default, int) else float(value)

    def _in_range(self, value: float) -> bool:
        """NaN is in no range."""
        above = self.at_least is None or value >= self.at_least
        return above and (self.at_most is None or value <= self.at_most)


def parameter(
    default: Any,
    description: str,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    one_of: tuple[str, ...] = (),
    live: bool = False,
    fixed: bool = False,
) -> Any:
    """A dataclass field that is a parameter; see `Declaration`."""
    facts = {"description": description, "at_least": at_least, "at_most": at_most, "one_of": one_of}
    facts |= {"live": live, "fixed": fixed}
    return dataclasses.field(default=default, metadata={_METADATA: facts})


def declarations(parameters: type[Any]) -> list[Declaration]:
    """All parameters of a dataclass in its order."""
    return [
        Declaration(name=field.name, default=_default(field), **field.metadata[_METADATA])
        for field in dataclasses.fields(parameters)
    ]


def path_of(name: str, value: str) -> Path:
    """The file that a parameter names; ~ is a home folder.

    Args:
        name: Of the parameter.
        value: Its value.

    Raises:
        ParameterError: It can name no file; the text names the parameter.
    """
    if "\0" in value:
        raise ParameterError(f"{name}: {shown(value)} has a NUL character, which no path has: name a file")
    try:
        return Path(value).expanduser()
    except RuntimeError as error:
        raise ParameterError(
            f"{name}: {shown(value)} is in the home folder of a user who is not known here: name the folder itself"
        ) from error


def _default(field: dataclasses.Field[Any]) -> Any:
    return field.default


def scaled(values: P, by: Mapping[str, float]) -> P:
    """The values with some numbers multiplied, as far as their ranges allow.

    Args:
        values: A dataclass of parameters.
        by: Factors by name; an int is rounded.

    Raises:
        ParameterError: The new values contradict each other.
    """
    ranges = {each.name: each for each in declarations(type(values)) if each.name in by}
    return dataclasses.replace(
        values,
        **{  # type: ignore[type-var]
            name: ranges[name].nearest(getattr(values, name) * factor) for name, factor in by.items()
        },
    )


def check(values: object) -> None:
    """Makes sure that each value is of its type, in its range and one of those allowed.

    A dataclass of parameters calls it in `__post_init__`, and checks there as well what must hold between them.

    Args:
        values: A dataclass of parameters.

    Raises:
        ParameterError: One is not; the text names it.
    """
    for declaration in declarations(type(values)):
        refusal = declaration.refusal(getattr(values, declaration.name))
        if refusal:
            raise ParameterError(refusal)


def with_changes(values: P, changes: Mapping[str, object]) -> P:
    """The values with those changed that the dataclass knows.

    Raises:
        ParameterError: A new value is not allowed, or contradicts another.
    """
    known = {declaration.name: declaration for declaration in declarations(type(values))}
    changed = {name: value for name, value in changes.items() if name in known}
    for name, value in changed.items():
        refusal = known[name].refusal(value)
        if refusal:
            raise ParameterError(refusal)
    return dataclasses.replace(values, **changed)  # type: ignore[type-var]


def markdown_table(parameters: type[Any]) -> str:
    """The parameters as a table for a manual."""
    rows = ["| parameter | type | default | allowed | while running | |", "|---|---|---|---|---|---|"]
    for each in declarations(parameters):
        value = str(each.default).lower() if isinstance(each.default, bool) else str(each.default)
        default = f"`{value}`" if value else ""
        live = "yes" if each.live else ""
        rows.append(
            f"| `{each.name}` | {each.type_name} | {default} | {each.range_text} | {live} | {each.description} |"
        )
    return "\n".join(rows) + "\n"
