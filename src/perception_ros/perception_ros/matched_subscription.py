"""A subscription that follows the publishers of its topic."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rclpy.event_handler import SubscriptionEventCallbacks, UnsupportedEventTypeError
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.subscription import Subscription
from rclpy.topic_endpoint_info import TopicEndpointInfo

from perception_core.loss import LossCounter
from perception_ros import qos


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the forms in which the same thing is published.

    Attributes:
        message_type: Of the messages.
        suffix: What image_transport puts behind the topic's name, such as /compressed.
    """

    message_type: type[Any]
    suffix: str = ""

    @property
    def type_name(self) -> str:
        """As ROS writes it, such as sensor_msgs/msg/Image."""
        return f"{self.message_type.__module__.partition('.')[0]}/msg/{self.message_type.__name__}"


class MatchedSubscription:
    """Subscribes to the first variant that is published, with what its publishers offer, and follows when they change.

    Attributes:
        published: Whether there is a publisher that could be subscribed to.
        subscribed_at: When it last subscribed, by the monotonic clock.
        other_types: Of publishers on this topic that could not; empty where there is one that could.
    """

    def __init__(self, node: Node, topic: str, variants: Sequence[Variant], callback: Callable[[Any], None]) -> None:
        """Looks for publishers.

        Args:
            node: Whose executor runs the callback.
            topic: Relative to the node, before remapping.
            variants: The preferred one first.
            callback: Takes each message.
        """
        self._node = node
        self._topic = topic
        self._variants = variants
        self._callback = callback
        self._subscription: Subscription | None = None
        self._subscribed: tuple[Variant, QoSProfile] | None = None
        self._publishers: set[tuple[int, ...]] = set()
        self._sequence = LossCounter()
        self._lost_events = 0
        self.published = False
        self.subscribed_at = -math.inf
        self.other_types: set[str] = set()
        self.follow_publishers()

    @property
    def topic(self) -> str:
        """The full name after remapping, of the variant subscribed to if there is one."""
        suffix = self._subscribed[0].suffix if self._subscribed else self._variants[0].suffix
        return self._full_name(suffix)

    @property
    def publishers(self) -> int:
        """How many there are that could be subscribed to."""
        return len(self._publishers) if self.published else 0

    @property
    def lost(self) -> int:
        """How many messages were lost on the way, or overwritten before this process had time for them."""
        return max(self._sequence.lost, self._lost_events)

    @property
    def reliable(self) -> bool:
        """Whether lost messages are sent again."""
        return self._subscribed is not None and self._subscribed[1].reliability == ReliabilityPolicy.RELIABLE

    def follow_publishers(self) -> None:
        """Subscribes, or subscribes anew, if there are publishers that ask for it."""
        variant, publishers = self._found()
        self.published = variant is not None
        if variant is None:
            return
        identities = {tuple(publisher.endpoint_gid) for publisher in publishers}
        if identities != self._publishers:
            self._publishers = identities
            self._sequence.begin_anew()
        wanted = variant, qos.matching(publishers)
        if wanted != self._subscribed:
            self.close()
            self._subscribe(*wanted)

    def close(self) -> None:
        """Unsubscribes."""
        if self._subscription is not None:
            self._node.destroy_subscription(self._subscription)
            self._subscription = self._subscribed = None
            self._sequence.begin_anew()

    def _found(self) -> tuple[Variant | None, list[TopicEndpointInfo]]:
        self.other_types = set()
        for variant in self._variants:
            publishers = self._node.get_publishers_info_by_topic(self._full_name(variant.suffix))
            fitting = [publisher for publisher in publishers if publisher.topic_type == variant.type_name]
            if fitting:
                self.other_types = set()
                return variant, fitting
            self.other_types |= {publisher.topic_type for publisher in publishers}
        return None, []

    def _subscribe(self, variant: Variant, profile: QoSProfile) -> None:
        def subscribe(events: SubscriptionEventCallbacks) -> Subscription:
            name = self._full_name(variant.suffix)
            return self._node.create_subscription(
                variant.message_type,
                name,
                self._take,  # type: ignore[arg-type]
                profile,
                event_callbacks=events,
            )

        try:
            self._subscription = subscribe(_events(message_lost=self._take_loss))
        except UnsupportedEventTypeError:
            self._subscription = subscribe(_events())
        self._subscribed = variant, profile
        self.subscribed_at = time.monotonic()

    def _take(self, message: Any, info: Mapping[str, int | None]) -> None:
        sequence = info.get("publication_sequence_number")
        # With several publishers the numbers of several sequences are mixed.
        if sequence is not None and len(self._publishers) == 1:
            self._sequence.received(sequence)
        self._callback(message)

    def _take_loss(self, event: Any) -> None:
        # Less than the truth, for what a full queue loses is not told; but not every middleware numbers its messages.
        self._lost_events += event.total_count_change

    def _full_name(self, suffix: str) -> str:
        return f"{self._node.resolve_topic_name(self._topic)}{suffix}"


def _events(**callbacks: Callable[[Any], None]) -> SubscriptionEventCallbacks:
    """Without rclpy's own, which announce a publisher of another quality of service as lost for ever."""
    return SubscriptionEventCallbacks(**callbacks, use_default_callbacks=False)
