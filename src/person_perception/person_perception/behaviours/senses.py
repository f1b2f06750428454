"""A behaviour's subscriptions: they fill `Sightings`, and have the behaviour act on everything that comes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from perception_msgs.msg import GestureEvent, HandArray, PersonArray
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy

from perception_core.image_messages import nanoseconds
from perception_ros.notices import Notices
from person_perception.behaviours.messages_in import Axes, gesture_seen, hands_seen, people_seen
from person_perception.behaviours.sight import Sight
from person_perception.behaviours.sightings import Now, Sightings

_NEWEST = QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT)  # what is sent again comes too late
_EVENT_QUEUE = 100  # of one that is lost, the end or the beginning would be missing
_SAID_AFTER_S = 1.0  # what is on its way when a node is activated is not missing


class Senses:
    """Listens from `open` to `close`."""

    def __init__(self, node: Node, notices: Notices, axes: Axes, news: Callable[[], None]) -> None:
        """Prepares.

        Args:
            node: Whose executor runs the callbacks, and whose clock the stamps are compared with.
            notices: Says what is wrong with what comes.
            axes: Of the frames of messages.
            news: Called whenever something has come.
        """
        self._node, self._notices, self._axes, self._news = node, notices, axes, news
        self._inputs: list[Any] = []
        self._sightings: Sightings | None = None

    def open(self, sightings: Sightings, *, gestures: bool = True) -> None:
        """Subscribes.

        Args:
            sightings: Takes what comes.
            gestures: Whether hands and events are of interest, or people alone.
        """
        self._sightings = sightings
        self._inputs = [self._node.create_subscription(PersonArray, "people", self._take_people, _NEWEST)]
        if gestures:
            self._inputs += [
                self._node.create_subscription(HandArray, "hands", self._take_hands, _NEWEST),
                self._node.create_subscription(GestureEvent, "gesture_events", self._take_event, _EVENT_QUEUE),
            ]

    def close(self) -> None:
        """Unsubscribes."""
        for subscription in self._inputs:
            self._node.destroy_subscription(subscription)
        self._inputs, self._sightings = [], None
        for condition in ("sight", "frame"):
            self._notices.ends(condition)

    def look(self) -> tuple[float, Sight]:
        """The moment, and what is known then; says what is wrong with it."""
        now_s = time.monotonic()
        sight = self._sightings.look(now_s) if self._sightings is not None else Sight(trouble="inactive")
        if sight.trouble:
            self._notices.begins("sight", sight.trouble, _SAID_AFTER_S)
        else:
            self._notices.ends("sight")
        return now_s, sight

    def _now(self) -> Now:
        return Now(time.monotonic(), self._node.get_clock().now().nanoseconds)

    def _take_people(self, message: PersonArray) -> None:
        if self._sightings is None:
            return
        frame_id = message.header.frame_id
        if self._axes.known(frame_id):
            self._notices.ends("frame")
        else:
            self._notices.begins(
                "frame",
                f"people are in the frame {frame_id!r}: set robot_frame to it if x is ahead in it, or camera_frame if "
                "z is; until then nobody has a place",
            )
        self._sightings.take_people(self._now(), nanoseconds(message.header), people_seen(message, self._axes))
        self._news()

    def _take_hands(self, message: HandArray) -> None:
        if self._sightings is not None:
            self._sightings.take_hands(self._now(), nanoseconds(message.header), hands_seen(message))
            self._news()

    def _take_event(self, message: GestureEvent) -> None:
        if self._sightings is not None:
            self._sightings.take_event(self._now(), gesture_seen(message))
            self._news()
