"""The suite's nodes by name, for who starts them: launch files and `./perception up`; none of them is imported."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from perception_core.parameters import declarations
from perception_core.topics import CAMERA_INFO_TOPIC, COLOUR_TOPIC, DEPTH_INFO_TOPIC, DEPTH_TOPIC

USUAL_CAMERA = "camera"
"""The name of a camera whose topics need no remapping."""

TO_PERSON_NODE = ("gesture_perception:gesture_events", "hand_events")
"""Remapping where the person node runs: it publishes gesture_events with their authors, and takes them from here."""


@dataclass(frozen=True, slots=True)
class SuiteNode:
    """A node, and where it is.

    Attributes:
        name: Of the node.
        package: That installs it.
        executable: Its program there.
        module: Its program for `python -m`.
        component: For the container.
        parameters: Module and class of its parameters.
    """

    name: str
    package: str
    executable: str
    module: str
    component: str
    parameters: str


def _perceiver(package: str, subject: str) -> SuiteNode:
    module = f"{package}.node"
    parameters = f"{package}.parameters:{subject}Parameters"
    return SuiteNode(package, package, f"{subject.lower()}_node", module, f"{module}:{subject}Node", parameters)


def _behaviour(name: str, node: str, parameters: str) -> SuiteNode:
    module = f"person_perception.behaviours.{name}"
    where = f"person_perception.behaviours.parameters:{parameters}"
    return SuiteNode(name, "person_perception", name, module, f"{module}:{node}", where)


FACES = _perceiver("face_perception", "Face")
HANDS = _perceiver("gesture_perception", "Gesture")
PEOPLE = _perceiver("person_perception", "Person")
BEHAVIOURS = (
    _behaviour("follow_person", "FollowPersonNode", "FollowParameters"),
    _behaviour("gesture_actions", "GestureActionsNode", "ActionParameters"),
    _behaviour("greeter", "GreeterNode", "GreeterParameters"),
    _behaviour("stop_on_palm", "StopOnPalmNode", "GateParameters"),
)
"""A behaviour that has died is not started again by itself: a stop that somebody has asked for would be forgotten."""


def perceivers(*, gestures: bool, people: bool) -> list[SuiteNode]:
    """The nodes of perception in the order of their bring-up; people need gestures."""
    return [FACES, *([HANDS] if gestures else []), *([PEOPLE] if gestures and people else [])]


def known_parameters() -> dict[str, list[str]]:
    """Names of the parameters of each node of the suite."""
    return {
        node.name: [each.name for each in declarations(_found(node.parameters))]
        for node in (FACES, HANDS, PEOPLE, *BEHAVIOURS)
    }


def allowed(parameter: str) -> tuple[str, ...]:
    """What the face and the gesture node allow as value of a parameter that both have; none if they have it not."""
    return next((each.one_of for each in declarations(_found(FACES.parameters)) if each.name == parameter), ())


def camera_remappings(
    camera_name: str, *, colour: str = "", depth: str = "", camera_info: str = ""
) -> list[tuple[str, str]]:
    """From the topics of a camera with the usual name to those of another one.

    Args:
        camera_name: As realsense2_camera's `camera_name`, which names its topics and frames.
        colour: Topic of a driver that has other names; empty for that of the camera's name.
        depth: Likewise.
        camera_info: Likewise.
    """
    named = {COLOUR_TOPIC: colour, DEPTH_TOPIC: depth, DEPTH_INFO_TOPIC: "", CAMERA_INFO_TOPIC: camera_info}
    moved = {
        topic: name or topic.replace("camera/camera/", f"camera/{camera_name}/", 1) for topic, name in named.items()
    }
    return [(topic, name) for topic, name in moved.items() if topic != name]


def camera_frame(camera_name: str) -> str:
    """The colour camera's optical frame, as realsense2_camera calls it."""
    return f"{camera_name}_color_optical_frame"


def require_package(name: str, remedy: str) -> None:
    """Makes sure that a package is installed, before anything is started that would have to be ended again.

    Raises:
        RuntimeError: It is not.
    """
    from ament_index_python.packages import PackageNotFoundError, get_package_prefix  # noqa: PLC0415 - ROS's own

    try:
        get_package_prefix(name)
    except PackageNotFoundError as error:
        raise RuntimeError(f"{name} is not installed: {remedy}") from error


def _found(where: str) -> type:
    module, _, name = where.partition(":")
    found: type = getattr(importlib.import_module(module), name)
    return found
