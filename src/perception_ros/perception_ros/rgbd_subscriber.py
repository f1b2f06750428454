"""Colour, aligned depth and camera_info of one camera, paired by stamp."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rclpy.lifecycle import LifecycleNode
from rclpy.qos import QoSProfile
from rclpy.subscription import Subscription
from sensor_msgs.msg import CameraInfo, Image

from perception_core.pairing import StampPairing
from perception_core.topics import CAMERA_INFO_TOPIC, COLOUR_TOPIC, DEPTH_TOPIC
from perception_ros import qos
from perception_ros.image_codec import nanoseconds

_LOOK_FOR_PUBLISHERS_S = 0.25
_FINDING_S = 0.5  # at activation the topics are found one after the other: so long incomplete moments are passed over


@dataclass(frozen=True, slots=True)
class RgbdMessages:
    """What belongs to one moment, still as messages."""

    colour: Image
    depth: Image | None
    camera_info: CameraInfo | None


class MatchedSubscription:
    """A subscription that asks for what the publishers offer, and follows when they change."""

    def __init__(
        self, node: LifecycleNode, message_type: type[Any], topic: str, callback: Callable[[Any], None]
    ) -> None:
        self._node = node
        self._message_type = message_type
        self._callback = callback
        self._topic = topic
        self._subscription: Subscription | None = None
        self._profile: QoSProfile | None = None
        self.published = False
        self.follow_publishers()

    def follow_publishers(self) -> None:
        """Subscribes, or subscribes anew, if there are publishers whose quality of service asks for it."""
        publishers = self._node.get_publishers_info_by_topic(self._node.resolve_topic_name(self._topic))
        self.published = bool(publishers)
        if not publishers:
            return
        profile = qos.matching(publishers)
        if profile == self._profile:
            return
        self.close()
        self._subscription = self._node.create_subscription(self._message_type, self._topic, self._callback, profile)
        self._profile = profile

    @property
    def topic(self) -> str:
        """The full name after remapping."""
        return str(self._node.resolve_topic_name(self._topic))

    def close(self) -> None:
        """Unsubscribes."""
        if self._subscription is not None:
            self._node.destroy_subscription(self._subscription)
            self._subscription = None


class RgbdSubscriber:
    """Subscribes to a camera until closed and hands on each moment of it."""

    def __init__(self, node: LifecycleNode, slop_s: float, on_moment: Callable[[RgbdMessages], None]) -> None:
        """Subscribes.

        Args:
            node: Whose executor runs the callbacks.
            slop_s: How far the stamps of colour and depth may lie apart, in seconds.
            on_moment: Takes each pair on the executor's thread; it must not take long.
        """
        self._node = node
        self._on_moment = on_moment
        self._camera_info: CameraInfo | None = None
        self._began = self._last_colour = time.monotonic()
        self._depth_seen = False
        self._pairing: StampPairing[Image, Image] = StampPairing(slop_s=slop_s)
        self._subscriptions = (
            MatchedSubscription(node, Image, COLOUR_TOPIC, self._take_colour),
            MatchedSubscription(node, Image, DEPTH_TOPIC, self._take_depth),
            MatchedSubscription(node, CameraInfo, CAMERA_INFO_TOPIC, self._take_camera_info),
        )
        self._timer = node.create_timer(_LOOK_FOR_PUBLISHERS_S, self._follow_publishers)

    def missing_topics(self) -> list[str]:
        """Full names of the topics nobody publishes."""
        return [subscription.topic for subscription in self._subscriptions if not subscription.published]

    def silent_s(self) -> float:
        """Seconds since the last colour image, or since the beginning."""
        return time.monotonic() - self._last_colour

    @property
    def frames_without_depth(self) -> int:
        """How many colour images went on without depth."""
        return self._pairing.unpaired_colour

    def close(self) -> None:
        """Unsubscribes from everything."""
        self._node.destroy_timer(self._timer)
        for subscription in self._subscriptions:
            subscription.close()

    def _follow_publishers(self) -> None:
        for subscription in self._subscriptions:
            subscription.follow_publishers()

    def _take_colour(self, image: Image) -> None:
        self._last_colour = time.monotonic()
        self._hand_on(self._pairing.add_colour(nanoseconds(image.header), image))

    def _take_depth(self, image: Image) -> None:
        self._depth_seen = True
        self._hand_on(self._pairing.add_depth(nanoseconds(image.header), image))

    def _take_camera_info(self, camera_info: CameraInfo) -> None:
        self._camera_info = camera_info

    def _hand_on(self, pairs: list[tuple[Image, Image | None]]) -> None:
        for colour, depth in pairs:
            if self._still_finding():
                continue
            self._on_moment(RgbdMessages(colour, depth, self._camera_info))

    def _still_finding(self) -> bool:
        if time.monotonic() - self._began > _FINDING_S:
            return False
        _, depth, camera_info = self._subscriptions
        return (depth.published and not self._depth_seen) or (camera_info.published and self._camera_info is None)
