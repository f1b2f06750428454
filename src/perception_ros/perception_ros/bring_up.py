"""Takes lifecycle nodes through configure and activate, in order, and ends.

    ros2 run perception_ros bring_up face_perception

Exits with 0 when all are active, and with 1 and one line that says which is not, and why.
"""

from __future__ import annotations

import argparse
import sys

import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from rclpy.task import Future

from perception_ros.lifecycle_client import LifecycleClient, LifecycleError


def bring_up(targets: list[str], timeout_s: float) -> None:
    """Configures and activates nodes one after the other.

    Args:
        targets: Names of lifecycle nodes, relative to this process's namespace or full.
        timeout_s: For each transition.

    Raises:
        LifecycleError: A node is missing, or refuses.
    """
    node = Node("perception_bring_up")

    def wait(future: Future, seconds: float) -> None:
        rclpy.spin_until_future_complete(node, future, timeout_sec=seconds)

    try:
        for target in targets:
            client = LifecycleClient(node, target, wait)
            client.transition("configure", timeout_s)
            client.transition("activate", timeout_s)
            node.get_logger().info(f"{target} is active")
    finally:
        node.destroy_node()


def main() -> None:
    """The command."""
    arguments = rclpy.utilities.remove_ros_args(sys.argv)[1:]
    parser = argparse.ArgumentParser(prog="bring_up", description=__doc__)
    parser.add_argument("nodes", nargs="+", help="names of lifecycle nodes, in the order of bring-up")
    parser.add_argument("--timeout", type=float, default=60.0, help="seconds for each transition (default 60)")
    options = parser.parse_args(arguments)
    rclpy.init()
    try:
        bring_up(options.nodes, options.timeout)
    except LifecycleError as error:
        sys.exit(str(error))
    except (KeyboardInterrupt, ExternalShutdownException):
        sys.exit("told to end before all nodes were active")
    finally:
        rclpy.try_shutdown()


if __name__ == "__main__":
    main()
