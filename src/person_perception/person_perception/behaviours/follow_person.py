"""The node that follows a person. It is not a safety-rated stop, and does not replace one.

    ros2 run person_perception follow_person

Hears `people`, `hands` and `gesture_events`; publishes `cmd_vel`.
"""

from __future__ import annotations

from collections.abc import Mapping

from perception_ros.configured_node import ConfiguredNode
from perception_ros.container import run
from person_perception.behaviours.acting_timer import ActingTimer
from person_perception.behaviours.following import FollowPerson
from person_perception.behaviours.messages_in import Axes
from person_perception.behaviours.parameters import FollowParameters, authority, freshness
from person_perception.behaviours.senses import Senses
from person_perception.behaviours.sight import Command
from person_perception.behaviours.sightings import Sightings
from person_perception.behaviours.wheels import Wheels, command_type


class FollowPersonNode(ConfiguredNode[FollowParameters]):
    """Drives after whoever beckons."""

    def __init__(self) -> None:
        super().__init__("follow_person", FollowParameters)

    def load(self, values: FollowParameters) -> None:
        """Creates the publisher."""
        self._values = values
        self._wheels = Wheels(self, self._publisher(command_type(values.stamped), "cmd_vel"), stamped=values.stamped)
        self._timer = ActingTimer(self, self.wall, self._act, self._failed)
        self._senses = Senses(self, self.notices, Axes(values.robot_frame, values.camera_frame), self._timer)
        self._command = Command(state="inactive")

    def changed(self, values: FollowParameters) -> None:
        """Nothing changes while it runs."""

    def started(self) -> None:
        """Looks, and acts."""
        self._begin()
        self._senses.open(Sightings(freshness(self._values.stale_after_s)))
        self._timer.open()

    def stopped(self) -> None:
        """The robot rests."""
        self._timer.close()
        self._wheels.rest()
        self._senses.close()
        self._command = Command(state="inactive")

    def unload(self) -> None:
        """There is nothing to give back."""

    def complaints(self) -> list[str]:
        """Looks for others who command the robot."""
        self._wheels.look(self.notices)
        return []

    def about(self) -> Mapping[str, str]:
        """What it does."""
        return {"behaviour": self._command.state}

    def _begin(self) -> None:
        values = self._values
        self._policy = FollowPerson(
            values.rules, authority(values.who, values.people), values.limits, freshness(values.stale_after_s)
        )

    def _act(self) -> None:
        now_s, sight = self._senses.look()
        command = self._policy(now_s, sight)
        self._wheels.drive(now_s, command)
        if command.active != self._command.active:
            self.get_logger().info(command.state)
        self._command = command

    def _failed(self) -> None:
        self._wheels.rest()
        self._begin()


def main() -> None:
    """The command."""
    run(["person_perception.behaviours.follow_person:FollowPersonNode"])


if __name__ == "__main__":
    main()
