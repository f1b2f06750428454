"""Listens to a ROS graph for some seconds, and tells what a camera and the suite's nodes look like from outside."""

from __future__ import annotations

import os
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.exceptions import InvalidNamespaceException
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.signals import SignalHandlerOptions
from rclpy.topic_endpoint_info import TopicEndpointInfo
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from perception_core.diagnosis.nodes import NodeFacts, NodesFacts
from perception_core.diagnosis.topics import Role
from perception_core.image_messages import nanoseconds
from perception_core.topics import CAMERA_INFO_TOPIC, COLOUR_TOPIC, DEPTH_INFO_TOPIC, DEPTH_TOPIC
from perception_ros.matched_subscription import MatchedSubscription, Variant

NODES = ("face_perception", "gesture_perception", "person_perception")
TOPICS = {Role.COLOUR: COLOUR_TOPIC, Role.DEPTH: DEPTH_TOPIC, Role.CAMERA_INFO: CAMERA_INFO_TOPIC}
_VARIANTS = {
    Role.COLOUR: (Variant(Image), Variant(CompressedImage, "/compressed")),
    Role.DEPTH: (Variant(Image), Variant(CompressedImage, "/compressedDepth")),
    Role.CAMERA_INFO: (Variant(CameraInfo),),
}
_STEP_S = 0.02
_LOOK_S = 0.25
_DISCOVERY_S = 3.0  # two processes that start together may miss each other until then
_STALLED_S = 0.1  # a step takes a fifth of it; four images, as many as are kept for it, come in 0.13 s
_PAIRS = 3
_KEPT = 6  # newest images of each kind, of which one pair may be made
_PAIRED_NS = 15_000_000
_MOST = 100_000  # messages; stamps of more are not kept
_QUEUE = 10


@dataclass(slots=True)
class Received:
    """What came on one topic.

    Attributes:
        stamps_ns: Of all messages.
        arrived_ns: When they came.
        seen: Different headers and sizes: frame_id, width, height, encoding.
        newest: The last messages.
    """

    stamps_ns: list[int] = field(default_factory=list)
    arrived_ns: list[int] = field(default_factory=list)
    seen: set[tuple[str, int, int, str]] = field(default_factory=set)
    newest: deque[Any] = field(default_factory=lambda: deque(maxlen=_KEPT))


