"""The person node as a robot meets it: faces and hands in, people and the authors of gestures out."""

import math
from array import array

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import Quaternion, Transform, TransformStamped, Vector3
from perception_msgs.msg import Face, FaceArray, GestureEvent, Hand, HandArray, PersonArray, Position3D
from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import Image
from std_msgs.msg import Header
from visualization_msgs.msg import MarkerArray

from perception_core.image_messages import decode_colour
from perception_core.sources.scene_source import SceneSource
from perception_core.sources.scenes import static
from perception_ros.image_codec import time_message

from .camera import Camera
from .faces import activate

NODE = "person_perception"
STEP_NS = 33_333_333
CAMERA_FRAME = "camera_color_optical_frame"
FACE_AT, HAND_AT = (0.1, -0.2, 2.0), (-0.15, 0.2, 1.8)  # x right, y down, z ahead
FOCAL = 600.0


def header(stamp_ns, frame_id=CAMERA_FRAME):
    return Header(stamp=time_message(stamp_ns), frame_id=frame_id)


def place(xyz):
    position = Position3D(source=Position3D.DEPTH, sigma=0.01, valid_share=1.0)
    position.point.x, position.point.y, position.point.z = xyz
    return position


def box_at(xyz, size_m):
    x, y, z = xyz
    size = FOCAL * size_m / z
    return array("f", (320 + FOCAL * x / z - size / 2, 240 + FOCAL * y / z - size / 2, size, size))


def face(xyz=FACE_AT, track_id=7):
    message = Face(track_id=track_id, score=0.9, box=box_at(xyz, 0.2), position=place(xyz))
    message.gaze.x = message.gaze.y = message.gaze.z = math.nan
    message.identity.similarity = math.nan
    return message


def hand(xyz=HAND_AT, track_id=3, side=Hand.RIGHT):
    message = Hand(track_id=track_id, score=0.9, box=box_at(xyz, 0.18), position=place(xyz), side=side, side_score=0.95)
    across = np.linspace(0, 0.01, 21)[:, None] + np.array(xyz)
    message.landmark_scheme = "HAND21"
    pixels = np.column_stack([320 + FOCAL * across[:, 0] / xyz[2], 240 + FOCAL * across[:, 1] / xyz[2], np.zeros(21)])
    message.landmarks = array("f", pixels.ravel())
    message.landmarks_metric = array("f", across.ravel())
    message.landmarks_hand = array("f", (across - across.mean(axis=0)).ravel())
    for place_of in (message.pointing_origin, message.pointing_direction, message.pointing_target.point):
        place_of.x = place_of.y = place_of.z = math.nan
    return message


def event(kind, track_id=3, number=1, label="Victory"):
    message = GestureEvent(event=kind, event_id=number, hand_track_id=track_id, position=place(HAND_AT))
    message.gesture.label, message.gesture.score = label, 0.9
    message.author.similarity = math.nan
    return message


class Perceivers:
    """Publishes faces, hands and events as the two nodes do, image by image."""

    def __init__(self, graph):
        self.graph = graph
        node = graph.node
        self.publishers = {
            "faces": node.create_publisher(FaceArray, "faces", 10),
            "hands": node.create_publisher(HandArray, "hands", 10),
            "events": node.create_publisher(GestureEvent, "hand_events", 100),
        }
        self.people = graph.collect(PersonArray, "people")
        self.events = graph.collect(GestureEvent, "gesture_events", 100)
        self.stamp_ns = node.get_clock().now().nanoseconds

    def wait_for_node(self):
        self.graph.spin_until(
            lambda: all(each.get_subscription_count() for each in self.publishers.values()), "the node's subscriptions"
        )

    def image(self, faces=(), hands=(), events=()):
        """Publishes what is in the next image; None stands for a node that has not worked on it."""
        self.stamp_ns += STEP_NS
        for message in events:
            message.header = header(self.stamp_ns)
            self.publishers["events"].publish(message)
        if faces is not None:
            self.publishers["faces"].publish(FaceArray(header=header(self.stamp_ns), faces=list(faces)))
        if hands is not None:
            self.publishers["hands"].publish(HandArray(header=header(self.stamp_ns), hands=list(hands)))
        return self.stamp_ns

    def of(self, stamp_ns):
        """The people of an image."""
        wanted = time_message(stamp_ns)
        return self.graph.spin_until(
            lambda: next((each for each in self.people if each.header.stamp == wanted), None), "the people of an image"
        )

    def until(self, fits, what, faces=(), hands=()):
        """Shows the same until the people of an image are as they should be."""

        def found():
            message = self.of(self.image([each() for each in faces], [each() for each in hands]))
            return message if fits(message) else None

        return self.graph.spin_until(found, what)


def start(graph, *parameters):
    arguments = [part for each in parameters for part in ("-p", each)]
    process = graph.start("person_perception.node", *(("--ros-args", *arguments) if arguments else ()))
    perceivers = Perceivers(graph)
    activate(graph, NODE)
    perceivers.wait_for_node()
    return process, perceivers


