"""The node of a benchmark: when which image was published, when which answer came, and what the face node tells."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from diagnostic_msgs.msg import DiagnosticArray
from perception_msgs.msg import FaceArray
from rclpy.node import Node
from sensor_msgs.msg import CameraInfo

from perception_core.image_messages import nanoseconds
from perception_core.topics import CAMERA_INFO_TOPIC, COLOUR_TOPIC

FACE_NODE = "face_perception"
_QUEUE = 1000
_COUNTED = {"worked_on": "frames", "dropped": "dropped_frames", "lost": "lost_frames", "failed": "failed_frames"}


@dataclass(frozen=True, slots=True)
class Told:
    """One status of the face node.

    Attributes:
        stamp_ns: When.
        values: Keys and values.
    """

    stamp_ns: int
    values: Mapping[str, str]

    @property
    def counts(self) -> dict[str, int]:
        """What became of the colour images that were published since activation."""
        return {name: int(self.values[key]) for name, key in _COUNTED.items()}


class Watcher(Node):
    """Receives what is small: the camera's images are known by their camera_info.

    Attributes:
        published_ns: Stamps of the camera's frames, as far as they have a camera_info.
        latencies_ms: From the image's stamp to the arrival of the faces here, by the stamp in nanoseconds.
        arrivals_ns: When the faces arrived, by the stamp.
        told: The face node's statuses while it is active.
    """

    def __init__(self) -> None:
        super().__init__("benchmark")
        self.published_ns: list[int] = []
        self.latencies_ms: dict[int, float] = {}
        self.arrivals_ns: dict[int, int] = {}
        self.told: list[Told] = []
        self.create_subscription(FaceArray, "faces", self._take_faces, _QUEUE)
        self.create_subscription(DiagnosticArray, "/diagnostics", self._take_diagnostics, _QUEUE)
        self.create_subscription(CameraInfo, CAMERA_INFO_TOPIC, self._take_camera_info, _QUEUE)

    def cameras(self) -> int:
        """How many publish colour images."""
        return int(self.count_publishers(self.resolve_topic_name(COLOUR_TOPIC)))

    def _take_faces(self, message: FaceArray) -> None:
        now_ns, stamp_ns = self.get_clock().now().nanoseconds, nanoseconds(message.header)
        self.arrivals_ns[stamp_ns] = now_ns
        self.latencies_ms[stamp_ns] = (now_ns - stamp_ns) / 1e6

    def _take_camera_info(self, message: CameraInfo) -> None:
        self.published_ns.append(nanoseconds(message.header))

    def _take_diagnostics(self, message: DiagnosticArray) -> None:
        self.told += told_in(message)


def told_in(message: DiagnosticArray) -> list[Told]:
    """What an active face node tells in a message of /diagnostics; an inactive one has no figures."""
    statuses = (
        {item.key: item.value for item in status.values} for status in message.status if status.name == f"/{FACE_NODE}"
    )
    return [Told(nanoseconds(message.header), values) for values in statuses if "frames" in values]


def spread(values_ms: Collection[float], name: str) -> dict[str, float]:
    """Median, 95th percentile and largest of milliseconds, as figures of a result; NaN where there is none."""
    values = np.array(list(values_ms) or [np.nan])
    return {
        f"{name}_median_ms": round(float(np.median(values)), 2),
        f"{name}_p95_ms": round(float(np.quantile(values, 0.95)), 2),
        f"{name}_max_ms": round(float(values.max()), 2),
    }


def stage_figures(values: Mapping[str, str]) -> dict[str, dict[str, float]]:
    """Of each stage the mean wall and processor time per run and the number of runs, from a status of the node."""
    stages: dict[str, dict[str, float]] = {}
    for key, value in values.items():
        prefix, _, rest = key.partition("/")
        if prefix == "stage":
            stage, _, figure = rest.partition("/")
            stages.setdefault(stage, {})[figure] = float(value)
    return stages
