"""The face node: its lifecycle and its wiring.

ros2 run face_perception face_node
"""

from __future__ import annotations

import importlib.util
import itertools
from collections.abc import Mapping, Sequence

from perception_msgs.msg import FaceArray
from sensor_msgs.msg import Image
from visualization_msgs.msg import MarkerArray

from face_perception import messages
from face_perception.assembly import open_face_pipeline
from face_perception.drawing import draw_faces
from face_perception.enrolment import Enrolment, EnrolPolicy
from face_perception.face import Face
from face_perception.gallery_errors import GalleryError
from face_perception.landmarks import LandmarkScheme
from face_perception.markers import markers
from face_perception.parameters import FaceParameters
from face_perception.people_services import People, people_services
from perception_core.frame import RgbdFrame
from perception_ros.configured_node import LoadError
from perception_ros.container import run
from perception_ros.image_codec import encode_image
from perception_ros.perception_node import PerceptionNode
from perception_ros.rgbd_subscriber import CameraSettings
from perception_ros.space_messages import header

HAS_VISION_MSGS = importlib.util.find_spec("vision_msgs") is not None
if HAS_VISION_MSGS:
    from vision_msgs.msg import Detection2DArray, Detection3DArray

    from face_perception import vision_messages

HAS_TF = importlib.util.find_spec("tf2_msgs") is not None
if HAS_TF:
    from tf2_msgs.msg import TFMessage

    from face_perception import transforms

_READ_ONLY = "gallery"
_PICTURE_QUEUE = 2  # pictures are large, and only the newest is of use


class FaceNode(PerceptionNode[FaceParameters]):
    """Publishes who is in view and where."""

    def __init__(self) -> None:
        super().__init__("face_perception", FaceParameters, _camera_settings)
        self._enrolment: Enrolment | None = None
        self._ids = itertools.count(1)  # none is used again, also when the node is configured anew
        self._people = people_services(self)

    def load(self, parameters: FaceParameters) -> None:
        """Loads the models and the gallery, and creates the publishers."""
        try:
            self._assembly = open_face_pipeline(
                parameters, self.get_logger().warning, ids=self._ids, progress=self.progress
            )
        except GalleryError as error:
            raise LoadError(str(error)) from error
        self._scheme = LandmarkScheme(parameters.landmark_scheme) if parameters.landmark_scheme else None
        self._faces = self._publisher(FaceArray, "faces")
        self._annotated = self._publisher(Image, "~/image_annotated", _PICTURE_QUEUE)
        self._markers = self._publisher(MarkerArray, "~/markers")
        if HAS_VISION_MSGS:
            self._detections_2d = self._publisher(Detection2DArray, "~/detections_2d")
            self._detections_3d = self._publisher(Detection3DArray, "~/detections_3d")
        self._transforms = None
        if HAS_TF and parameters.publish_tf:
            self._transforms = self._publisher(TFMessage, transforms.TOPIC, transforms.QUEUE)
        self._serve_people(parameters)

    def changed(self, parameters: FaceParameters) -> None:
        """Takes on what may change while the node runs."""
        self._assembly.pipeline.change(parameters.at_effort(self.effort.level))
        if self._enrolment is not None:
            self._enrolment.policy = _policy(parameters)

    def camera_started(self) -> None:
        """From now on whom the camera sees can be enrolled."""
        if self._enrolment is not None:
            self._enrolment.camera_started()

    def camera_stopped(self) -> None:
        """Who waits to be enrolled waits in vain."""
        if self._enrolment is not None:
            self._enrolment.cancel()

    def process(self, frame: RgbdFrame) -> None:
        """Finds the faces of a frame and publishes them."""
        faces = self._assembly.pipeline(frame, self.stages)
        with self.stages.stage("publish"):
            self._faces.publish(messages.face_array(frame, faces, self._scheme))
        if self._transforms is not None and self._transforms.get_subscription_count():
            with self.stages.stage("transforms"):
                self._transforms.publish(transforms.transforms(frame, faces))
        if self._markers.get_subscription_count():
            with self.stages.stage("markers"):
                self._markers.publish(markers(header(frame), faces))
        if HAS_VISION_MSGS:
            self._publish_detections(frame, faces)
        if self._annotated.get_subscription_count():
            with self.stages.stage("annotate"):
                picture = draw_faces(frame.colour, faces)
                self._annotated.publish(encode_image(picture, "bgr8", header(frame)))

    def unload(self) -> None:
        """Gives back the models and the gallery."""
        self._people.leave("the node is not configured")
        self._enrolment = None
        self.notices.ends(_READ_ONLY)
        self._assembly.close()

    def destroy_node(self) -> None:
        """Ends the services after all else."""
        super().destroy_node()
        self._people.close()

    def about_models(self) -> Mapping[str, str]:
        """Models, engine and gallery, for the diagnostics."""
        return {**self._assembly.models, "engine": self._assembly.engine.description, **self._about_people()}

    def _serve_people(self, parameters: FaceParameters) -> None:
        assembly = self._assembly
        gallery, embedder, identification = assembly.gallery, assembly.embedder, assembly.pipeline.identification
        if gallery is None or embedder is None or identification is None:
            self._people.leave("the parameter identity is empty")
            return
        self._enrolment = identification.enrolment = Enrolment(gallery, embedder.thresholds, _policy(parameters))
        self._people.serve(People(gallery, self._enrolment))
        if not gallery.writable:
            self.notices.begins(
                _READ_ONLY, f"{gallery.path} cannot be written: people are recognised, but none enrolled or forgotten"
            )

    def _about_people(self) -> Mapping[str, str]:
        gallery, enrolment = self._assembly.gallery, self._enrolment
        if gallery is None or enrolment is None:
            return {}
        threshold = enrolment.threshold
        return {
            "gallery": str(gallery.path),
            "people": str(len(gallery.index.people)),
            "identity_threshold": f"{threshold.cosine:.3f}" + (" (extrapolated)" if threshold.extrapolated else ""),
            "enrolment": enrolment.state,
        }

    def _publish_detections(self, frame: RgbdFrame, faces: Sequence[Face]) -> None:
        if self._detections_2d.get_subscription_count():
            with self.stages.stage("detections_2d"):
                self._detections_2d.publish(vision_messages.detections_2d(frame, faces))
        if self._detections_3d.get_subscription_count():
            with self.stages.stage("detections_3d"):
                self._detections_3d.publish(vision_messages.detections_3d(frame, faces))


def _camera_settings(parameters: FaceParameters) -> CameraSettings:
    return CameraSettings(parameters.slop_s, parameters.transport, parameters.keep_up)


def _policy(parameters: FaceParameters) -> EnrolPolicy:
    return EnrolPolicy(
        views=parameters.enroll_views,
        timeout_s=parameters.enroll_timeout_s,
        flat=parameters.enroll_flat,
        strangers=parameters.strangers_accepted,
        keep_lost_s=parameters.keep_lost_s,
    )


def main() -> None:
    """The command."""
    run(["face_perception.node:FaceNode"])


if __name__ == "__main__":
    main()