@pytest.fixture
def node(graph):
    return start(graph)


def has_hand(message):
    return len(message.people) == 1 and message.people[0].face and message.people[0].hands


def xyz(position):
    return position.point.x, position.point.y, position.point.z


def test_a_face_and_its_hand_are_a_person_who_makes_the_gesture(node):
    _, perceivers = node
    message = perceivers.until(has_hand, "a person with a hand", [face], [hand])
    person = message.people[0]
    assert message.header.frame_id == CAMERA_FRAME
    assert (person.face[0].track_id, person.hands[0].track_id) == (7, 3)
    assert xyz(person.position) == pytest.approx(FACE_AT)
    assert person.distance == pytest.approx(math.hypot(*FACE_AT))
    perceivers.image([face()], [hand()], [event(GestureEvent.STARTED)])
    perceivers.graph.spin_until(lambda: perceivers.events, "the event")
    told = perceivers.events[0]
    assert told.author_known and told.author_track_id == person.track_id
    assert (told.gesture.label, told.event, told.hand_track_id) == ("Victory", GestureEvent.STARTED, 3)


def test_a_gesture_of_nobody_in_view_has_no_author(node):
    _, perceivers = node
    far = (1.2, 0.2, 2.0)
    perceivers.until(lambda message: message.people, "a person", [face], [lambda: hand(far, 9)])
    perceivers.image([face()], [hand(far, 9)], [event(GestureEvent.STARTED, 9)])
    perceivers.graph.spin_until(lambda: perceivers.events, "the event")
    assert not perceivers.events[0].author_known and not any(each.hands for each in perceivers.people[-1].people)


def test_the_end_of_a_gesture_names_its_author_though_hand_and_image_are_gone(node):
    _, perceivers = node
    person = perceivers.until(has_hand, "a person with a hand", [face], [hand]).people[0]
    ended = event(GestureEvent.ENDED)
    ended.header = header(perceivers.stamp_ns)  # an image that has been told of
    perceivers.publishers["events"].publish(ended)
    perceivers.graph.spin_until(lambda: perceivers.events, "the event")
    assert perceivers.events[0].author_track_id == person.track_id


def test_an_image_that_one_node_left_out_has_what_was_seen_before(node):
    _, perceivers = node
    person = perceivers.until(has_hand, "a person with a hand", [face], [hand]).people[0]
    without_faces = perceivers.image(None, [hand()])
    without_hands = perceivers.image([face()], None)
    perceivers.image([face()], [hand()])
    for stamp_ns, of in ((without_faces, "face"), (without_hands, "hands")):
        (same,) = perceivers.of(stamp_ns).people
        assert same.track_id == person.track_id and getattr(same, of)[0].bridged


def test_when_the_gesture_node_ends_people_go_on(node):
    _, perceivers = node
    perceivers.until(has_hand, "a person with a hand", [face], [hand])
    perceivers.graph.node.destroy_publisher(perceivers.publishers.pop("hands"))
    people = perceivers.people

    def without_hands():
        perceivers.image([face()], None)
        return next((each for each in people if each.people and not each.people[0].hands), None)

    alone = perceivers.graph.spin_until(without_hands, "people without hands")
    assert alone.people[0].face


def test_time_that_jumps_back_begins_anew(node):
    process, perceivers = node
    before = perceivers.until(has_hand, "a person with a hand", [face], [hand]).people[0]
    perceivers.stamp_ns -= 10_000_000_000
    after = perceivers.until(has_hand, "a person with a hand again", [face], [hand]).people[0]
    assert after.track_id > before.track_id
    assert "Traceback" not in process.text()


def test_nobody_is_told_of_too(node):
    _, perceivers = node
    assert perceivers.of(perceivers.image()).people == []


def test_in_a_frame_of_the_robot_everything_is_in_that_frame(graph):
    mount = ("target_frame:=base_link", "mount:=parameters", "camera_x:=0.1", "camera_z:=1.2")
    _, perceivers = start(graph, *mount)
    message = perceivers.until(has_hand, "a person with a hand", [face], [hand])
    person = message.people[0]
    ahead = (FACE_AT[2] + 0.1, -FACE_AT[0], -FACE_AT[1] + 1.2)
    assert message.header.frame_id == "base_link"
    assert xyz(person.position) == pytest.approx(ahead, abs=1e-6)
    assert xyz(person.face[0].position) == pytest.approx(ahead, abs=1e-6)
    wrist = (HAND_AT[2] + 0.1, -HAND_AT[0], -HAND_AT[1] + 1.2)
    assert xyz(person.hands[0].position) == pytest.approx(wrist, abs=1e-6)
    assert list(person.hands[0].landmarks_metric[:3]) == pytest.approx(wrist, abs=1e-6)
    assert person.distance == pytest.approx(math.hypot(*FACE_AT))  # from the camera
    perceivers.image([face()], [hand()], [event(GestureEvent.STARTED)])
    graph.spin_until(lambda: perceivers.events, "the event")
    assert perceivers.events[0].header.frame_id == "base_link"
    assert xyz(perceivers.events[0].position) == pytest.approx(wrist, abs=1e-6)


