"""The node that greets people.

    ros2 run person_perception greeter

Hears `people`; publishes what is to be said on `greetings`, std_msgs/String.
"""

from __future__ import annotations

from collections.abc import Mapping

from std_msgs.msg import String

from perception_ros.configured_node import ConfiguredNode
from perception_ros.container import run
from person_perception.behaviours.acting_timer import ActingTimer
from person_perception.behaviours.greeting import Greeter
from person_perception.behaviours.messages_in import Axes
from person_perception.behaviours.parameters import GreeterParameters, freshness
from person_perception.behaviours.senses import Senses
from person_perception.behaviours.sightings import Sightings


class GreeterNode(ConfiguredNode[GreeterParameters]):
    """Says hello once per person and visit."""

    def __init__(self) -> None:
        super().__init__("greeter", GreeterParameters)
        self._said = 0

    def load(self, values: GreeterParameters) -> None:
        """Creates the publisher."""
        self._values = values
        self._greetings = self._publisher(String, "greetings")
        self._timer = ActingTimer(self, self.wall, self._act, self._begin)
        self._senses = Senses(self, self.notices, Axes(values.robot_frame, values.camera_frame), self._timer)

    def changed(self, values: GreeterParameters) -> None:
        """Nothing changes while it runs."""

    def started(self) -> None:
        """Looks, and greets."""
        self._begin()
        self._senses.open(Sightings(freshness(self._values.stale_after_s), needs_hands=False), gestures=False)
        self._timer.open()

    def stopped(self) -> None:
        """Says nothing more."""
        self._timer.close()
        self._senses.close()

    def unload(self) -> None:
        """There is nothing to give back."""

    def about(self) -> Mapping[str, str]:
        """How many were greeted."""
        return {"greetings": str(self._said)}

    def _begin(self) -> None:
        self._policy = Greeter(self._values.rules)

    def _act(self) -> None:
        for text in self._policy(*self._senses.look()):
            self._greetings.publish(String(data=text))
            self._said += 1


def main() -> None:
    """The command."""
    run(["person_perception.behaviours.greeter:GreeterNode"])


if __name__ == "__main__":
    main()
