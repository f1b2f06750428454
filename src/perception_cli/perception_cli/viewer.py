"""The node of the demo that looks on: faces, diagnostics, and the pictures for video and window."""

from __future__ import annotations

import math
import time
from array import array
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from diagnostic_msgs.msg import DiagnosticArray
from perception_msgs.msg import FaceArray
from rclpy.node import Node
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from face_perception import received
from face_perception.drawing import draw_depth
from face_perception.face import Face
from perception_cli.face_log import FaceLog
from perception_cli.late_pictures import LatePictures
from perception_cli.view import Figures
from perception_core.frame import ColourImage, DepthImage
from perception_core.image_messages import ImageError, nanoseconds
from perception_core.topics import COLOUR_TOPIC, DEPTH_TOPIC
from perception_ros.image_decoding import colour_of, depth_of
from perception_ros.qos import matching

FACE_NODE = "face_perception"
NAME = "demo_viewer"
SEEN_TOPIC = f"{NAME}/seen"
_STAMPS_KEPT = 60

Show = Callable[[ColourImage, int], bool]  # picture and stamp in nanoseconds; False when no more is to be seen


class LogError(OSError):
    """The log cannot be written."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The faces of one frame.

    Attributes:
        stamp_ns: Of the frame.
        faces: Nearest first.
    """

    stamp_ns: int
    faces: list[Face]


_NOBODY = Seen(0, [])


class Viewer(Node):
    """Subscribes to what the demo shows; its callbacks run while it is spun."""

    def __init__(self, log: FaceLog | None, *, every_frame: bool = False) -> None:
        """Subscribes.

        Args:
            log: Where a line is written for every frame.
            every_frame: Say on `SEEN_TOPIC` which frame's faces have been taken. The stamps are then not of this
                machine's clock, and tell no latency.
        """
        super().__init__(NAME)
        self.faces = _NOBODY
        self.diagnostics: dict[str, str] = {}
        self.times_told = 0
        self.notices = ""
        self.closed = False
        self._log = log
        self._seen_topic = self.create_publisher(Header, SEEN_TOPIC, 10) if every_frame else None
        self._latencies_ms = array("d")  # of all messages: 16 bytes for each
        self._arrivals = array("d")
        self._seen: deque[Seen] = deque(maxlen=_STAMPS_KEPT)
        self._late: LatePictures[Image, Image] = LatePictures()
        self._show: Show | None = None
        self._has_depth = False
        self.create_subscription(FaceArray, "faces", self._take_faces, 10)
        self.create_subscription(DiagnosticArray, "/diagnostics", self._take_diagnostics, 10)

    def show_pictures(self, show: Show) -> None:
        """Has every annotated picture, beside its depth where there is some, given to a function.

        Args:
            show: Returns False when no more is to be seen; `closed` is true from then on.
        """
        self._show = show
        self._subscribe_to_images(f"{FACE_NODE}/image_annotated", self._take_annotated)
        self._has_depth = bool(self.count_publishers(self.resolve_topic_name(DEPTH_TOPIC)))
        if self._has_depth:
            self._subscribe_to_images(DEPTH_TOPIC, self._take_depth)

    def cameras(self) -> int:
        """How many publish colour images."""
        return int(self.count_publishers(self.resolve_topic_name(COLOUR_TOPIC)))

    def camera_is_there(self) -> bool:
        """Whether somebody publishes colour images."""
        return self.cameras() > 0

    def figures(self, last: int = 0) -> Figures:
        """How it is going.

        Args:
            last: Look at no more than so many of the last messages for rate and latency; 0 looks at all.
        """
        arrivals, latencies = self._arrivals[-last:], np.array(self._latencies_ms[-last:] or [np.nan])
        span = arrivals[-1] - arrivals[0] if len(arrivals) > 1 else 0.0
        return Figures(
            seconds=self._arrivals[-1] - self._arrivals[0] if self._arrivals else 0.0,
            frames=len(self._arrivals),
            rate_hz=(len(arrivals) - 1) / span if span > 0 else 0.0,
            latency_median_ms=float(np.median(latencies)),
            latency_p95_ms=float(np.quantile(latencies, 0.95)),
            dropped=int(self.diagnostics.get("dropped_frames", 0)),
        )

    def _subscribe_to_images(self, topic: str, callback: Callable[[Image], None]) -> None:
        publishers = self.get_publishers_info_by_topic(self.resolve_topic_name(topic))
        self.create_subscription(Image, topic, callback, matching(publishers))

    def _take_faces(self, message: FaceArray) -> None:
        self._arrivals.append(time.monotonic())
        stamp_ns = nanoseconds(message.header)
        latency_ms = math.nan if self._seen_topic else (self.get_clock().now().nanoseconds - stamp_ns) / 1e6
        self._latencies_ms.append(latency_ms)
        self.faces = Seen(stamp_ns, received.faces(message))
        self._seen.append(self.faces)
        if self._log is not None:
            try:
                self._log.write(stamp_ns, self.faces.faces, latency_ms)
            except OSError as error:
                raise LogError(f"{self._log.name}: the log cannot be written: {error.strerror}") from error
        if self._seen_topic is not None:
            self._seen_topic.publish(message.header)

    def _take_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            if status.name == f"/{FACE_NODE}":
                values = {item.key: item.value for item in status.values}
                if "frames" in values:  # an inactive node has no figures
                    self.times_told += 1
                    self.diagnostics = values
                self.notices = status.message if status.level != status.OK else ""

    def _take_annotated(self, image: Image) -> None:
        if self._has_depth:
            self._show_pairs(self._late.add_picture(nanoseconds(image.header), image))
        else:
            self._show_pairs([(image, None)])

    def _take_depth(self, image: Image) -> None:
        self._show_pairs(self._late.add_depth(nanoseconds(image.header), image, len(image.data)))

    def _show_pairs(self, pairs: list[tuple[Image, Image | None]]) -> None:
        assert self._show is not None
        for annotated, depth in pairs:
            picture, stamp_ns = colour_of(annotated), nanoseconds(annotated.header)
            if self._has_depth:
                size = (annotated.width, annotated.height)
                picture = np.hstack([picture, draw_depth(_readable(depth), size, self._faces_at(stamp_ns))])
            self.closed = self.closed or not self._show(picture, stamp_ns)

    def _faces_at(self, stamp_ns: int) -> list[Face]:
        return next((seen.faces for seen in reversed(self._seen) if seen.stamp_ns == stamp_ns), [])


def _readable(depth: Image | None) -> DepthImage | None:
    """None for what is none, too."""
    try:
        return None if depth is None else depth_of(depth)
    except ImageError:
        return None
