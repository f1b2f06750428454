"""What the demo says of latency and drops is what happened."""

import io
import json
import time

import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from perception_msgs.msg import FaceArray
from rclpy.time import Time

from perception_cli.face_log import FaceLog
from perception_cli.viewer import Viewer

DELAY_MS = 250


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
