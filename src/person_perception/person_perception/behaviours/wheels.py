"""A behaviour's hand on the wheels: velocity commands as a multiplexer such as twist_mux expects them.

While a behaviour commands, it publishes at every period, also that the robot is to stand. When it has nothing to say it
falls silent, so that a multiplexer lets others command; before that it says zero for half a second.
"""

from __future__ import annotations

import time
from typing import Any

from geometry_msgs.msg import Twist, TwistStamped, Vector3
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.publisher import Publisher

from perception_ros.image_codec import time_message
from perception_ros.notices import Notices
from person_perception.behaviours.sight import Command

_ZEROS_S = 0.5  # so long zero is repeated before silence
_ARRIVES_S = 0.1  # so long the last command is waited for to arrive


class Wheels:
    """Publishes commands."""

    def __init__(self, node: Node, publisher: Publisher, *, stamped: bool) -> None:
        """Takes over a publisher.

        Args:
            node: Whose clock stamps are taken from.
            publisher: Of `command_type(stamped)`.
            stamped: Whether commands are.
        """
        self._node, self._publisher, self._stamped = node, publisher, stamped
        self._zeros_until_s = 0.0

    def drive(self, now_s: float, command: Command) -> None:
        """Publishes a command, if there is something to say.

        Args:
            now_s: The moment that it is for, by the steady clock; its stamp says so.
            command: Of a policy.
        """
        twist = Twist(linear=Vector3(x=command.linear), angular=Vector3(z=command.angular))
        self.send(now_s, twist, active=command.active)

    def send(self, now_s: float, twist: Twist, *, active: bool) -> None:
        """Publishes any velocity.

        Args:
            now_s: As for `drive`.
            twist: The velocity.
            active: Whether more are to come; zero is repeated for a while where not.
        """
        if active:
            self._zeros_until_s = now_s + _ZEROS_S
        if active or now_s < self._zeros_until_s:
            self._publish(now_s, twist)

    def rest(self) -> None:
        """Zero, at once, and on its way before this returns: there may be no next command."""
        if self._node.context.ok():
            self._publish(time.monotonic(), Twist())
            self._publisher.wait_for_all_acked(Duration(seconds=_ARRIVES_S))

    def look(self, notices: Notices) -> None:
        """Looks whether another node commands the same robot, and says so."""
        others = self._node.count_publishers(self._publisher.topic_name) - 1
        if others > 0:
            notices.begins(
                "commanders",
                f"{others} other publisher(s) on {self._publisher.topic_name}: two that command one robot undo each "
                "other's stops. Remap cmd_vel, and put twist_mux in between",
            )
        else:
            notices.ends("commanders")

    def _publish(self, now_s: float, twist: Twist) -> None:
        if self._stamped:
            stamped = TwistStamped(twist=twist)
            since_ns = round((time.monotonic() - now_s) * 1e9)
            stamped.header.stamp = time_message(max(0, self._node.get_clock().now().nanoseconds - since_ns))
            self._publisher.publish(stamped)
        else:
            self._publisher.publish(twist)


def command_type(stamped: bool) -> type[Any]:
    """The type of the messages."""
    return TwistStamped if stamped else Twist