class GraphLook:
    """A node that only listens; a context that leaves nothing of ROS behind."""

    def __init__(self, namespace: str, interrupted: Callable[[], bool]) -> None:
        """Prepares.

        Args:
            namespace: That the camera's topics and the nodes are in; empty for none.
            interrupted: Whether the user has told this process to end.
        """
        self._namespace = namespace
        self._interrupted = interrupted
        self.received = {role: Received() for role in Role}
        self.depth_info: CameraInfo | None = None
        self.pairs: list[tuple[Any, Any]] = []
        self.clock_ticks = 0
        self.listened_s = 0.0
        self.stalled_s = 0.0
        self._statuses: dict[str, DiagnosticStatus] = {}
        self._next_pair_at = 0.0

    def __enter__(self) -> GraphLook:
        rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
        try:
            self.node = Node(
                f"perception_doctor_{os.getpid()}",
                namespace=self._namespace,
                start_parameter_services=False,
                enable_rosout=False,
            )
        except InvalidNamespaceException as error:
            rclpy.try_shutdown()
            raise ValueError(f"{self._namespace!r} cannot be a namespace") from error
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self.node)
        self.node.create_subscription(DiagnosticArray, "/diagnostics", self._take_diagnostics, _QUEUE)
        best_effort = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
        self.node.create_subscription(Clock, "/clock", self._take_clock, best_effort)
        self._depth_info = MatchedSubscription(
            self.node, DEPTH_INFO_TOPIC, [Variant(CameraInfo)], self._take_depth_info
        )
        self.subscriptions = {  # in the order of their being taken, as the nodes have it
            role: MatchedSubscription(self.node, TOPICS[role], _VARIANTS[role], self._taker(role))
            for role in (Role.CAMERA_INFO, Role.DEPTH, Role.COLOUR)
        }
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._executor.shutdown()
        self.node.destroy_node()
        rclpy.try_shutdown()

    def listen(self, seconds: float) -> None:
        """Listens for so long from when a camera is found; without one for as long, or for three seconds.

        Raises:
            KeyboardInterrupt: The user has ended it.
        """
        began = time.monotonic()
        found_at: float | None = None
        look_at = 0.0
        while (now := time.monotonic()) < (found_at or began) + (seconds if found_at else max(seconds, _DISCOVERY_S)):
            if now >= look_at:
                look_at = now + _LOOK_S
                self._follow()
                if found_at is None and self.subscriptions[Role.COLOUR].published:
                    found_at, self._next_pair_at = now, now + seconds / (_PAIRS + 1)
            self._executor.spin_once(timeout_sec=_STEP_S)
            took_s = time.monotonic() - now
            self.stalled_s += took_s if took_s > _STALLED_S and found_at is not None else 0.0
            if found_at is not None and now >= self._next_pair_at and self._keep_pair():
                self._next_pair_at = now + seconds / (_PAIRS + 1)
            if self._interrupted():
                raise KeyboardInterrupt
        self.listened_s = time.monotonic() - (found_at or began)

    def publishers(self, topic: str) -> list[TopicEndpointInfo]:
        """Those of a topic by its full name."""
        return list(self.node.get_publishers_info_by_topic(topic))

    def subscribers(self, topic: str) -> list[TopicEndpointInfo]:
        """Those of a topic by its full name, but for this one."""
        own = self.node.get_name()
        return [each for each in self.node.get_subscriptions_info_by_topic(topic) if each.node_name != own]

    def topics(self) -> Mapping[str, list[str]]:
        """All topics that have a publisher, with their types."""
        return {
            name: types for name, types in self.node.get_topic_names_and_types() if self.node.count_publishers(name)
        }

    def nodes(self) -> NodesFacts:
        """The suite's nodes."""
        names = Counter(
            f"{namespace.rstrip('/')}/{name}"
            for name, namespace in self.node.get_node_names_and_namespaces()
            if name in NODES and f"{namespace.rstrip('/')}/".startswith(f"{self.node.get_namespace().rstrip('/')}/")
        )
        return NodesFacts(self.listened_s, tuple(self._node_facts(name, names[name]) for name in sorted(names)))

    def _node_facts(self, name: str, count: int) -> NodeFacts:
        status = self._statuses.get(name)
        if status is None:
            return NodeFacts(name, count, "")
        values = {value.key: value.value for value in status.values}
        state = values.pop("state", "")
        complains = status.level != DiagnosticStatus.OK and bool(status.message) and status.message != state
        complaints = tuple(status.message.split("; ")) if complains else ()
        return NodeFacts(name, count, state, complaints, tuple(values.items()))

    def _follow(self) -> None:
        for subscription in (*self.subscriptions.values(), self._depth_info):
            subscription.follow_publishers()

    def _taker(self, role: Role) -> Callable[[Any], None]:
        received = self.received[role]

        def take(message: Any) -> None:
            if len(received.stamps_ns) < _MOST:
                received.stamps_ns.append(nanoseconds(message.header))
                received.arrived_ns.append(time.time_ns())
            encoding = getattr(message, "encoding", "") or getattr(message, "format", "")
            size = getattr(message, "width", 0), getattr(message, "height", 0)
            received.seen.add((message.header.frame_id, *size, encoding))
            received.newest.append(message)

        return take

    def _keep_pair(self) -> bool:
        """Keeps the newest colour image that has its depth; compared by stamps."""
        for colour in reversed(self.received[Role.COLOUR].newest):
            for depth in self.received[Role.DEPTH].newest:
                if abs(nanoseconds(colour.header) - nanoseconds(depth.header)) <= _PAIRED_NS:
                    self.pairs.append((colour, depth))
                    return True
        return False

    def _take_diagnostics(self, array: DiagnosticArray) -> None:
        self._statuses |= {status.name: status for status in array.status}

    def _take_clock(self, _clock: Clock) -> None:
        self.clock_ticks += 1

    def _take_depth_info(self, message: CameraInfo) -> None:
        self.depth_info = message
