"""What a soak does to the graph, drawn by a seed."""

from __future__ import annotations

import random
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from rcl_interfaces.msg import Parameter
from rclpy.parameter import Parameter as RclpyParameter

from face_perception.parameters import FaceParameters
from gesture_perception.parameters import GestureParameters
from perception_core.parameters import Declaration, declarations
from person_perception.parameters import PersonParameters

_PARAMETERS = {
    "face_perception": FaceParameters,
    "gesture_perception": GestureParameters,
    "person_perception": PersonParameters,
}


class Kind(Enum):
    """Of trouble."""

    CAMERA_VANISHES = "camera vanishes"
    NODE_KILLED = "node killed"
    PARAMETER = "parameter changed"
    REFUSED = "parameter that waits for configure"
    DEACTIVATED = "deactivated"
    CLEANED_UP = "cleaned up"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One of them.

    Attributes:
        kind: What happens.
        target: The node, or the camera.
        wait_s: How long it stays away, or as it is.
        sent: The signal, where a process ends.
        parameter: What is changed, where something is.
    """

    kind: Kind
    target: str
    wait_s: float
    sent: signal.Signals = signal.SIGKILL
    parameter: Parameter | None = None


def draw(rng: random.Random, nodes: Sequence[str], *, kills: bool) -> Trouble:
    """The next trouble.

    Args:
        rng: Of the soak's seed.
        nodes: Names of the nodes.
        kills: Whether processes of nodes may be killed.
    """
    kinds = [kind for kind in Kind if kills or kind is not Kind.NODE_KILLED]
    kind, target, wait_s = rng.choice(kinds), rng.choice(nodes), rng.uniform(0.2, 2.0)
    if kind is Kind.CAMERA_VANISHES:
        return Trouble(kind, "camera", wait_s, rng.choice([signal.SIGKILL, signal.SIGINT]))
    if kind in (Kind.PARAMETER, Kind.REFUSED):
        live = kind is Kind.PARAMETER
        usable = [each for each in declarations(_PARAMETERS[target]) if each.live is live and _changeable(each)]
        return Trouble(kind, target, wait_s, parameter=_value(rng, rng.choice(usable)))
    return Trouble(kind, target, wait_s)


def default_of(target: str, name: str) -> Parameter:
    """A parameter as it was."""
    (declaration,) = [each for each in declarations(_PARAMETERS[target]) if each.name == name]
    return _message(declaration.name, declaration.default)


def _changeable(declaration: Declaration) -> bool:
    return isinstance(declaration.default, bool | int | float) or bool(declaration.one_of)


def _value(rng: random.Random, declaration: Declaration) -> Parameter:
    """An allowed value, and near the default where that is a number: what follows is to be a graph that works."""
    default = declaration.default
    if isinstance(default, bool):
        return _message(declaration.name, not default)
    if isinstance(default, str):
        return _message(declaration.name, rng.choice(declaration.one_of))
    return _message(declaration.name, declaration.nearest((default or 1) * rng.uniform(0.5, 2.0)))


def _message(name: str, value: object) -> Parameter:
    message: Parameter = RclpyParameter(name, value=value).to_parameter_msg()
    return message
