"""The person node: faces and hands in, people and the authors of gestures out.

ros2 run person_perception person_node
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from perception_msgs.msg import Face as FaceMessage
from perception_msgs.msg import FaceArray, GestureEvent, HandArray, PersonArray
from perception_msgs.msg import Hand as HandMessage
from rclpy.subscription import Subscription
from sensor_msgs.msg import Image
from std_msgs.msg import Header
from visualization_msgs.msg import MarkerArray

from face_perception import received as received_faces
from face_perception.face import Face
from face_perception.markers import markers as face_markers
from gesture_perception import received as received_hands
from gesture_perception.hand import Hand
from gesture_perception.markers import markers as hand_markers
from perception_core.image_messages import nanoseconds
from perception_core.stages import StageTimes
from perception_core.stamps import JUMP_BACK_NS
from perception_ros import diagnostics
from perception_ros.configured_node import ConfiguredNode
from perception_ros.container import run
from person_perception import messages
from person_perception.annotator import Annotator, Found
from person_perception.frame_pairing import FramePairing, PairedFrame
from person_perception.fusion import FusionRules, PeopleFusion
from person_perception.last_seen import LastSeen
from person_perception.markers import people_markers
from person_perception.mounting import Mounting
from person_perception.parameters import PersonParameters
from person_perception.person import SeenFace, SeenHand
from person_perception.received import seen_face, seen_hand
from person_perception.rigid_motion import RigidMotion

FACES, HANDS, HAND_EVENTS = "faces", "hands", "hand_events"
_QUEUE = 10
_PICTURE_QUEUE = 2  # pictures are large, and only the newest is of use
_EVENT_QUEUE = 100  # of one that is lost, the end or the beginning would be missing
_LOOK_S = 0.25
_UNKNOWN_MS = float("nan")  # the nodes before tell their own latency

M = TypeVar("M")

Paired = PairedFrame[FaceArray, HandArray, GestureEvent]


class PersonNode(ConfiguredNode[PersonParameters]):
    """Publishes who is in view, and who makes which gesture."""

    def __init__(self) -> None:
        super().__init__("person_perception", PersonParameters)
        self._ids = itertools.count(1)  # none is used again, also when the node is configured anew
        self._inputs: list[Subscription] = []

    def load(self, values: PersonParameters) -> None:
        """Creates what brings faces and hands together, and the publishers."""
        self._mounting = Mounting(self, values, self.notices)
        self._rules = FusionRules(keep_lost_s=values.keep_lost_s)
        self._wait_s = values.wait_s
        self._people = self._publisher(PersonArray, "people")
        self._events = self._publisher(GestureEvent, "gesture_events", _EVENT_QUEUE)
        self._markers = self._publisher(MarkerArray, "~/markers")
        self._annotated = self._publisher(Image, "~/image_annotated", _PICTURE_QUEUE)

    def changed(self, values: PersonParameters) -> None:
        """Takes on what may change while the node runs."""
        self._wait_s = values.wait_s
        if self._inputs:
            self._pairing.patience_s = values.wait_s

    def started(self) -> None:
        """Subscribes to faces and hands."""
        self.stages = StageTimes()
        self._activity = diagnostics.Activity()
        self._fusion = PeopleFusion(self._rules, self._ids)
        self._pairing: FramePairing[FaceArray, HandArray, GestureEvent] = FramePairing(
            both=True, patience_s=self._wait_s
        )
        self._faces: LastSeen[FaceMessage, SeenFace] = LastSeen(seen_face)
        self._hands: LastSeen[HandMessage, SeenHand] = LastSeen(seen_hand)
        self._told_ns = 0
        self._annotator = Annotator(self, self._annotated)
        # The executor takes what has arrived in this order, so that no event comes later than its frame.
        self._inputs = [
            self.create_subscription(GestureEvent, HAND_EVENTS, self._take_event, _EVENT_QUEUE),
            self.create_subscription(FaceArray, FACES, self._take_faces, _QUEUE),
            self.create_subscription(HandArray, HANDS, self._take_hands, _QUEUE),
        ]
        self._look()
        self._timer = self.create_timer(_LOOK_S, self._look, clock=self.wall)

    def stopped(self) -> None:
        """Unsubscribes; what waited for more is told."""
        if not self._inputs:
            return
        self.destroy_timer(self._timer)
        for subscription in self._inputs:
            self.destroy_subscription(subscription)
        self._inputs = []
        if self.context.ok():
            self._tell(self._pairing.flush())
        self._annotator.close()

    def unload(self) -> None:
        """Looks no longer for where the camera is."""
        self._mounting.close()

    def complaints(self) -> list[str]:
        """Whose topics are missing."""
        missing = [topic for topic in (FACES, HANDS, HAND_EVENTS) if not self._is_published(topic)]
        names = [self.resolve_topic_name(topic) for topic in missing]
        return [f"nobody publishes {', '.join(names)}"] if names else []

    def about(self) -> Mapping[str, str]:
        """Its work since it was activated."""
        values = {"frame": self._mounting.target_frame or "the camera's"}
        if not self._inputs:
            return values
        activity = self._activity.summary()
        nothing = diagnostics.Losses(dropped=0, lost_colour=0, lost_depth=0, without_depth=0, time_jumps=0)
        return values | diagnostics.activity_values(activity, nothing, self.stages.stages())

    def _look(self) -> None:
        """Looks for who publishes, and for who wants pictures."""
        self._pairing.both = self._is_published(FACES) and self._is_published(HANDS)
        self._annotator.look()

    def _is_published(self, topic: str) -> bool:
        return self.count_publishers(self.resolve_topic_name(topic)) > 0

    def _take_faces(self, message: FaceArray) -> None:
        self._tell(self._pairing.add_faces(nanoseconds(message.header), message, _UNKNOWN_MS))

    def _take_hands(self, message: HandArray) -> None:
        self._tell(self._pairing.add_hands(nanoseconds(message.header), message, _UNKNOWN_MS))

    def _take_event(self, message: GestureEvent) -> None:
        stamp_ns = nanoseconds(message.header)
        if self._told_ns - JUMP_BACK_NS <= stamp_ns <= self._told_ns:
            self._tell_event(message, self._mounting.motion_from(message.header.frame_id))
        else:
            self._pairing.add_event(stamp_ns, message)

    def _tell(self, frames: Sequence[Paired]) -> None:
        for frame in frames:
            self._told_ns = frame.stamp_ns
            whole = frame.faces if frame.faces is not None else frame.hands
            if whole is None:
                continue
            motion = self._mounting.motion_from(whole.header.frame_id)
            if self._mounting.target_frame and motion is None:
                self._activity.frame_failed()
                continue
            self._tell_people(frame, whole.header, motion)
            for event in frame.events:
                self._tell_event(event, motion)
            self._activity.frame_done(frame.stamp_ns, self.get_clock().now().nanoseconds)

    def _tell_people(self, frame: Paired, header: Header, motion: RigidMotion | None) -> None:
        drawn = self._drawn(frame)
        with self.stages.stage("read"):
            listed = None if frame.faces is None else frame.faces.faces
            faces = self._faces.at(frame.stamp_ns, listed, _mover(messages.move_face, motion))
            listed = None if frame.hands is None else frame.hands.hands
            hands = self._hands.at(frame.stamp_ns, listed, _mover(messages.move_hand, motion))
        with self.stages.stage("people"):
            people = self._fusion(frame.stamp_ns, faces.seen, hands.seen)
        with self.stages.stage("publish"):
            told = Header(stamp=header.stamp, frame_id=self._mounting.target_frame or header.frame_id)
            self._people.publish(messages.person_array(told, people, faces.messages, hands.messages, motion))
        if drawn is not None:
            self._show(header, Found(*drawn, people))

    def _tell_event(self, event: GestureEvent, motion: RigidMotion | None) -> None:
        if self._mounting.target_frame:
            if motion is None:
                return
            messages.move_event(event, motion)
            event.header.frame_id = self._mounting.target_frame
        messages.put_author(event, self._fusion.author_of(event.hand_track_id))
        self._events.publish(event)

    def _drawn(self, frame: Paired) -> tuple[list[Face], list[Hand]] | None:
        """Faces and hands with all that there is to show, where somebody looks; before they are moved."""
        if not (self._annotator.is_wanted or self._markers.get_subscription_count()):
            return None
        faces = received_faces.faces(frame.faces) if frame.faces is not None else []
        hands = received_hands.hands(frame.hands) if frame.hands is not None else []
        return faces, hands

    def _show(self, header: Header, found: Found) -> None:
        if self._markers.get_subscription_count():
            with self.stages.stage("markers"):
                shown = [*face_markers(header, found.faces).markers, *hand_markers(header, found.hands).markers]
                self._markers.publish(MarkerArray(markers=[*shown, *people_markers(header, found.people)]))
        if self._annotator.is_wanted:
            self._annotator.put(nanoseconds(header), found)


def _mover(move: Callable[[M, RigidMotion], None], motion: RigidMotion | None) -> Callable[[M], None]:
    def moved(message: M) -> None:
        if motion is not None:
            move(message, motion)

    return moved


def main() -> None:
    """The command."""
    run(["person_perception.node:PersonNode"])


if __name__ == "__main__":
    main()
