"""Real nodes as real processes over real DDS, each test in a domain of its own."""

import itertools
import os
import signal
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor

from perception_core.recordings.writer import RecordingWriter
from perception_core.sources.scene_source import SceneSource
from perception_core.sources.scenes import crossing, static
from perception_ros.lifecycle_client import LifecycleClient

from .camera import Camera
from .faces import Sight

PROFILE = Path(__file__).parents[2] / "config" / "fastdds_shm.xml"
PATIENCE_S = 60.0  # how long something may take before it is taken for never
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))  # each has domains of its own
_domains = itertools.cycle(_WORKER % 4 * 25 + (os.getpid() + step) % 25 + 1 for step in range(25))


@contextmanager
def own_domain():
    """The environment that every process of a graph has to know, also set here."""
    settings = {
        "ROS_DOMAIN_ID": str(next(_domains)),
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
        "FASTRTPS_DEFAULT_PROFILES_FILE": str(PROFILE),
        "ROS_PYTHON_CHECK_FIELDS": "1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        yield dict(os.environ)


@pytest.fixture
def environment():
    with own_domain() as environment:
        yield environment


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
        return self._start(name or module, ["-m", module, *arguments])

    def start_code(self, code, *arguments):
        return self._start("code", ["-c", code, *arguments])

    def _start(self, name, arguments):
        process = Process(self._environment, self._folder / f"{name}-{len(self._processes)}.log")
        process.start(arguments)
        self._processes.append(process)
        return process

    def spin_until(self, condition, what):
        """Runs the test node's callbacks until something is true."""
        deadline = time.monotonic() + PATIENCE_S
        while not (found := condition()):
            self._executor.spin_once(timeout_sec=0.02)
            if time.monotonic() > deadline:
                pytest.fail(f"{what} did not come within {PATIENCE_S:.0f} s\n{self._logs()}")
        return found

    def _logs(self):
        """What all processes have said, those that a demo has started, too."""
        return "\n".join(f"{log.name}:\n{log.read_text(errors='replace')}" for log in self._folder.glob("*.log"))

    def answer(self, ask, what):
        """What a service answers, asked again where no answer comes within a second."""
        answers, asked_s = [ask()], time.monotonic()

        def answered():
            nonlocal asked_s
            if time.monotonic() - asked_s > 1:
                answers.append(ask())
                asked_s = time.monotonic()
            return next((answer for answer in answers if answer.done()), None)

        return self.spin_until(answered, what).result()

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

    def start(self, arguments):
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, *arguments], env=self._environment, stdout=log, stderr=subprocess.STDOUT
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
    with closing(Graph(environment, tmp_path)) as graph:
        yield graph


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


@pytest.fixture(scope="module")
def sight(tmp_path_factory, one_metre):
    """One for all tests of a module, which must not use `graph` then: ROS is initialised once per process."""
    with own_domain() as environment, closing(Graph(environment, tmp_path_factory.mktemp("sight"))) as graph:
        node = graph.start("face_perception.node")
        sight = Sight(graph, node, Camera(graph, one_metre[0]))
        sight.recovers()
        yield sight


@dataclass(frozen=True)
class Recording:
    """A recording, and the stamps of its frames in nanoseconds."""

    folder: Path
    stamps: list[int]


@pytest.fixture(scope="session")
def recording(tmp_path_factory, pictures):
    """Nearly a second of a scene, as somebody recorded it long ago."""
    folder = tmp_path_factory.mktemp("recording") / "bag"
    frames = [
        replace(frame, stamp_ns=frame.stamp_ns + 1_600_000_000_000_000_000)
        for frame in itertools.islice(SceneSource(crossing()).frames(), 25)
    ]
    with RecordingWriter(folder) as writer:
        for frame in frames:
            writer.write(frame)
    return Recording(folder, [frame.stamp_ns for frame in frames])
