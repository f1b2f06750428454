"""What the demo says of latency and drops is what happened, and what it shows belongs together."""

import io
import json
import time

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from perception_msgs.msg import FaceArray, Gesture, GestureEvent, Hand, HandArray
from rclpy.time import Time
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from face_perception.drawing import draw_depth
from perception_cli.frame_log import FrameLog
from perception_cli.viewer import SEEN_TOPIC, Viewer
from perception_core.frame import DepthImage
from perception_core.topics import CAMERA_INFO_TOPIC, COLOUR_TOPIC, DEPTH_TOPIC
from perception_ros.image_codec import encode_image

DELAY_MS = 250
SIZE = (64, 48)


@pytest.fixture
def viewer(graph):
    log = io.StringIO()
    viewer = Viewer(FrameLog(log))
    viewer.log = log
    graph._executor.add_node(viewer)
    yield viewer
    graph._executor.remove_node(viewer)
    viewer.destroy_node()


def test_latency_is_the_time_since_the_image_was_taken(graph, viewer):
    publisher = graph.node.create_publisher(FaceArray, "faces", 10)
    graph.spin_until(publisher.get_subscription_count, "the viewer")
    began = time.monotonic()
    taken_ns = graph.node.get_clock().now().nanoseconds - DELAY_MS * 1_000_000
    message = FaceArray()
    message.header.stamp = Time(nanoseconds=taken_ns).to_msg()
    publisher.publish(message)
    graph.spin_until(lambda: viewer.figures().frames == 1, "the message")
    longest_ms = DELAY_MS + (time.monotonic() - began) * 1e3
    assert DELAY_MS <= viewer.figures().latency_median_ms <= longest_ms
    assert DELAY_MS <= json.loads(viewer.log.getvalue())["latency_ms"] <= longest_ms


def test_drops_are_those_that_the_nodes_tell(graph, viewer):
    publisher = graph.node.create_publisher(DiagnosticArray, "/diagnostics", 10)
    graph.spin_until(publisher.get_subscription_count, "the viewer")
    for name, dropped, notice in (("/face_perception", 7, "no depth"), ("/gesture_perception", 2, "no gestures")):
        values = [KeyValue(key="frames", value="30"), KeyValue(key="dropped_frames", value=str(dropped))]
        status = DiagnosticStatus(name=name, level=DiagnosticStatus.WARN, message=notice, values=values)
        publisher.publish(DiagnosticArray(status=[status]))
    graph.spin_until(lambda: all(viewer.times_told.values()), "the diagnostics")
    assert viewer.figures().dropped == 9
    assert viewer.notices == "no depth\nno gestures"


class Nodes:
    """What the two nodes publish."""

    def __init__(self, graph, viewer):
        self._graph = graph
        self.faces = graph.node.create_publisher(FaceArray, "faces", 10)
        self.hands = graph.node.create_publisher(HandArray, "hands", 10)
        self.events = graph.node.create_publisher(GestureEvent, "gesture_events", 10)
        everything = (self.faces, self.hands, self.events)
        graph.spin_until(lambda: all(each.get_subscription_count() for each in everything), "the viewer")
        graph.spin_until(viewer.nodes_are_there, "the nodes")

    def tell_faces(self, number):
        self.faces.publish(FaceArray(header=header(number)))

    def tell_hands(self, number):
        hand = Hand(track_id=4, gesture=Gesture(label="Victory", score=0.9, origin="network", fingers=2))
        hand.box = [5.0, 6.0, 20.0, 30.0]
        self.hands.publish(HandArray(header=header(number), hands=[hand]))


@pytest.fixture
def nodes(graph, viewer):
    return Nodes(graph, viewer)


def records_of(viewer):
    return [json.loads(line) for line in viewer.log.getvalue().splitlines()]


def test_faces_and_hands_of_a_frame_are_in_one_line(graph, viewer, nodes):
    for number in (1, 2, 3):
        nodes.tell_faces(number)
        if number != 2:
            nodes.tell_hands(number)
    graph.spin_until(lambda: viewer.figures().frames == 3, "three frames")
    first, second, third = records_of(viewer)
    assert first["hands"][0]["gesture"] == third["hands"][0]["gesture"] == "Victory" and second["hands"] is None
    assert first["faces"] == second["faces"] == third["faces"] == []
    assert viewer.newest.hands[0].track_id == 4


