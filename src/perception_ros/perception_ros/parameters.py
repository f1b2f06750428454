"""Parameters of a node, declared once: a frozen dataclass whose fields carry default, description and range."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, TypeVar

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor, SetParametersResult
from rclpy.node import Node
from rclpy.parameter import Parameter

_METADATA = "parameter"
_FLOAT_TOP = 1.7976931348623157e308
_INT_TOP = 2**63 - 1

P = TypeVar("P")


class ParameterError(ValueError):
    """A parameter's value is not one of those allowed."""


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
    """

    name: str
    default: bool | float | str
    description: str
    at_least: float | None
    at_most: float | None
    one_of: tuple[str, ...]
    live: bool

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
        """Why a value of the right type is not allowed; None if it is.

        Ranges are ROS's own to check, from the descriptor.
        """
        if self.one_of and value not in self.one_of:
            return f"{self.name}: '{value}' is not one of {', '.join(self.one_of)}"
        return None

    def descriptor(self) -> ParameterDescriptor:
        """What ROS is told."""
        text = self.description if self.live else f"{self.description} Takes effect at the next configure."
        descriptor = ParameterDescriptor(
            name=self.name, description=text, additional_constraints=self.range_text if self.one_of else ""
        )
        if self.at_least is None and self.at_most is None:
            return descriptor
        if isinstance(self.default, float):
            low = -_FLOAT_TOP if self.at_least is None else float(self.at_least)
            high = _FLOAT_TOP if self.at_most is None else float(self.at_most)
            descriptor.floating_point_range = [FloatingPointRange(from_value=low, to_value=high, step=0.0)]
        else:
            low = -_INT_TOP if self.at_least is None else int(self.at_least)
            high = _INT_TOP if self.at_most is None else int(self.at_most)
            descriptor.integer_range = [IntegerRange(from_value=low, to_value=high, step=1)]
        return descriptor


def parameter(
    default: Any,
    description: str,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    one_of: tuple[str, ...] = (),
    live: bool = False,
) -> Any:
    """A dataclass field that is a parameter; see `Declaration`."""
    facts = {"description": description, "at_least": at_least, "at_most": at_most, "one_of": one_of, "live": live}
    return dataclasses.field(default=default, metadata={_METADATA: facts})


def declarations(parameters: type[Any]) -> list[Declaration]:
    """All parameters of a dataclass in its order."""
    return [
        Declaration(name=field.name, default=_default(field), **field.metadata[_METADATA])
        for field in dataclasses.fields(parameters)
    ]


def _default(field: dataclasses.Field[Any]) -> Any:
    return field.default


def declare(node: Node, parameters: type[Any]) -> None:
    """Declares a dataclass's parameters on a node.

    Raises:
        rclpy.exceptions.ParameterException: A value given at start is of the wrong type or out of range.
    """
    for declaration in declarations(parameters):
        node.declare_parameter(declaration.name, declaration.default, declaration.descriptor())


def read(node: Node, parameters: type[P]) -> P:
    """The node's present values.

    Raises:
        ParameterError: A value is not one of those allowed.
    """
    values = {}
    for declaration in declarations(parameters):
        value = node.get_parameter(declaration.name).value
        refusal = declaration.refusal(value)
        if refusal:
            raise ParameterError(refusal)
        values[declaration.name] = value
    return parameters(**values)


def check_change(parameters: type[Any], changes: list[Parameter], *, configured: bool) -> SetParametersResult:
    """Whether a change at run time is to be taken, and if not, why.

    Args:
        parameters: The declaration.
        changes: What somebody wants to set; names of others are not looked at.
        configured: The node has read its parameters already.
    """
    known = {declaration.name: declaration for declaration in declarations(parameters)}
    for change in changes:
        declaration = known.get(change.name)
        if declaration is None:
            continue
        refusal = declaration.refusal(change.value)
        if refusal is None and configured and not declaration.live:
            refusal = f"{change.name} takes effect at configure only: deactivate and clean up the node first"
        if refusal:
            return SetParametersResult(successful=False, reason=refusal)
    return SetParametersResult(successful=True)


def with_changes(values: P, changes: list[Parameter]) -> P:
    """The values with those parameters changed that the dataclass knows."""
    known = {field.name for field in dataclasses.fields(values)}  # type: ignore[arg-type]
    changed = {change.name: change.value for change in changes if change.name in known}
    return dataclasses.replace(values, **changed)  # type: ignore[type-var]


def markdown_table(parameters: type[Any]) -> str:
    """The parameters as a table for a manual."""
    rows = ["| parameter | type | default | allowed | |", "|---|---|---|---|---|"]
    for each in declarations(parameters):
        default = f"`{str(each.default).lower() if isinstance(each.default, bool) else each.default}`"
        rows.append(f"| `{each.name}` | {each.type_name} | {default} | {each.range_text} | {each.description} |")
    return "\n".join(rows) + "\n"
