"""Several nodes in one process, so that they share one interpreter and one executor.

    ros2 run perception_ros container face_perception.node:FaceNode

Parameters and remappings are given as for any node; those for one node alone are prefixed with its name.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

import rclpy
from rclpy.exceptions import ParameterException
from rclpy.node import Node

from perception_core.parameters import ParameterError
from perception_ros.spinning import StartError, spinning


class ComponentError(ValueError):
    """A component that cannot be created."""


def create(component: str) -> Node:
    """Makes a node from `module:Class`.

    Raises:
        ComponentError: There is no such class.
    """
    module_name, _, class_name = component.partition(":")
    try:
        node_type = getattr(importlib.import_module(module_name), class_name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ComponentError(f"'{component}' is not a node: {error}; write module:Class") from error
    return node_type()


def run(components: Sequence[str]) -> None:
    """Runs nodes as a process does: a node that cannot be created ends it with one line that says why."""
    try:
        with spinning(lambda: [create(component) for component in components]) as (_, ending):
            ending.wait()
    except (ComponentError, ParameterError, ParameterException, StartError) as error:
        sys.exit(f"cannot start: {error}")
    except KeyboardInterrupt:
        return  # told to end while starting


def main() -> None:
    """The command."""
    arguments = rclpy.utilities.remove_ros_args(sys.argv)[1:]
    parser = argparse.ArgumentParser(prog="container", description=__doc__)
    parser.add_argument("components", nargs="+", metavar="module:Class")
    run(parser.parse_args(arguments).components)


if __name__ == "__main__":
    main()
