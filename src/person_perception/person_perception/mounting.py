"""Where the camera is on the robot: from parameters, or from the static transforms of TF."""

from __future__ import annotations

import importlib.util
from typing import Any

from rclpy.lifecycle import LifecycleNode
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

from perception_ros.configured_node import LoadError
from perception_ros.notices import Notices
from person_perception.frame_tree import FrameTree
from person_perception.parameters import PersonParameters
from person_perception.rigid_motion import MotionError, RigidMotion

TOPIC = "/tf_static"
_QUEUE = 100
_HAS_TF = importlib.util.find_spec("tf2_msgs") is not None
_MISSING, _IMPOSSIBLE = "transform", "impossible transform"
_PATIENCE_S = 1.0  # transforms come when their publishers are found, a moment after the first people


class Mounting:
    """Knows the way from the camera's frame to the robot's.

    tf2_ros's listener is one subscription and a tree; this is both, and needs tf2_msgs only.
    """

    def __init__(self, node: LifecycleNode, parameters: PersonParameters, notices: Notices) -> None:
        """Subscribes to the static transforms if they are asked for.

        Args:
            node: Whose executor runs the callback.
            parameters: Say where to look.
            notices: Says what is missing.

        Raises:
            LoadError: TF is asked for, and tf2_msgs is not installed.
        """
        self._parameters, self._notices, self._node = parameters, notices, node
        self._tree = FrameTree()
        self._known: dict[str, RigidMotion] = {}  # by the camera's frame; asked for on every image
        self._subscription = None
        if not parameters.target_frame or parameters.mount != "tf":
            return
        if not _HAS_TF:
            raise LoadError(
                "target_frame: the camera's place is to be taken from /tf_static, and tf2_msgs is not installed; "
                "install it, or set mount to parameters and camera_x to camera_yaw"
            )
        from tf2_msgs.msg import TFMessage  # noqa: PLC0415 - not among the wheels

        qos = QoSProfile(
            depth=_QUEUE, durability=DurabilityPolicy.TRANSIENT_LOCAL, reliability=ReliabilityPolicy.RELIABLE
        )
        self._subscription = node.create_subscription(TFMessage, TOPIC, self._take, qos)

    @property
    def target_frame(self) -> str:
        """In which people are published; empty for the camera's."""
        return self._parameters.target_frame

    def motion_from(self, camera_frame: str) -> RigidMotion | None:
        """The way from the camera's optical frame to the target frame; None where there is none, or it is not known.

        That it is not known is said.
        """
        if not self.target_frame:
            return None
        motion = self._known.get(camera_frame) or self._look_up(camera_frame)
        if motion is not None:
            self._known[camera_frame] = motion
            self._notices.ends(_MISSING)
            return motion
        self._notices.begins(
            _MISSING,
            f"/tf_static does not say where the frame '{camera_frame}' is in '{self.target_frame}': no people are "
            "published. Have the robot's description or static_transform_publisher publish it, or set mount to "
            "parameters and camera_x to camera_yaw.",
            _PATIENCE_S,
        )
        return None

    def _look_up(self, camera_frame: str) -> RigidMotion | None:
        wanted = self._parameters
        if wanted.mount == "parameters":
            place = (wanted.camera_x, wanted.camera_y, wanted.camera_z)
            return RigidMotion.of_camera(place, wanted.camera_roll, wanted.camera_pitch, wanted.camera_yaw)
        return self._tree.between(camera_frame, wanted.target_frame)

    def close(self) -> None:
        """Unsubscribes."""
        if self._subscription is not None:
            self._node.destroy_subscription(self._subscription)
        self._notices.ends(_MISSING)
        self._notices.ends(_IMPOSSIBLE)

    def _take(self, message: Any) -> None:
        self._known.clear()
        for stamped in message.transforms:
            moved, turned = stamped.transform.translation, stamped.transform.rotation
            try:
                motion = RigidMotion.from_quaternion(
                    (moved.x, moved.y, moved.z), (turned.x, turned.y, turned.z, turned.w)
                )
                self._tree.put(stamped.header.frame_id, stamped.child_frame_id, motion)
            except MotionError as error:
                self._notices.begins(
                    _IMPOSSIBLE, f"/tf_static gives '{stamped.child_frame_id}' no place: {error}; passed over"
                )
