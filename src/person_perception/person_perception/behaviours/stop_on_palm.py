"""The node that stops a robot on a palm, whoever drives it. It is not a safety-rated stop, and does not replace one.

    ros2 run person_perception stop_on_palm

Hears `cmd_vel_in`, `people`, `hands` and `gesture_events`. Publishes `cmd_vel`: what comes in, or zero; and
`palm_lock`, a std_msgs/Bool as the locks of twist_mux are, for who would rather not have commands pass through here.
`~/release` ends a stop.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from geometry_msgs.msg import Twist, Vector3
from std_msgs.msg import Bool
from std_srvs.srv import Trigger

from perception_ros.configured_node import ConfiguredNode
from perception_ros.container import run
from person_perception.behaviours.acting_timer import ActingTimer
from person_perception.behaviours.messages_in import Axes
from person_perception.behaviours.palm_gate import GateState, PalmGate
from person_perception.behaviours.parameters import GateParameters, authority, freshness
from person_perception.behaviours.senses import Senses
from person_perception.behaviours.sightings import Sightings
from person_perception.behaviours.wheels import Wheels, command_type

_CLOSED = GateState(0.0, latched=False, state="inactive")


class StopOnPalmNode(ConfiguredNode[GateParameters]):
    """Lets commands through, or does not."""

    def __init__(self) -> None:
        super().__init__("stop_on_palm", GateParameters)
        self._input: Any = None
        self._policy: PalmGate | None = None
        self._gate = _CLOSED
        self.create_service(Trigger, "~/release", self._release)

    def load(self, values: GateParameters) -> None:
        """Creates the publishers."""
        self._values = values
        self._wheels = Wheels(self, self._publisher(command_type(values.stamped), "cmd_vel"), stamped=values.stamped)
        self._lock = self._publisher(Bool, "palm_lock", 1)
        self._timer = ActingTimer(self, self.wall, self._act, self._failed)
        self._senses = Senses(self, self.notices, Axes(values.robot_frame, values.camera_frame), self._timer)

    def changed(self, values: GateParameters) -> None:
        """Nothing changes while it runs."""

    def started(self) -> None:
        """Closed until something is seen."""
        self._begin()
        self._wanted, self._wanted_s = Twist(), -1e9
        self._senses.open(Sightings(freshness(self._values.stale_after_s)))
        self._timer.open()
        kind = command_type(self._values.stamped)
        self._input = self.create_subscription(kind, "cmd_vel_in", self._take_input, 10)

    def stopped(self) -> None:
        """The robot rests, and stays locked for who heeds the lock."""
        self._timer.close()
        if self._input is not None:
            self.destroy_subscription(self._input)
            self._input = None
        self._wheels.rest()
        self._tell_lock(locked=True)
        self._senses.close()
        self._policy, self._gate = None, _CLOSED

    def unload(self) -> None:
        """There is nothing to give back."""

    def complaints(self) -> list[str]:
        """Looks for others who command the robot."""
        self._wheels.look(self.notices)
        return []

    def about(self) -> Mapping[str, str]:
        """What it does."""
        return {"behaviour": self._gate.state}

    def _begin(self) -> None:
        values = self._values
        self._policy = PalmGate(values.rules, authority(values.who, values.people), freshness(values.stale_after_s))

    def _take_input(self, message: Any) -> None:
        self._wanted = message.twist if self._values.stamped else message
        self._wanted_s = time.monotonic()
        self._timer()

    def _act(self) -> None:
        assert self._policy is not None
        now_s, sight = self._senses.look()
        gate = self._policy(now_s, sight)
        commanded = now_s - self._wanted_s < self._values.input_timeout_s
        self._wheels.send(
            now_s, scaled(self._wanted, gate.share if commanded else 0.0), active=commanded or gate.latched
        )
        self._tell_lock(locked=gate.locked)
        if gate.latched != self._gate.latched:
            self.get_logger().info(gate.state)
        self._gate = gate

    def _failed(self) -> None:
        self._wheels.rest()
        self._tell_lock(locked=True)
        self._begin()
        assert self._policy is not None
        self._policy.latch("an error")  # who was stopped stays stopped

    def _tell_lock(self, *, locked: bool) -> None:
        if self.context.ok():
            self._lock.publish(Bool(data=locked))

    def _release(self, _request: Any, response: Any) -> Any:
        if self._policy is None:
            response.success, response.message = False, "the node is not active"
        else:
            response.success = self._policy.release()
            response.message = "released" if response.success else "nobody had stopped the robot"
        return response


def scaled(twist: Twist, share: float) -> Twist:
    """A share of a velocity; exactly zero for none of it, whatever it is."""
    if share <= 0:
        return Twist()

    def less(way: Vector3) -> Vector3:
        return Vector3(x=share * way.x, y=share * way.y, z=share * way.z)

    return Twist(linear=less(twist.linear), angular=less(twist.angular))


def main() -> None:
    """The command."""
    run(["person_perception.behaviours.stop_on_palm:StopOnPalmNode"])


if __name__ == "__main__":
    main()
