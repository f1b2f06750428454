"""A camera of which every part can be made to fail."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Header

from perception_core.frame import DepthImage
from perception_core.topics import CAMERA_INFO_TOPIC, COLOUR_TOPIC, DEPTH_TOPIC
from perception_ros.image_codec import encode_camera_info, encode_image, time_message

FRAME_ID = "camera_color_optical_frame"


@dataclass(frozen=True, slots=True)
class Form:
    """How pictures travel."""

    message_type: type[Any]
    suffix: str
    encode: Callable[[np.ndarray, Header], Any]


def raw(encoding, convert=lambda pixels: pixels):
    return Form(Image, "", lambda pixels, header: encode_image(convert(pixels), encoding, header))


def compressed(suffix, file_suffix):
    def encode(pixels, header):
        data = cv2.imencode(file_suffix, pixels)[1].tobytes()
        return CompressedImage(header=header, format=file_suffix[1:], data=data)

    return Form(CompressedImage, suffix, encode)


COLOUR_FORMS = {
    "bgr8": raw("bgr8"),
    "rgb8": raw("rgb8", lambda pixels: pixels[:, :, ::-1]),
    "jpeg": compressed("/compressed", ".jpg"),
    "png": compressed("/compressed", ".png"),
}
DEPTH_FORMS = {
    "16UC1": raw("16UC1"),
    "32FC1": raw("32FC1", lambda millimetres: np.where(millimetres, millimetres / 1000, np.nan).astype(np.float32)),
    "png": compressed("/compressedDepth", ".png"),
}


class Camera:
    """Publishes what it is given, stamped with now, until it is told otherwise."""

    def __init__(
        self,
        graph,
        frame,
        reliability=ReliabilityPolicy.RELIABLE,
        namespace="",
        *,
        form="bgr8",
        depth_form="16UC1",
        rate_hz=30,
    ):
        self._node = graph.node
        self._frame = frame
        self._form, self._depth_form = COLOUR_FORMS[form], DEPTH_FORMS[depth_form]
        self.stamps = []
        self.mend()
        profile = QoSProfile(depth=4, reliability=reliability)
        colour, depth = namespace + COLOUR_TOPIC + self._form.suffix, namespace + DEPTH_TOPIC + self._depth_form.suffix
        self.colour = self._node.create_publisher(self._form.message_type, colour, profile)
        self.depth = self._node.create_publisher(self._depth_form.message_type, depth, profile)
        self.info = self._node.create_publisher(CameraInfo, namespace + CAMERA_INFO_TOPIC, profile)
        self._timer = self._node.create_timer(1 / rate_hz, self.publish)

    def mend(self):
        """Everything is as it should be again."""
        self.frame = self._frame
        self.silent = False
        self.with_colour = self.with_depth = self.with_info = True
        self.restamp = lambda now_ns: now_ns
        self.distort = self.distort_depth = self.distort_info = lambda message: message

    def close(self):
        self._node.destroy_timer(self._timer)
        for publisher in (self.colour, self.depth, self.info):
            self._node.destroy_publisher(publisher)

    def publish(self):
        if self.silent:
            return
        stamp_ns = self.restamp(self._node.get_clock().now().nanoseconds)
        self.stamps.append(stamp_ns)

        def header():
            return Header(stamp=time_message(stamp_ns), frame_id=FRAME_ID)

        if self.with_info and self.frame.intrinsics is not None:
            self.info.publish(self.distort_info(encode_camera_info(self.frame.intrinsics, header())))
        if self.with_depth and self.frame.depth is not None:
            self.depth.publish(self.distort_depth(self._depth_form.encode(self.frame.depth.raw, header())))
        if self.with_colour:
            self.colour.publish(self.distort(self._form.encode(self.frame.colour, header())))


def halved(frame):
    """The same frame at half the resolution."""
    intrinsics = frame.intrinsics
    names = ("width", "height", "fx", "fy", "cx", "cy")
    values = {name: getattr(intrinsics, name) / 2 for name in names}
    values |= {"width": intrinsics.width // 2, "height": intrinsics.height // 2}
    return replace(
        frame,
        colour=cv2.resize(frame.colour, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
        depth=DepthImage(np.ascontiguousarray(frame.depth.raw[::2, ::2]), frame.depth.metres_per_unit),
        intrinsics=replace(intrinsics, **values),
    )
