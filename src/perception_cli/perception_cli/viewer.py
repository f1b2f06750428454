"""The node of the demo that looks on: faces, hands, diagnostics, and the pictures for video and window."""

from __future__ import annotations

import math
import time
from array import array
from collections.abc import Mapping

import numpy as np
from diagnostic_msgs.msg import DiagnosticArray
from perception_msgs.msg import FaceArray, GestureEvent, HandArray
from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from face_perception import received as received_faces
from gesture_perception import received as received_hands
from perception_cli.demo_pictures import DemoPictures, Show
from perception_cli.frame_log import FrameLog
from perception_cli.seen_frame import SeenFrame, SeenFrames
from perception_cli.view import Figures
from perception_core.image_messages import nanoseconds
from perception_core.topics import CAMERA_INFO_TOPIC, COLOUR_TOPIC, DEPTH_TOPIC
from perception_ros.image_codec import time_message
from perception_ros.qos import matching

FACE_NODE, GESTURE_NODE = "face_perception", "gesture_perception"
NODES = (FACE_NODE, GESTURE_NODE)
NAME = "demo_viewer"
SEEN_TOPIC = f"{NAME}/seen"
_FACES, _HANDS, _EVENTS = "faces", "hands", "gesture_events"
_EVENT_QUEUE = 50


class LogError(OSError):
    """The log cannot be written."""


