"""A camera that is not there: publishes a source's frames on the RealSense topic names.

ros2 run perception_ros replay_node --ros-args -p source:=demo
"""

from __future__ import annotations

import itertools
import sys
import time
from dataclasses import dataclass, replace

from rclpy.duration import Duration
from rclpy.exceptions import ParameterException
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from perception_core.frame import RgbdFrame
from perception_core.sources.error import SourceError
from perception_core.sources.source import open_source
from perception_core.topics import CAMERA_INFO_TOPIC, COLOUR_TOPIC, DEPTH_TOPIC
from perception_core.zoo.errors import ZooError
from perception_ros import parameters
from perception_ros.image_codec import encode_camera_info, encode_image, time_message
from perception_ros.parameters import parameter
from perception_ros.spinning import Ending, spinning

_QUEUE = 4
_OPTICAL_FRAME = "camera_color_optical_frame"
_LOOK_FOR_SUBSCRIBERS_S = 0.02
_LAST_FRAME = Duration(seconds=1.0)  # how long its way to the subscribers may take


@dataclass(frozen=True, slots=True)
class ReplayParameters:
    """What is replayed, and how."""

    source: str = parameter(
        "demo", "demo, a video file, a folder of pictures, a camera number, csi or realsense.", live=False
    )
    loop: bool = parameter(False, "Begin again when the source ends.")
    wait_for_subscriber: bool = parameter(True, "Hold the first frame until somebody subscribes to colour.")
    frame_id: str = parameter(_OPTICAL_FRAME, "Name of the camera's optical frame.")
    reliability: str = parameter("reliable", "Quality of service of the images.", one_of=("reliable", "best_effort"))


class ReplayNode(Node):
    """Publishes frames at the rate at which they were taken, stamped with the time of publishing."""

    def __init__(self) -> None:
        """Opens the source.

        Raises:
            SourceError: The source cannot be opened.
            ZooError: The demo's pictures are not there.
        """
        super().__init__("replay")
        parameters.declare(self, ReplayParameters)
        self._settings = parameters.read(self, ReplayParameters)
        self._source = open_source(self._settings.source)
        self._colour: Publisher | None = None
        self._depth: Publisher | None = None
        self._camera_info: Publisher | None = None

    def run(self, ending: Ending) -> None:
        """Publishes until the source ends, or the process is to end."""
        try:
            self._play_once(ending)
            while self._settings.loop and not self._source.live and not ending.asked:
                self._play_once(ending)
            for publisher in filter(None, (self._colour, self._depth, self._camera_info)):
                publisher.wait_for_all_acked(_LAST_FRAME)
        finally:
            self._source.close()

    def _play_once(self, ending: Ending) -> None:
        frames = self._source.frames()
        first = next(frames, None)
        if first is None:
            return
        if self._colour is None:
            self._colour = self._advertise(first, ending)
        began = time.monotonic()
        for frame in itertools.chain([first], frames):
            if not self._source.live:
                ending.wait(max(0.0, began + (frame.stamp_ns - first.stamp_ns) / 1e9 - time.monotonic()))
            if ending.asked:
                return
            self._publish(self._colour, replace(frame, stamp_ns=self.get_clock().now().nanoseconds))

    def _advertise(self, frame: RgbdFrame, ending: Ending) -> Publisher:
        """Publishers of what the source has, that of colour last; waits for a subscriber if told so."""
        reliability = ReliabilityPolicy[self._settings.reliability.upper()]
        profile = QoSProfile(depth=_QUEUE, reliability=reliability)
        if frame.intrinsics is not None:
            self._camera_info = self.create_publisher(CameraInfo, CAMERA_INFO_TOPIC, profile)
        if frame.depth is not None:
            self._depth = self.create_publisher(Image, DEPTH_TOPIC, profile)
        colour = self.create_publisher(Image, COLOUR_TOPIC, profile)
        while self._settings.wait_for_subscriber and not colour.get_subscription_count():
            if ending.wait(_LOOK_FOR_SUBSCRIBERS_S):
                break
        return colour

    def _publish(self, colour: Publisher, frame: RgbdFrame) -> None:
        header = Header(stamp=time_message(frame.stamp_ns), frame_id=self._settings.frame_id)
        if self._camera_info is not None and frame.intrinsics is not None:
            self._camera_info.publish(encode_camera_info(frame.intrinsics, header))
        if self._depth is not None and frame.depth is not None:
            encoding = "16UC1" if frame.depth.raw.dtype.itemsize == 2 else "32FC1"
            self._depth.publish(encode_image(frame.depth.raw, encoding, header))
        colour.publish(encode_image(frame.colour, "bgr8", header))


def main() -> None:
    """The command."""
    try:
        with spinning(lambda: [ReplayNode()]) as ((node,), ending):
            node.run(ending)
    except (SourceError, ZooError, parameters.ParameterError, ParameterException) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        return  # told to end while starting


if __name__ == "__main__":
    main()
