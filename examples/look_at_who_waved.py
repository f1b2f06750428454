"""Tells a robot's head where to look: at whoever waved last, for as long as they are in view.

python3 examples/look_at_who_waved.py
"""

from contextlib import suppress

import rclpy
from geometry_msgs.msg import PointStamped
from perception_msgs.msg import GestureEvent, PersonArray, Position3D
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from rclpy.qos import QoSProfile, qos_profile_sensor_data
from rclpy.time import Time

EVERY_EVENT = QoSProfile(depth=100)  # reliable: if one is lost, a beginning or an end is missing
NEWEST = qos_profile_sensor_data  # best effort: the next image is worth more than a late one
TOO_OLD_S = 1.0


class LookAtWhoWaved(Node):
    """Chooses somebody by a gesture, and follows them with the positions of people."""

    def __init__(self) -> None:
        super().__init__("look_at_who_waved")
        self.chosen: int | None = None
        self.target = self.create_publisher(PointStamped, "look_at", 10)
        self.create_subscription(GestureEvent, "gesture_events", self.take_event, EVERY_EVENT)
        self.create_subscription(PersonArray, "people", self.take_people, NEWEST)

    def take_event(self, event: GestureEvent) -> None:
        """Somebody has begun to wave; who is not known is not looked at."""
        if event.gesture.label == "Wave" and event.event == GestureEvent.STARTED and event.author_known:
            self.chosen = event.author_track_id

    def take_people(self, message: PersonArray) -> None:
        """Looks at the chosen one, and lets go of who has left."""
        age = self.get_clock().now() - Time.from_msg(message.header.stamp)
        if abs(age.nanoseconds) > TOO_OLD_S * 1e9:
            return
        person = next((each for each in message.people if each.track_id == self.chosen), None)
        if person is None:
            self.chosen = None
        elif person.position.source != Position3D.NONE:
            self.target.publish(PointStamped(header=message.header, point=person.position.point))


def main() -> None:
    """Runs until it is told to end."""
    rclpy.init()
    with suppress(KeyboardInterrupt, ExternalShutdownException):
        rclpy.spin(LookAtWhoWaved())


if __name__ == "__main__":
    main()