def test_a_camera_whose_place_is_not_known_is_said_until_it_is(graph):
    tf2 = pytest.importorskip("tf2_msgs.msg", reason="tf2_msgs is not installed")
    process, perceivers = start(graph, "target_frame:=base_link")
    diagnostics = graph.collect(DiagnosticArray, "/diagnostics")
    words = f"/tf_static does not say where the frame '{CAMERA_FRAME}' is in 'base_link'"
    graph.spin_until(lambda: [perceivers.image([face()], [hand()])] and words in process.text(), words)
    graph.spin_until(
        lambda: any(words in status.message for array in diagnostics for status in array.status), "the warning"
    )
    assert perceivers.people == [] and perceivers.events == []
    qos = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    publisher = graph.node.create_publisher(tf2.TFMessage, "/tf_static", qos)
    publisher.publish(
        tf2.TFMessage(
            transforms=[
                TransformStamped(
                    header=Header(frame_id="base_link"),
                    child_frame_id=CAMERA_FRAME,
                    transform=Transform(translation=Vector3(z=1.0), rotation=Quaternion(x=-0.5, y=0.5, z=-0.5, w=0.5)),
                )
            ]
        )
    )
    graph.spin_until(
        lambda: [perceivers.image([face()], [hand()])] and perceivers.people, "people in the robot's frame"
    )
    ahead = (FACE_AT[2], -FACE_AT[0], -FACE_AT[1] + 1.0)
    assert xyz(perceivers.people[-1].people[0].position) == pytest.approx(ahead, abs=1e-6)


def test_a_place_without_a_frame_is_refused(graph):
    process = graph.start("person_perception.node", "--ros-args", "-p", "mount:=parameters")
    with pytest.raises(Exception, match="configure"):
        activate(graph, NODE)
    assert "target_frame is empty: name it" in process.text()


def test_markers_show_faces_hands_and_who_they_belong_to(node):
    _, perceivers = node
    arrays = perceivers.graph.collect(MarkerArray, "person_perception/markers")

    def complete():
        perceivers.image([face()], [hand()])
        return next((each for each in arrays if {"faces", "hands", "people"} <= {one.ns for one in each.markers}), None)

    array_of = perceivers.graph.spin_until(complete, "markers")
    (arm,) = [marker for marker in array_of.markers if marker.ns == "people"]
    assert [(point.x, point.y, point.z) for point in arm.points] == [FACE_AT, pytest.approx(HAND_AT)]
    assert all(marker.header.frame_id == CAMERA_FRAME for marker in array_of.markers)


def test_the_picture_shows_what_was_found_in_that_very_image(graph, one_metre):
    _, perceivers = start(graph)
    camera = Camera(graph, one_metre[0])
    pictures = graph.collect(Image, "person_perception/image_annotated")

    def shown():
        if camera.stamps and camera.stamps[-1] > perceivers.stamp_ns:
            perceivers.stamp_ns = camera.stamps[-1] - STEP_NS
            perceivers.image([face()], [hand()])
        return pictures

    picture = graph.spin_until(shown, "a picture")[0]
    assert (decode_colour(picture) != one_metre[0].colour).any()
    assert picture.header.stamp in [time_message(stamp_ns) for stamp_ns in camera.stamps]


def test_without_perceivers_it_says_whom_it_waits_for(graph):
    graph.start("person_perception.node")
    diagnostics = graph.collect(DiagnosticArray, "/diagnostics")
    activate(graph, NODE)
    graph.spin_until(
        lambda: any(
            "nobody publishes /faces, /hands, /hand_events" in status.message
            for array in diagnostics
            for status in array.status
        ),
        "the warning",
    )


def test_everybody_whom_the_real_nodes_see_is_a_person(graph, tmp_path, pictures):
    source = SceneSource(static(1.0))
    Camera(graph, source.frame(0))
    nodes = ["face_perception", "gesture_perception", NODE]
    graph.start(
        "perception_ros.container",
        "face_perception.node:FaceNode", "gesture_perception.node:GestureNode", "person_perception.node:PersonNode",
        "--ros-args", "-r", "gesture_perception:gesture_events:=hand_events",
        "-p", f"gestures:={tmp_path / 'gestures.sqlite'}", "-p", f"gallery:={tmp_path / 'gallery.sqlite'}",
    )  # fmt: skip
    people = graph.collect(PersonArray, "people")
    for name in nodes:
        activate(graph, name)
    visible = sum(each.visible_share == 1 for each in source.truth(0).faces)
    message = graph.spin_until(lambda: next((each for each in people if len(each.people) == visible), None), "people")
    assert all(person.face and person.position.source == Position3D.DEPTH for person in message.people)
    assert not any(person.hands for person in message.people)  # the scene shows none
