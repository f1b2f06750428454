"""The node that does what a table of gestures says. It is not a safety-rated stop, and does not replace one.

    ros2 run person_perception gesture_actions --ros-args -p table:=gestures.yaml

Hears `people`, `hands` and `gesture_events`; publishes, calls and drives (`cmd_vel`) as the table says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rclpy.client import Client
from rclpy.publisher import Publisher
from std_msgs.msg import Bool, Empty, String
from std_srvs.srv import SetBool, Trigger

from perception_ros.configured_node import ConfiguredNode, LoadError
from perception_ros.container import run
from person_perception.behaviours.acting import GestureActions
from person_perception.behaviours.acting_timer import ActingTimer
from person_perception.behaviours.action_table import Call, Publish, read_action_table
from person_perception.behaviours.messages_in import Axes
from person_perception.behaviours.parameters import ActionParameters, check_stop, freshness
from person_perception.behaviours.senses import Senses
from person_perception.behaviours.sight import Command
from person_perception.behaviours.sightings import Sightings
from person_perception.behaviours.table_yaml import TableError
from person_perception.behaviours.wheels import Wheels, command_type


class GestureActionsNode(ConfiguredNode[ActionParameters]):
    """Does what the table says."""

    def __init__(self) -> None:
        super().__init__("gesture_actions", ActionParameters)
        self._clients_of: dict[str, Client] = {}

    def load(self, values: ActionParameters) -> None:
        """Reads the table, and creates what it names.

        Raises:
            LoadError: Something in it cannot be used.
            ParameterError: No table is named, or its limits contradict each other.
        """
        self._values, path = values, values.table_path
        try:
            self._table = read_action_table(path)
        except TableError as error:
            raise LoadError(str(error)) from error
        check_stop(self._table.limits)
        self._publishers_of: dict[str, Publisher] = {}
        for does in (action.does for action in self._table.actions):
            if isinstance(does, Publish) and does.topic not in self._publishers_of:
                self._publishers_of[does.topic] = self._publisher(_message_type(does), does.topic)
            elif isinstance(does, Call) and does.service not in self._clients_of:
                self._clients_of[does.service] = self.create_client(_service_type(does), does.service)
        self._wheels: Wheels | None = None
        if self._table.drives:
            publisher = self._publisher(command_type(values.stamped), "cmd_vel")
            self._wheels = Wheels(self, publisher, stamped=values.stamped)
        self._timer = ActingTimer(self, self.wall, self._act, self._failed)
        self._senses = Senses(self, self.notices, Axes(values.robot_frame, values.camera_frame), self._timer)
        self._command = Command(state="inactive")

    def changed(self, values: ActionParameters) -> None:
        """Nothing changes while it runs."""

    def started(self) -> None:
        """Looks, and acts."""
        self._begin()
        self._senses.open(Sightings(freshness(self._values.stale_after_s), needs_hands=self._table.drives))
        self._timer.open()

    def stopped(self) -> None:
        """The robot rests."""
        self._timer.close()
        if self._wheels is not None:
            self._wheels.rest()
        self._senses.close()
        self._command = Command(state="inactive")

    def unload(self) -> None:
        """Asks no service any more."""
        for client in self._clients_of.values():
            self.destroy_client(client)
        self._clients_of.clear()

    def complaints(self) -> list[str]:
        """Looks for others who command the robot."""
        if self._wheels is not None:
            self._wheels.look(self.notices)
        return []

    def about(self) -> Mapping[str, str]:
        """What it does."""
        return {"behaviour": self._command.state, "actions": str(len(self._table.actions))}

    def _begin(self) -> None:
        self._policy = GestureActions(self._table, freshness(self._values.stale_after_s))

    def _act(self) -> None:
        now_s, sight = self._senses.look()
        acts = self._policy(now_s, sight)
        if self._wheels is not None:
            self._wheels.drive(now_s, acts.command)
        self._command = acts.command
        for does in acts.due:
            if isinstance(does, Publish):
                self._publishers_of[does.topic].publish(_message(does))
            else:
                self._call(does)

    def _call(self, does: Call) -> None:
        client = self._clients_of[does.service]
        if not client.service_is_ready():
            self.get_logger().warning(f"nobody offers {client.srv_name}: not called")
            return
        request = Trigger.Request() if does.value is None else SetBool.Request(data=does.value)
        client.call_async(request).add_done_callback(lambda future: self._answered(client.srv_name, future))

    def _answered(self, name: str, future: Any) -> None:
        answer = None if future.cancelled() or future.exception() is not None else future.result()
        if answer is None or not answer.success:
            self.get_logger().warning(f"{name} failed: {answer.message if answer is not None else 'no answer'}")

    def _failed(self) -> None:
        if self._wheels is not None:
            self._wheels.rest()
        self._begin()


def _message_type(does: Publish) -> type[Any]:
    return {str: String, bool: Bool}.get(type(does.value), Empty)


def _message(does: Publish) -> Any:
    return Empty() if does.value is None else _message_type(does)(data=does.value)


def _service_type(does: Call) -> type[Any]:
    return Trigger if does.value is None else SetBool


def main() -> None:
    """The command."""
    run(["person_perception.behaviours.gesture_actions:GestureActionsNode"])


if __name__ == "__main__":
    main()
