"""Parameters of a node: what `perception_core.parameters` declares, as ROS has it."""

from __future__ import annotations

import sys
from typing import Any, TypeVar

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor, SetParametersResult
from rclpy.node import Node
from rclpy.parameter import Parameter

from perception_core import parameters as core
from perception_core.parameters import Declaration, ParameterError, declarations, parameter
from perception_ros import params_file

__all__ = ["ParameterError", "check_change", "declare", "descriptor", "parameter", "read", "with_changes"]

_FLOAT_TOP = 1.7976931348623157e308
_INT_TOP = 2**63 - 1

P = TypeVar("P")


def descriptor(declaration: Declaration) -> ParameterDescriptor:
    """What ROS is told of a parameter."""
    when = (
        " Can be given at the start of the node only." if declaration.fixed else " Takes effect at the next configure."
    )
    told = ParameterDescriptor(
        name=declaration.name,
        description=declaration.description + ("" if declaration.live else when),
        read_only=declaration.fixed,
        additional_constraints=declaration.range_text if declaration.one_of else "",
    )
    low, high = declaration.at_least, declaration.at_most
    if low is None and high is None:
        return told
    if isinstance(declaration.default, float):
        lowest = -_FLOAT_TOP if low is None else float(low)
        highest = _FLOAT_TOP if high is None else float(high)
        told.floating_point_range = [FloatingPointRange(from_value=lowest, to_value=highest, step=0.0)]
    else:
        least = -_INT_TOP if low is None else int(low)
        most = _INT_TOP if high is None else int(high)
        told.integer_range = [IntegerRange(from_value=least, to_value=most, step=1)]
    return told


def declare(node: Node, parameters: type[Any]) -> None:
    """Declares a dataclass's parameters on a node.

    Raises:
        rclpy.exceptions.ParameterException: A value given at start is of the wrong type or out of range.
        ParameterError: A name given at start for this node is none of its parameters, which ROS would pass over.
    """
    for declaration in declarations(parameters):
        node.declare_parameter(declaration.name, declaration.default, descriptor(declaration))
    given = params_file.on_command_line(sys.argv)
    known = {node.get_name(): list(node.get_parameters_by_prefix(""))}
    mine = [each for each in given if each.node in ("", node.get_name())]
    wrong = params_file.mistakes(mine, known)
    if wrong:
        raise ParameterError("; ".join(wrong))
    for doubt in params_file.suspicions(mine, known):
        node.get_logger().warning(doubt)


def read(node: Node, parameters: type[P]) -> P:
    """The node's present values.

    Raises:
        ParameterError: A value is not one of those allowed, or two contradict each other.
    """
    names = [declaration.name for declaration in declarations(parameters)]
    return core.with_changes(parameters(), {name: node.get_parameter(name).value for name in names})


def check_change(parameters: type[P], changes: list[Parameter], present: P | None) -> SetParametersResult:
    """Whether a change at run time is to be taken, and if not, why.

    Before the node is configured values may contradict each other: they are set one after the other.

    Args:
        parameters: The declaration.
        changes: What somebody wants to set; names of others are not looked at.
        present: The values that the node has read; None if it has not yet.
    """
    known = {declaration.name: declaration for declaration in declarations(parameters)}
    for change in changes:
        declaration = known.get(change.name)
        if declaration is None:
            continue
        refusal = declaration.refusal(change.value)
        if refusal is None and present is not None and not declaration.live:
            refusal = f"{change.name} takes effect at configure only: deactivate and clean up the node first"
        if refusal:
            return SetParametersResult(successful=False, reason=refusal)
    try:
        if present is not None:
            with_changes(present, changes)
    except ParameterError as error:
        return SetParametersResult(successful=False, reason=str(error))
    return SetParametersResult(successful=True)


def with_changes(values: P, changes: list[Parameter]) -> P:
    """The values with those parameters changed that the dataclass knows.

    Raises:
        ParameterError: A new value is not allowed, or contradicts another.
    """
    return core.with_changes(values, {change.name: change.value for change in changes})
