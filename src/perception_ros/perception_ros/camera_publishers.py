"""Frames as a RealSense camera publishes them."""

from __future__ import annotations

from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from perception_core.frame import RgbdFrame
from perception_core.topics import CAMERA_INFO_TOPIC, COLOUR_TOPIC, DEPTH_INFO_TOPIC, DEPTH_TOPIC
from perception_ros.image_codec import encode_camera_info, encode_image, time_message


class CameraPublishers:
    """Publishes frames; a topic is advertised when the first frame comes that has something for it."""

    def __init__(self, node: Node, profile: QoSProfile) -> None:
        self._node = node
        self._profile = profile
        self._publishers: dict[str, Publisher] = {}

    def advertise(self, frame: RgbdFrame) -> None:
        """Publishers for all that a frame has, that of colour last."""
        wanted: list[tuple[str, type[Image] | type[CameraInfo], object]] = [
            (CAMERA_INFO_TOPIC, CameraInfo, frame.intrinsics),
            (DEPTH_TOPIC, Image, frame.depth),
            (DEPTH_INFO_TOPIC, CameraInfo, frame.intrinsics if frame.depth is not None else None),
            (COLOUR_TOPIC, Image, frame.colour),
        ]
        for topic, message_type, content in wanted:
            if content is not None and topic not in self._publishers:
                self._publishers[topic] = self._node.create_publisher(message_type, topic, self._profile)

    def colour_is_subscribed(self, by: int = 1) -> bool:
        """Whether so many look."""
        return bool(self._publishers[COLOUR_TOPIC].get_subscription_count() >= by)

    def all_are_subscribed(self, by: int = 1) -> bool:
        """Whether somebody takes everything that nodes take, and so many take colour.

        A node that takes colour last takes the rest by then.
        """
        taken = [publisher for topic, publisher in self._publishers.items() if topic != DEPTH_INFO_TOPIC]  # for rviz2
        return self.colour_is_subscribed(by) and all(publisher.get_subscription_count() for publisher in taken)

    def has_depth(self) -> bool:
        """Whether depth has been advertised."""
        return DEPTH_TOPIC in self._publishers

    def publish(self, frame: RgbdFrame) -> None:
        """Publishes all that a frame has, colour last."""
        header = Header(stamp=time_message(frame.stamp_ns), frame_id=frame.frame_id)
        if frame.intrinsics is not None:
            info = encode_camera_info(frame.intrinsics, header)
            self._publishers[CAMERA_INFO_TOPIC].publish(info)
            if frame.depth is not None:  # aligned depth is as the colour camera sees it
                self._publishers[DEPTH_INFO_TOPIC].publish(info)
        if frame.depth is not None:
            encoding = "16UC1" if frame.depth.raw.dtype.itemsize == 2 else "32FC1"
            self._publishers[DEPTH_TOPIC].publish(encode_image(frame.depth.raw, encoding, header))
        self._publishers[COLOUR_TOPIC].publish(encode_image(frame.colour, "bgr8", header))

    def wait_until_received(self, seconds: float) -> None:
        """Waits until the middleware of every reliable subscriber has everything."""
        for publisher in self._publishers.values():
            publisher.wait_for_all_acked(Duration(seconds=seconds))
