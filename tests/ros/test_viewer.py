"""What the demo says of latency and drops is what happened, and what it shows belongs together."""

import io
import json
import time

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from perception_msgs.msg import FaceArray
from rclpy.time import Time
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from face_perception.drawing import draw_depth
from perception_cli.face_log import FaceLog
from perception_cli.viewer import FACE_NODE, Viewer
from perception_core.frame import DepthImage
from perception_core.topics import DEPTH_TOPIC
from perception_ros.image_codec import encode_image

DELAY_MS = 250
SIZE = (64, 48)


@pytest.fixture
def viewer(graph):
    log = io.StringIO()
    viewer = Viewer(FaceLog(log))
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


def test_drops_are_those_that_the_node_tells(graph, viewer):
    publisher = graph.node.create_publisher(DiagnosticArray, "/diagnostics", 10)
    graph.spin_until(publisher.get_subscription_count, "the viewer")
    values = [KeyValue(key="frames", value="30"), KeyValue(key="dropped_frames", value="7")]
    status = DiagnosticStatus(name="/face_perception", level=DiagnosticStatus.WARN, message="no depth", values=values)
    publisher.publish(DiagnosticArray(status=[status]))
    graph.spin_until(lambda: viewer.times_told, "the diagnostics")
    assert viewer.figures().dropped == 7
    assert viewer.notices == "no depth"


@pytest.fixture
def film(graph, viewer):
    """What the viewer shows of an annotated picture and depth, each published by the test."""
    film = Film(graph, viewer)
    film.begin()
    return film


class Film:
    def __init__(self, graph, viewer):
        self._graph, self._viewer = graph, viewer
        self._annotated = graph.node.create_publisher(Image, f"{FACE_NODE}/image_annotated", 10)
        self._depth = graph.node.create_publisher(Image, DEPTH_TOPIC, 10)
        self.panels = []

    def begin(self):
        topics = (f"/{FACE_NODE}/image_annotated", self._viewer.resolve_topic_name(DEPTH_TOPIC))
        self._graph.spin_until(lambda: all(map(self._viewer.count_publishers, topics)), "the publishers")
        self._viewer.show_pictures(self._take)
        publishers = (self._annotated, self._depth)
        self._graph.spin_until(lambda: all(each.get_subscription_count() for each in publishers), "the viewer")

    def publish_depth(self, number, image):
        self._depth.publish(encode_image(image, "16UC1", header(number)))

    def show(self, number):
        """Publishes the annotated picture of a frame and waits until it is shown."""
        shown = len(self.panels)
        self._annotated.publish(encode_image(np.zeros((*SIZE[::-1], 3), np.uint8), "bgr8", header(number)))
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
