"""The gesture node: its lifecycle and its wiring.

ros2 run gesture_perception gesture_node
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from perception_msgs.msg import FaceArray, HandArray
from perception_msgs.msg import GestureEvent as GestureEventMessage
from rclpy.subscription import Subscription
from sensor_msgs.msg import Image
from visualization_msgs.msg import MarkerArray

from gesture_perception import messages
from gesture_perception.assembly import open_hand_pipeline
from gesture_perception.gesture_events import GestureEvent
from gesture_perception.hand_drawing import draw_hands
from gesture_perception.markers import markers
from gesture_perception.parameters import GestureParameters
from gesture_perception.pipeline import HandIds
from gesture_perception.reaches import Reaches
from gesture_perception.teach_services import teach_services
from gesture_perception.teaching import Teaching, TeachPolicy
from perception_core.frame import RgbdFrame
from perception_core.geometry import Box
from perception_core.image_messages import nanoseconds
from perception_core.private_store.errors import StoreError
from perception_ros.configured_node import LoadError
from perception_ros.container import run
from perception_ros.image_codec import encode_image
from perception_ros.perception_node import PerceptionNode
from perception_ros.rgbd_subscriber import CameraSettings
from perception_ros.space_messages import header

_READ_ONLY = "gestures"
_PICTURE_QUEUE = 2  # pictures are large, and only the newest is of use
_EVENT_QUEUE = 100  # of one that is lost, the end or the beginning would be missing
_FACE_QUEUE = 1


class GestureNode(PerceptionNode[GestureParameters]):
    """Publishes the hands in view and what they say."""

    def __init__(self) -> None:
        super().__init__("gesture_perception", GestureParameters, _camera_settings)
        self._teaching: Teaching | None = None
        self._faces: Subscription | None = None
        self._reaches = Reaches()
        self._ids = HandIds()  # no id is used again, also when the node is configured anew
        self._last: RgbdFrame | None = None
        self._teach_services = teach_services(self)

    def load(self, parameters: GestureParameters) -> None:
        """Loads the models and the gestures that were taught, and creates the publishers."""
        try:
            self._assembly = open_hand_pipeline(
                parameters, self.get_logger().warning, self._ids, progress=self.progress
            )
        except StoreError as error:
            raise LoadError(str(error)) from error
        self._use_faces = parameters.use_faces
        self._hands = self._publisher(HandArray, "hands")
        self._events = self._publisher(GestureEventMessage, "gesture_events", _EVENT_QUEUE)
        self._annotated = self._publisher(Image, "~/image_annotated", _PICTURE_QUEUE)
        self._markers = self._publisher(MarkerArray, "~/markers")
        self._serve_teachers(parameters)

    def changed(self, parameters: GestureParameters) -> None:
        """Takes on what may change while the node runs."""
        self._assembly.pipeline.change(parameters.at_effort(self.effort.level))
        if self._teaching is not None:
            self._teaching.policy = _policy(parameters)

    def camera_started(self) -> None:
        """From now on gestures can be taught, and faces say where small hands may be."""
        if self._use_faces:
            self._faces = self.create_subscription(FaceArray, "faces", self._take_faces, _FACE_QUEUE)
        if self._teaching is not None:
            self._teaching.camera_started()

    def camera_stopped(self) -> None:
        """Who teaches waits in vain, and what was being said ends."""
        if self._faces is not None:
            self.destroy_subscription(self._faces)
            self._faces = None
        self._reaches.forget()
        if self._teaching is not None:
            self._teaching.cancel()
        ended = self._assembly.pipeline.reset()
        if self._last is not None and self.context.ok():
            self._publish_events(self._last, ended)
        self._last = None

    def process(self, frame: RgbdFrame) -> None:
        """Finds the hands of a frame and publishes what they say."""
        found = self._assembly.pipeline(frame, self.stages, self._reaches.at(frame.stamp_ns))
        self._last = frame
        with self.stages.stage("publish"):
            self._publish_events(frame, found.events)
            self._hands.publish(messages.hand_array(frame, found.hands))
        if self._markers.get_subscription_count():
            with self.stages.stage("markers"):
                self._markers.publish(markers(header(frame), found.hands))
        if self._annotated.get_subscription_count():
            with self.stages.stage("annotate"):
                picture = draw_hands(frame.colour, found.hands, frame.intrinsics)
                self._annotated.publish(encode_image(picture, "bgr8", header(frame)))

    def unload(self) -> None:
        """Gives back the models and the gestures."""
        self._teach_services.leave("the node is not configured")
        self._teaching = None
        self.notices.ends(_READ_ONLY)
        self._assembly.close()

    def destroy_node(self) -> None:
        """Ends the services after all else."""
        super().destroy_node()
        self._teach_services.close()

    def about_models(self) -> Mapping[str, str]:
        """Models, engine and taught gestures, for the diagnostics."""
        return {**self._assembly.models, "engine": self._assembly.engine.description, **self._about_gestures()}

    def _take_faces(self, message: FaceArray) -> None:
        boxes = [Box(*map(float, face.box)) for face in message.faces]
        self._reaches.put(nanoseconds(message.header), boxes)

    def _serve_teachers(self, parameters: GestureParameters) -> None:
        gestures, embedder = self._assembly.gestures, self._assembly.embedder
        if gestures is None or embedder is None:
            self._teach_services.leave("the parameter gesture_embedder is empty")
            return
        self._teaching = self._assembly.pipeline.teaching = Teaching(gestures, embedder, _policy(parameters))
        self._teach_services.serve(self._teaching)
        if not gestures.writable:
            self.notices.begins(
                _READ_ONLY, f"{gestures.path} cannot be written: gestures are recognised, but none taught or forgotten"
            )

    def _about_gestures(self) -> Mapping[str, str]:
        gestures, teaching = self._assembly.gestures, self._teaching
        if gestures is None or teaching is None:
            return {}
        return {
            "taught_file": str(gestures.path),
            "taught": str(len(gestures.index.gestures)),
            "teaching": teaching.state,
        }

    def _publish_events(self, frame: RgbdFrame, events: Sequence[GestureEvent]) -> None:
        for event in events:
            self._events.publish(messages.event_message(frame, event))


def _camera_settings(parameters: GestureParameters) -> CameraSettings:
    return CameraSettings(parameters.slop_s, parameters.transport, parameters.keep_up)


def _policy(parameters: GestureParameters) -> TeachPolicy:
    return TeachPolicy(parameters.teach_views, parameters.teach_timeout_s, parameters.keep_lost_s)


def main() -> None:
    """The command."""
    run(["gesture_perception.node:GestureNode"])


if __name__ == "__main__":
    main()
