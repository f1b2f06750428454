"""What the doctor says of a graph with a real camera process, and of one with a camera on which much is wrong."""

import json
import subprocess
import sys

import pytest
import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image

from perception_core.topics import COLOUR_TOPIC

from .camera import Camera

HOUR_NS = 3_600_000_000_000


class Doctor:
    """A process that listens; the test's node goes on meanwhile."""

    def __init__(self, graph, *options):
        self._process = graph.start("perception_cli", "doctor", "--json", *options, name="doctor")
        graph.spin_until(lambda: not self._process.running(), "what the doctor has to say")
        self.said = json.loads(self._process.text())
        self.exit_code = self._process.exit_code()

    def findings(self):
        return {each["fault"]: each for area in self.said["areas"] for each in area["findings"]}

    def seen(self, name):
        return next(area["seen"] for area in self.said["areas"] if area["area"] == name)


def test_nothing_is_wrong_with_the_virtual_camera(graph):
    graph.start("perception_ros.replay_node", "--ros-args", "-p", "source:=scene:crossing")
    topic = graph.node.resolve_topic_name(COLOUR_TOPIC)
    graph.spin_until(lambda: graph.node.get_publishers_info_by_topic(topic), "the camera")
    doctor = Doctor(graph, "--only", "camera", "--only", "nodes", "--seconds", "3")
    assert (doctor.findings(), doctor.exit_code) == ({}, 0)
    seen = "\n".join(doctor.seen("camera"))
    assert "640x480, bgr8, camera_color_optical_frame" in seen
    assert "edges of depth lie on those of colour" in seen


@pytest.fixture
def troubled(graph, one_metre):
    """Depth of another frame, an hour late; a second colour publisher, best effort; a node that does not work."""
    camera = Camera(graph, one_metre[0])

    def spoil(message):
        message.header.frame_id = "camera_depth_optical_frame"
        message.header.stamp.sec -= HOUR_NS // 10**9
        return message

    camera.distort_depth = spoil
    best_effort = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
    second = graph.node.create_publisher(Image, COLOUR_TOPIC, best_effort)
    node = rclpy.create_node("face_perception")
    told = DiagnosticStatus(
        level=DiagnosticStatus.WARN,
        name="/face_perception",
        message="nobody publishes faces",
        values=[KeyValue(key="state", value="inactive")],
    )
    diagnostics = node.create_publisher(DiagnosticArray, "/diagnostics", 10)
    timer = graph.node.create_timer(0.3, lambda: diagnostics.publish(DiagnosticArray(status=[told])))
    yield camera
    graph.node.destroy_timer(timer)
    graph.node.destroy_publisher(second)
    node.destroy_node()
    camera.close()


def test_faults_of_a_graph_are_found_together_each_with_its_remedy(graph, troubled):
    doctor = Doctor(graph, "--only", "camera", "--only", "nodes", "--seconds", "3")
    found = doctor.findings()
    assert doctor.exit_code == 1
    assert {
        "frame-differs",
        "clock-offset",
        "depth-apart",
        "two-publishers",
        "mixed-reliability",
        "node-not-active",
        "node-complains",
    } <= set(found)
    assert "align_depth.enable:=true" in found["frame-differs"]["remedy"]
    assert "60 min in the past" in found["clock-offset"]["what"]
    assert "nobody publishes faces" in found["node-complains"]["what"]


def test_without_a_camera_it_says_what_to_start(environment):
    words = ["doctor", "--seconds", "1", "--only", "camera", "--only", "nodes"]
    done = subprocess.run(
        [sys.executable, "-m", "perception_cli", *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert f"no camera publishes /{COLOUR_TOPIC}" in done.stdout and "./perception demo" in done.stdout
    assert done.stdout.endswith("1 finding.\n")