class Viewer(Node):
    """Subscribes to what the demo shows; its callbacks run while it is spun.

    Attributes:
        newest: The faces and hands of the last frames.
        diagnostics: The last figures of each node, by its name.
        times_told: How often each node has told figures.
    """

    def __init__(self, log: FrameLog | None, *, every_frame: bool = False) -> None:
        """Subscribes.

        Args:
            log: Where a line is written for every frame.
            every_frame: Say on `SEEN_TOPIC` of which frame faces and hands have been taken. The stamps are then not of
                this machine's clock, and tell no latency.
        """
        super().__init__(NAME)
        self.newest = SeenFrame(0, [], [])
        self.diagnostics: dict[str, Mapping[str, str]] = {}
        self.times_told = dict.fromkeys(NODES, 0)
        self._notices: dict[str, str] = {}
        self._log = log
        self._seen_topic = self.create_publisher(Header, SEEN_TOPIC, 10) if every_frame else None
        self._pairing = SeenFrames(both=every_frame)
        self._latencies_ms = array("d")  # of all frames: 16 bytes for each
        self._arrivals = array("d")
        self._pictures: DemoPictures | None = None
        # The executor takes what has arrived in this order, so that no event comes later than its frame.
        self.create_subscription(GestureEvent, _EVENTS, self._take_event, _EVENT_QUEUE)
        self.create_subscription(FaceArray, _FACES, self._take_faces, 10)
        self.create_subscription(HandArray, _HANDS, self._take_hands, 10)
        self.create_subscription(DiagnosticArray, "/diagnostics", self._take_diagnostics, 10)

    def show_pictures(self, show: Show) -> None:
        """Has every frame, with what was found in it and beside its depth where there is some, given to a function.

        Args:
            show: Returns False when no more is to be seen; `closed` is true from then on.
        """
        has_depth = bool(self.count_publishers(self.resolve_topic_name(DEPTH_TOPIC)))
        self._pictures = pictures = DemoPictures(show, has_depth=has_depth)
        self._subscribe(CAMERA_INFO_TOPIC, CameraInfo, pictures.take_camera_info)
        if has_depth:
            self._subscribe(DEPTH_TOPIC, Image, pictures.take_depth)
        self._subscribe(COLOUR_TOPIC, Image, pictures.take_colour)

    @property
    def closed(self) -> bool:
        """Whether no more pictures are to be seen."""
        return self._pictures is not None and self._pictures.closed

    @property
    def has_seen(self) -> bool:
        """Whether faces or hands of a frame have come."""
        return bool(self._arrivals)

    def seen_for_s(self) -> float:
        """Seconds since the first frame; 0 before."""
        return time.monotonic() - self._arrivals[0] if self._arrivals else 0.0

    @property
    def notices(self) -> str:
        """What the nodes have to say, a line for each."""
        return "\n".join(self._notices[name] for name in NODES if self._notices.get(name))

    def cameras(self) -> int:
        """How many publish colour images."""
        return int(self.count_publishers(self.resolve_topic_name(COLOUR_TOPIC)))

    def camera_is_there(self) -> bool:
        """Whether somebody publishes colour images."""
        return self.cameras() > 0

    def nodes_are_there(self) -> bool:
        """Whether faces, hands and events are published."""
        return all(self.count_publishers(self.resolve_topic_name(topic)) for topic in (_FACES, _HANDS, _EVENTS))

    def figures(self, last: int = 0) -> Figures:
        """How it is going.

        Args:
            last: Look at no more than so many of the last frames for rate and latency; 0 looks at all.
        """
        arrivals, latencies = self._arrivals[-last:], np.array(self._latencies_ms[-last:] or [np.nan])
        span = arrivals[-1] - arrivals[0] if len(arrivals) > 1 else 0.0
        return Figures(
            seconds=self._arrivals[-1] - self._arrivals[0] if self._arrivals else 0.0,
            frames=len(self._arrivals),
            rate_hz=(len(arrivals) - 1) / span if span > 0 else 0.0,
            latency_median_ms=float(np.median(latencies)),
            latency_p95_ms=float(np.quantile(latencies, 0.95)),
            dropped=sum(int(values.get("dropped_frames", 0)) for values in self.diagnostics.values()),
        )

    def take_rest(self) -> None:
        """Takes the frames that waited for more, now that nothing comes."""
        self._take(self._pairing.flush())

    def _subscribe(self, topic: str, kind: type[Image] | type[CameraInfo], callback: object) -> None:
        publishers = self.get_publishers_info_by_topic(self.resolve_topic_name(topic))
        if publishers:
            self.create_subscription(kind, topic, callback, matching(publishers))  # type: ignore[arg-type]

    def _take_event(self, message: GestureEvent) -> None:
        self._pairing.add_event(nanoseconds(message.header), received_hands.gesture_event(message))

    def _take_faces(self, message: FaceArray) -> None:
        stamp_ns = nanoseconds(message.header)
        self._look_for_other(_HANDS)
        self._take(self._pairing.add_faces(stamp_ns, received_faces.faces(message), self._latency_ms(stamp_ns)))

    def _take_hands(self, message: HandArray) -> None:
        stamp_ns = nanoseconds(message.header)
        self._look_for_other(_FACES)
        self._take(self._pairing.add_hands(stamp_ns, received_hands.hands(message), self._latency_ms(stamp_ns)))

    def _look_for_other(self, topic: str) -> None:
        """A frame waits for the other node if there is one."""
        if not self._pairing.both:
            self._pairing.both = bool(self.count_publishers(self.resolve_topic_name(topic)))

    def _latency_ms(self, stamp_ns: int) -> float:
        return math.nan if self._seen_topic else (self.get_clock().now().nanoseconds - stamp_ns) / 1e6

    def _take(self, frames: list[SeenFrame]) -> None:
        for frame in frames:
            self._arrivals.append(time.monotonic())
            self._latencies_ms.append(frame.latency_ms)
            faces, hands = self.newest.faces, self.newest.hands
            self.newest = SeenFrame(
                frame.stamp_ns,
                faces if frame.faces is None else frame.faces,
                hands if frame.hands is None else frame.hands,
            )
            self._write(frame)
            if self._pictures is not None:
                self._pictures.take_frame(frame)
            if self._seen_topic is not None:
                self._seen_topic.publish(Header(stamp=time_message(frame.stamp_ns)))

    def _write(self, frame: SeenFrame) -> None:
        if self._log is None:
            return
        try:
            self._log.write(frame)
        except OSError as error:
            raise LogError(f"{self._log.name}: the log cannot be written: {error.strerror}") from error

    def _take_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            name = status.name.removeprefix("/")
            if name not in NODES:
                continue
            values = {item.key: item.value for item in status.values}
            if "frames" in values:  # an inactive node has no figures
                self.times_told[name] += 1
                self.diagnostics[name] = values
            self._notices[name] = status.message if status.level != status.OK else ""