def test_an_event_is_in_the_line_of_its_frame(graph, viewer, nodes):
    event = GestureEvent(header=header(1), event=GestureEvent.STARTED, event_id=3, hand_track_id=4)
    event.gesture = Gesture(label="Victory", score=0.9, origin="network", fingers=2)
    nodes.events.publish(event)
    nodes.tell_hands(1)
    nodes.tell_faces(1)
    graph.spin_until(lambda: viewer.figures().frames, "a frame")
    (told,) = records_of(viewer)[0]["events"]
    assert (told["event"], told["id"], told["gesture"], told["hand"]) == ("started", 3, "Victory", 4)


def test_a_frame_is_seen_when_faces_and_hands_have_come(graph):
    viewer = Viewer(None, every_frame=True)
    graph._executor.add_node(viewer)
    try:
        seen = []
        graph.node.create_subscription(Header, SEEN_TOPIC, lambda each: seen.append(each.stamp.nanosec), 10)
        nodes = Nodes(graph, viewer)
        graph.spin_until(lambda: viewer.count_subscribers(f"/{SEEN_TOPIC}"), "who waits")
        nodes.tell_faces(1)
        nodes.tell_faces(2)
        nodes.tell_hands(2)
        graph.spin_until(lambda: len(seen) == 2, "the answers")
        assert seen == [header(1).stamp.nanosec, header(2).stamp.nanosec]
        assert viewer.newest.stamp_ns == Time.from_msg(header(2).stamp).nanoseconds
    finally:
        graph._executor.remove_node(viewer)
        viewer.destroy_node()


@pytest.fixture
def film(graph, viewer):
    """What the viewer shows of colour, depth and faces, each published by the test."""
    film = Film(graph, viewer)
    film.begin()
    return film


class Film:
    def __init__(self, graph, viewer):
        self._graph, self._viewer = graph, viewer
        self._faces = graph.node.create_publisher(FaceArray, "faces", 10)
        self._info = graph.node.create_publisher(CameraInfo, CAMERA_INFO_TOPIC, 10)
        self._colour = graph.node.create_publisher(Image, COLOUR_TOPIC, 10)
        self._depth = graph.node.create_publisher(Image, DEPTH_TOPIC, 10)
        self.panels = []

    def begin(self):
        topics = [self._viewer.resolve_topic_name(each) for each in (COLOUR_TOPIC, DEPTH_TOPIC, CAMERA_INFO_TOPIC)]
        self._graph.spin_until(lambda: all(map(self._viewer.count_publishers, topics)), "the publishers")
        self._viewer.show_pictures(self._take)
        publishers = (self._colour, self._depth, self._faces, self._info)
        self._graph.spin_until(lambda: all(each.get_subscription_count() for each in publishers), "the viewer")

    def publish_depth(self, number, image):
        self._depth.publish(encode_image(image, "16UC1", header(number)))

    def show(self, number):
        """Publishes the picture of a frame and its faces, and waits until it is shown."""
        shown = len(self.panels)
        self._info.publish(CameraInfo(header=header(number)))  # of a camera that is not calibrated
        self._colour.publish(encode_image(np.zeros((*SIZE[::-1], 3), np.uint8), "bgr8", header(number)))
        self._faces.publish(FaceArray(header=header(number)))
        self._graph.spin_until(lambda: len(self.panels) > shown, f"picture {number}")

    def _take(self, picture, stamp_ns):
        self.panels.append(picture[:, SIZE[0] :])
        return True


def header(number):
    return Header(stamp=Time(nanoseconds=1_600_000_000_000_000_000 + number * 33_333_333).to_msg())


def depth_image(number, size=SIZE):
    return np.full(size[::-1], 400 + 50 * number, np.uint16)


def panel(number):
    return draw_depth(DepthImage(depth_image(number), 0.001), SIZE, [])


def test_a_picture_that_comes_a_second_after_its_depth_is_shown_beside_it(film):
    for number in range(60):
        film.publish_depth(number, depth_image(number))
        film.show(number - 30)
    without, with_depth = film.panels[:30], film.panels[30:]
    assert all((shown == draw_depth(None, SIZE, [])).all() for shown in without)
    assert all((shown == panel(number)).all() for number, shown in enumerate(with_depth))


def test_depth_of_another_size_or_of_no_known_kind_ends_nothing(film):
    film.publish_depth(0, depth_image(0, (30, 40)))
    film.show(0)
    film._depth.publish(encode_image(np.zeros((*SIZE[::-1], 3), np.uint8), "bgr8", header(1)))
    film.show(1)
    film.publish_depth(2, depth_image(2))
    film.show(2)
    assert [shown.shape for shown in film.panels] == [(*SIZE[::-1], 3)] * 3
    expected = (panel(0), draw_depth(None, SIZE, []), panel(2))
    assert all((shown == wanted).all() for shown, wanted in zip(film.panels, expected, strict=True))
