"""Real nodes as real processes over real DDS, each test in a domain of its own."""

import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from perception_core.sources.scene_source import SceneSource
from perception_core.sources.scenes import static
from perception_core.topics import CAMERA_INFO_TOPIC, COLOUR_TOPIC, DEPTH_TOPIC
from perception_ros.image_codec import encode_camera_info, encode_image
from perception_ros.lifecycle_client import LifecycleClient

PROFILE = Path(__file__).parents[2] / "config" / "fastdds_shm.xml"
PATIENCE_S = 30.0  # how long something may take before it is taken for never
_domains = itertools.cycle((os.getpid() + step) % 100 + 1 for step in range(100))


@pytest.fixture
def environment(monkeypatch):
    """What every process of the test's graph has to know."""
    settings = {
        "ROS_DOMAIN_ID": str(next(_domains)),
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
        "FASTRTPS_DEFAULT_PROFILES_FILE": str(PROFILE),
        "ROS_PYTHON_CHECK_FIELDS": "1",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return dict(os.environ)


class Graph:
    """The test's own node, and the processes that it looks at."""

    def __init__(self, environment, folder):
        self._environment = environment
        self._folder = folder
        self._processes = []
        rclpy.init()
        self.node = rclpy.create_node("test")
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self.node)

    def start(self, module, *arguments, name=None):
        process = Process(self._environment, self._folder / f"{name or module}-{len(self._processes)}.log")
        process.start(module, arguments)
        self._processes.append(process)
        return process

    def spin_until(self, condition, what):
        """Runs the test node's callbacks until something is true."""
        deadline = time.monotonic() + PATIENCE_S
        while not (found := condition()):
            self._executor.spin_once(timeout_sec=0.02)
            if time.monotonic() > deadline:
                logs = "\n".join(process.text() for process in self._processes)
                pytest.fail(f"{what} did not come within {PATIENCE_S:.0f} s\n{logs}")
        return found

    def lifecycle(self, target="face_perception"):
        def wait(future, seconds):
            deadline = time.monotonic() + seconds
            while not future.done() and time.monotonic() < deadline:
                self._executor.spin_once(timeout_sec=0.02)

        return LifecycleClient(self.node, target, wait)

    def collect(self, message_type, topic, qos=10):
        """A list that grows with every message on a topic."""
        messages = []
        self.node.create_subscription(message_type, topic, messages.append, qos)
        return messages

    def close(self):
        for process in self._processes:
            process.end()
        self._executor.shutdown()
        self.node.destroy_node()
        rclpy.try_shutdown()


class Process:
    def __init__(self, environment, log):
        self._environment = environment
        self._log = log

    def start(self, module, arguments):
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments], env=self._environment, stdout=log, stderr=subprocess.STDOUT
            )
        self.pid = self._process.pid

    def text(self):
        return self._log.read_text(errors="replace")

    def send(self, sent):
        self._process.send_signal(sent)

    def exit_code(self):
        return self._process.wait(PATIENCE_S)

    def running(self):
        return self._process.poll() is None

    def end(self):
        """Politely first: who is killed leaves its shared memory behind."""
        if self.running():
            self.send(signal.SIGINT)
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self.send(signal.SIGKILL)
            self._process.wait()


@pytest.fixture
def graph(environment, tmp_path):
    graph = Graph(environment, tmp_path)
    yield graph
    graph.close()


class Camera:
    """Publishes what it is given, stamped with now, until it is told otherwise."""

    def __init__(self, graph, frame, reliability=ReliabilityPolicy.RELIABLE, namespace=""):
        self._node = graph.node
        self.frame = frame
        self.stamps = []
        self.with_depth = self.with_info = True
        self.distort = lambda colour: colour
        profile = QoSProfile(depth=4, reliability=reliability)
        self.colour = self._node.create_publisher(Image, namespace + COLOUR_TOPIC, profile)
        self.depth = self._node.create_publisher(Image, namespace + DEPTH_TOPIC, profile)
        self.info = self._node.create_publisher(CameraInfo, namespace + CAMERA_INFO_TOPIC, profile)
        self.silent = False
        self._timer = self._node.create_timer(1 / 30, self.publish)

    def close(self):
        self._node.destroy_timer(self._timer)
        for publisher in (self.colour, self.depth, self.info):
            self._node.destroy_publisher(publisher)

    def publish(self):
        if self.silent:
            return
        now = self._node.get_clock().now()
        self.stamps.append(now.nanoseconds)
        header = Header(stamp=now.to_msg(), frame_id="camera_color_optical_frame")
        if self.with_info and self.frame.intrinsics is not None:
            self.info.publish(encode_camera_info(self.frame.intrinsics, header))
        if self.with_depth and self.frame.depth is not None:
            self.depth.publish(encode_image(self.frame.depth.raw, "16UC1", header))
        self.colour.publish(self.distort(encode_image(self.frame.colour, "bgr8", header)))


@pytest.fixture(scope="session")
def one_metre():
    """A frame with faces one metre away, and where they really are."""
    source = SceneSource(static(1.0))
    return source.frame(0), source.truth(0)


@pytest.fixture
def camera(graph, one_metre):
    return Camera(graph, one_metre[0])


@pytest.fixture
def face_node(graph):
    return graph.start("face_perception.node")
