"""The face node: its lifecycle and its wiring.

ros2 run face_perception face_node
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from typing import Any

import numpy as np
from perception_msgs.msg import FaceArray
from rclpy.publisher import Publisher
from sensor_msgs.msg import Image
from visualization_msgs.msg import MarkerArray

from face_perception import messages
from face_perception.detection import FaceDetector
from face_perception.drawing import draw_faces
from face_perception.face import Face
from face_perception.parameters import FaceParameters
from face_perception.pipeline import FacePipeline
from perception_core.engines.engine import Engine, EngineKind, EngineOptions, open_engine
from perception_core.frame import RgbdFrame
from perception_core.tracking import Tracker
from perception_core.zoo.files import sha256_of
from perception_core.zoo.store import model_path
from perception_ros.container import run
from perception_ros.image_codec import encode_image
from perception_ros.perception_node import PerceptionNode

HAS_VISION_MSGS = importlib.util.find_spec("vision_msgs") is not None
if HAS_VISION_MSGS:
    from vision_msgs.msg import Detection2DArray, Detection3DArray

    from face_perception import vision_messages

_LOWEST_SCORE = 0.35  # a detection this weak may carry a track on, but not start one
_SURE_SCORE = 0.8  # a detection this strong starts a track at once
_BLANK = np.zeros((480, 640, 3), np.uint8)
_QUEUE = 10
_PICTURE_QUEUE = 2  # pictures are large, and only the newest is of use


class FaceNode(PerceptionNode[FaceParameters]):
    """Publishes who is in view and where."""

    def __init__(self) -> None:
        super().__init__("face_perception", FaceParameters, lambda parameters: parameters.slop_s)
        self._outputs: list[Publisher] = []

    def load(self, parameters: FaceParameters) -> None:
        """Loads the detector and creates the publishers."""
        options = EngineOptions(threads=parameters.threads)
        model = model_path(parameters.detector)
        self._models = {"detector": parameters.detector, "detector_sha256": sha256_of(model)}
        self._engine: Engine = open_engine(model, EngineKind(parameters.engine), options)
        detector = FaceDetector(self._engine, _LOWEST_SCORE, parameters.detection_width)
        detector(_BLANK)  # the first run allocates memory: better now than while frames wait
        tracker: Tracker[Any] = Tracker(
            max_missed_s=parameters.keep_lost_s,
            sure_score=max(_SURE_SCORE, parameters.score_threshold),
            score=parameters.score_threshold,
            low_score=_LOWEST_SCORE,
            notify=self.get_logger().warning,
        )
        self._pipeline = FacePipeline(detector, tracker, parameters.bridge_s)
        self._faces = self._publisher(FaceArray, "faces")
        self._annotated = self._publisher(Image, "~/image_annotated", _PICTURE_QUEUE)
        self._markers = self._publisher(MarkerArray, "~/markers")
        if HAS_VISION_MSGS:
            self._detections_2d = self._publisher(Detection2DArray, "~/detections_2d")
            self._detections_3d = self._publisher(Detection3DArray, "~/detections_3d")

    def changed(self, parameters: FaceParameters) -> None:
        """Takes on what may change while the node runs."""
        self._pipeline.bridge_s = parameters.bridge_s

    def process(self, frame: RgbdFrame) -> None:
        """Finds the faces of a frame and publishes them."""
        faces = self._pipeline(frame, self.stages)
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
        self._engine.close()
        for publisher in self._outputs:
            self.destroy_publisher(publisher)
        self._outputs.clear()

    def about_models(self) -> Mapping[str, str]:
        """Models and engine, for the diagnostics."""
        return {**self._models, "engine": self._engine.description}

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


def main() -> None:
    """The command."""
    run(["face_perception.node:FaceNode"])


if __name__ == "__main__":
    main()
