"""A camera that can publish faster than anybody can work, with messages that are made beforehand.

    python -m benchmarks.harness.burst_camera FILE RATE:SECONDS...

It waits for a subscriber, publishes for two seconds at the first rate, is silent for a while, and then publishes one
stretch after the other. The stamps of each stretch are written to the file when all is sent.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from perception_core.frame import RgbdFrame
from perception_core.sources.scene_source import SceneSource
from perception_core.sources.scenes import demo
from perception_core.topics import CAMERA_INFO_TOPIC, COLOUR_TOPIC, DEPTH_TOPIC
from perception_ros.image_codec import encode_camera_info, encode_image
from perception_ros.spinning import Ending, spinning

PRELUDE_S = 2.0
SILENCE_S = 3.5  # the face node tells its counts once a second: at least once in the silence
_PICTURES = range(0, 300, 20)
_QUEUE = 4
_LOOK_FOR_SUBSCRIBERS_S = 0.02


class BurstCamera(Node):
    """Publishes the demo's scene on the RealSense topic names."""

    def __init__(self) -> None:
        super().__init__("camera")
        self._header = Header(frame_id="camera_color_optical_frame")
        scene = SceneSource(demo())
        self._moments = [self._messages(scene.frame(k)) for k in _PICTURES]
        profile = QoSProfile(depth=_QUEUE)
        self._publishers = [
            self.create_publisher(message_type, topic, profile)
            for message_type, topic in ((CameraInfo, CAMERA_INFO_TOPIC), (Image, DEPTH_TOPIC), (Image, COLOUR_TOPIC))
        ]

    @property
    def colour(self) -> Publisher:
        """Of the colour images, which come last of their moment."""
        return self._publishers[-1]

    def stretch(self, rate_hz: float, seconds: float, ending: Ending) -> list[int]:
        """Publishes at a rate for a time; the stamps in nanoseconds."""
        stamps: list[int] = []
        began = time.monotonic()
        for k in range(round(rate_hz * seconds)):
            ending.wait(max(0.0, began + k / rate_hz - time.monotonic()))
            if ending.asked:
                break
            now = self.get_clock().now()
            self._header.stamp = now.to_msg()
            for publisher, message in zip(self._publishers, self._moments[k % len(self._moments)], strict=True):
                publisher.publish(message)
            stamps.append(now.nanoseconds)
        return stamps

    def _messages(self, frame: RgbdFrame) -> tuple[CameraInfo, Image, Image]:
        assert frame.depth is not None and frame.intrinsics is not None
        return (
            encode_camera_info(frame.intrinsics, self._header),
            encode_image(frame.depth.raw, "16UC1", self._header),
            encode_image(frame.colour, "bgr8", self._header),
        )


def main(arguments: Sequence[str]) -> None:
    """The process."""
    path, *texts = arguments
    stretches = [tuple(map(float, text.split(":"))) for text in texts]
    try:
        with spinning(lambda: [BurstCamera()]) as ((camera,), ending):
            while not camera.colour.get_subscription_count() and not ending.wait(_LOOK_FOR_SUBSCRIBERS_S):
                pass
            camera.stretch(stretches[0][0], PRELUDE_S, ending)
            ending.wait(SILENCE_S)
            stamps = [camera.stretch(rate_hz, seconds, ending) for rate_hz, seconds in stretches]
            partial = Path(f"{path}.partial")
            partial.write_text(json.dumps(stamps))
            partial.rename(path)
            ending.wait()
    except KeyboardInterrupt:
        return  # told to end while starting


if __name__ == "__main__":
    main(sys.argv[1:])
