"""Takes lifecycle nodes through configure and activate, in order.

    ros2 run perception_ros bring_up face_perception

Exits with 0 when all are active, and with 1 and one line that says which is not, and why. With --keep it stays, and
brings a node up again whenever its process has been started again; a node that somebody has deactivated stays so.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

import rclpy
from lifecycle_msgs.msg import State
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from rclpy.task import Future

from perception_ros.keeper import Incarnation, Keeper
from perception_ros.lifecycle_client import LifecycleClient, LifecycleError

_LOOK_S = 0.25


def bring_up(targets: Sequence[str], timeout_s: float) -> None:
    """Configures and activates nodes one after the other.

    Args:
        targets: Names of lifecycle nodes, relative to this process's namespace or full.
        timeout_s: For each transition.

    Raises:
        LifecycleError: A node is missing, or refuses.
    """
    node = Node("perception_bring_up")
    try:
        for target in targets:
            client = _client(node, target)
            client.transition("configure", timeout_s)
            client.transition("activate", timeout_s)
            node.get_logger().info(f"{target} is active")
    finally:
        node.destroy_node()


def keep_up(targets: Sequence[str], timeout_s: float) -> None:
    """Brings nodes up, and again when their processes come back, until the process is told to end.

    Args:
        targets: Names of lifecycle nodes, relative to this process's namespace or full.
        timeout_s: For each transition, and how long a node may be away before that is logged.
    """
    node = Node("perception_bring_up")
    keeper = Keeper(targets, time.monotonic(), timeout_s)
    steps = {target: _Steps(node, target, timeout_s) for target in targets}
    log = node.get_logger()
    try:
        while rclpy.ok():
            rclpy.spin_once(node, timeout_sec=_LOOK_S)
            now_s = time.monotonic()
            due = keeper.look(now_s, {target: _incarnations(node, target) for target in targets})
            for target in keeper.missing(now_s):
                log.error(f"{target} is not there for {timeout_s:g} s; it is brought up when it comes; look at its log")
            if not due:
                continue
            try:
                log.info(f"{due[0]} {steps[due[0]].take()}")
                keeper.brought_up(due[0])
            except LifecycleError as error:
                pause_s = keeper.failed(due[0], time.monotonic())
                log.error(f"{error}; it is tried again in {pause_s:g} s")
    finally:
        node.destroy_node()


class _Steps:
    """Takes one node to active, from where it is."""

    def __init__(self, node: Node, target: str, timeout_s: float) -> None:
        self._client = _client(node, target)
        self._timeout_s = timeout_s
        self._configured = False

    def take(self) -> str:
        """Takes the next steps; says in words how the node is after them.

        Raises:
            LifecycleError: It does not answer, or refuses.
        """
        state = self._client.state(self._timeout_s)
        if state == State.PRIMARY_STATE_UNCONFIGURED:
            self._client.transition("configure", self._timeout_s)
            self._configured = True
        elif state != State.PRIMARY_STATE_INACTIVE or not self._configured:
            return "is left as it is: somebody else has taken it through its states"
        self._client.transition("activate", self._timeout_s)
        self._configured = False
        return "is active"


def _client(node: Node, target: str) -> LifecycleClient:
    def wait(future: Future, seconds: float) -> None:
        rclpy.spin_until_future_complete(node, future, timeout_sec=seconds)

    return LifecycleClient(node, target, wait)


def _incarnations(node: Node, target: str) -> list[Incarnation]:
    infos = node.get_publishers_info_by_topic(node.resolve_topic_name(f"{target}/transition_event"))
    return [tuple(info.endpoint_gid) for info in infos]


def main() -> None:
    """The command."""
    arguments = rclpy.utilities.remove_ros_args(sys.argv)[1:]
    parser = argparse.ArgumentParser(
        prog="bring_up", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("nodes", nargs="+", help="names of lifecycle nodes, in the order of bring-up")
    parser.add_argument("--timeout", type=float, default=60.0, help="seconds for each transition (default 60)")
    parser.add_argument("--keep", action="store_true", help="stay, and bring up again what was started again")
    options = parser.parse_args(arguments)
    rclpy.init()
    try:
        if options.keep:
            keep_up(options.nodes, options.timeout)
        else:
            bring_up(options.nodes, options.timeout)
    except LifecycleError as error:
        sys.exit(str(error))
    except (KeyboardInterrupt, ExternalShutdownException):
        if not options.keep:
            sys.exit("told to end before all nodes were active")
    finally:
        rclpy.try_shutdown()


if __name__ == "__main__":
    main()
