"""The face node: its lifecycle and its wiring.

ros2 run face_perception face_node
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from typing import Any

from perception_msgs.msg import FaceArray
from rclpy.publisher import Publisher
from sensor_msgs.msg import Image
from visualization_msgs.msg import MarkerArray

from face_perception import messages
from face_perception.assembly import open_face_pipeline
from face_perception.drawing import draw_faces
from face_perception.face import Face
from face_perception.parameters import FaceParameters
from perception_core.frame import RgbdFrame
from perception_ros.container import run
from perception_ros.image_codec import encode_image
from perception_ros.perception_node import PerceptionNode
from perception_ros.rgbd_subscriber import CameraSettings

HAS_VISION_MSGS = importlib.util.find_spec("vision_msgs") is not None
if HAS_VISION_MSGS:
    from vision_msgs.msg import Detection2DArray, Detection3DArray

    from face_perception import vision_messages

_QUEUE = 10
_PICTURE_QUEUE = 2  # pictures are large, and only the newest is of use


class FaceNode(PerceptionNode[FaceParameters]):
    """Publishes who is in view and where."""

    def __init__(self) -> None:
        super().__init__("face_perception", FaceParameters, _camera_settings)
        self._outputs: list[Publisher] = []

    def load(self, parameters: FaceParameters) -> None:
        """Loads the detector and creates the publishers."""
        self._assembly = open_face_pipeline(parameters, self.get_logger().warning)
        self._faces = self._publisher(FaceArray, "faces")
        self._annotated = self._publisher(Image, "~/image_annotated", _PICTURE_QUEUE)
        self._markers = self._publisher(MarkerArray, "~/markers")
        if HAS_VISION_MSGS:
            self._detections_2d = self._publisher(Detection2DArray, "~/detections_2d")
            self._detections_3d = self._publisher(Detection3DArray, "~/detections_3d")

    def changed(self, parameters: FaceParameters) -> None:
        """Takes on what may change while the node runs."""
        self._assembly.pipeline.bridge_s = parameters.bridge_s

    def process(self, frame: RgbdFrame) -> None:
        """Finds the faces of a frame and publishes them."""
        faces = self._assembly.pipeline(frame, self.stages)
        with self.stages.stage("publish"):
            self._faces.publish(messages.face_array(frame, faces))
        if self._markers.get_subscription_count():
            with self.stages.stage("markers"):
                self._markers.publish(messages.markers(frame, faces))
        if HAS_VISION_MSGS:
            self._publish_detections(frame, faces)
        if self._annotated.get_subscription_count():
            with self.stages.stage("annotate"):
                picture = draw_faces(frame.colour, faces)
                self._annotated.publish(encode_image(picture, "bgr8", messages.header(frame)))

    def unload(self) -> None:
        """Gives back the detector and the publishers."""
        self._assembly.close()
        for publisher in self._outputs:
            self.destroy_publisher(publisher)
        self._outputs.clear()

    def about_models(self) -> Mapping[str, str]:
        """Models and engine, for the diagnostics."""
        return {**self._assembly.models, "engine": self._assembly.engine.description}

    def _publish_detections(self, frame: RgbdFrame, faces: list[Face]) -> None:
        if self._detections_2d.get_subscription_count():
            with self.stages.stage("detections_2d"):
                self._detections_2d.publish(vision_messages.detections_2d(frame, faces))
        if self._detections_3d.get_subscription_count():
            with self.stages.stage("detections_3d"):
                self._detections_3d.publish(vision_messages.detections_3d(frame, faces))

    def _publisher(self, message_type: type[Any], topic: str, queue: int = _QUEUE) -> Publisher:
        publisher = self.create_publisher(message_type, topic, queue)
        self._outputs.append(publisher)
        return publisher


def _camera_settings(parameters: FaceParameters) -> CameraSettings:
    return CameraSettings(parameters.slop_s, parameters.transport)


def main() -> None:
    """The command."""
    run(["face_perception.node:FaceNode"])


if __name__ == "__main__":
    main()
