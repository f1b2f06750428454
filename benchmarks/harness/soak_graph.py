"""The graph of a soak: a camera, three nodes in a process each, what keeps them up, and a node that looks on."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from lifecycle_msgs.msg import State
from perception_msgs.msg import FaceArray, HandArray, PersonArray
from rcl_interfaces.msg import Parameter
from rcl_interfaces.srv import SetParameters
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.signals import SignalHandlerOptions
from rclpy.task import Future
from sensor_msgs.msg import CameraInfo

from benchmarks.harness.watcher import Told, told_in
from perception_cli.processes import Interruption, Processes, ros_environment
from perception_core.image_messages import nanoseconds
from perception_core.topics import CAMERA_INFO_TOPIC
from perception_ros import suite
from perception_ros.lifecycle_client import LifecycleClient, LifecycleError

CAMERA, KEEPER = "camera", "bring_up"
NODES = {node.name: node for node in (suite.FACES, suite.HANDS, suite.PEOPLE)}
_PROFILE = Path(__file__).resolve().parents[2] / "config" / "fastdds_shm.xml"
_STEP_S = 0.02
_QUEUE = 1000
_TIMEOUT_S = 30.0


@dataclass(slots=True)
class Seen:
    """What came from the graph.

    Attributes:
        published_ns: Stamps of the camera's images, in the order in which they came.
        told: The face node's statuses while it is active.
        newest_ns: Of each node, when its newest message about an image was taken, by this process's clock.
    """

    published_ns: list[int] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    newest_ns: dict[str, int] = field(default_factory=dict)


class SoakGraph:
    """The processes and the clients by which they are troubled."""

    def __init__(self, source: str, processes: Processes, interruption: Interruption, each_step: Callable[[], None]):
        """Starts all processes.

        Args:
            source: Of the images.
            processes: Runs them.
            interruption: Ends what takes time.
            each_step: Called many times a second, whatever is waited for.
        """
        self.seen = Seen()
        self.processes = processes
        self._source = source
        self._interruption = interruption
        self._each_step = each_step
        self._node = Node("soak")
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self._node)
        self._subscribe()
        self._lifecycles = {name: LifecycleClient(self._node, name, self._wait_for) for name in NODES}
        self._setters = {name: self._node.create_client(SetParameters, f"{name}/set_parameters") for name in NODES}
        for name in (CAMERA, *NODES, KEEPER):
            self.start(name)

    def start(self, name: str) -> None:
        """Starts a process."""
        if name == CAMERA:
            words = ["--ros-args", "-p", f"source:={self._source}", "-p", "loop:=true", "-p", "subscribers:=2"]
            self.processes.start(name, "perception_ros.replay_node", words)
        elif name == KEEPER:
            self.processes.start(name, "perception_ros.bring_up", [*NODES, "--keep", "--timeout", str(_TIMEOUT_S)])
        else:
            words = ["--ros-args", "-r", ":=".join(suite.TO_PERSON_NODE)]
            self.processes.start(name, NODES[name].module, words)

    def transition(self, name: str, *steps: str) -> None:
        """Takes a node through transitions.

        Raises:
            LifecycleError: It does not answer, or refuses.
        """
        for step in steps:
            self._lifecycles[name].transition(step, _TIMEOUT_S)

    def set_parameter(self, name: str, parameter: Parameter) -> tuple[bool, str]:
        """Asks a node to change a parameter; whether it did, and otherwise why not.

        Raises:
            LifecycleError: It does not answer.
        """
        future = self._setters[name].call_async(SetParameters.Request(parameters=[parameter]))
        self._wait_for(future, _TIMEOUT_S)
        if not future.done():
            raise LifecycleError(f"{name} did not answer to a change of {parameter.name} within {_TIMEOUT_S:g} s")
        (result,) = future.result().results
        return bool(result.successful), str(result.reason)

    def well_after(self, since_ns: int, patience_s: float) -> list[str]:
        """Waits until every node tells of images again.

        Args:
            since_ns: Messages that came later than this count.
            patience_s: How long.

        Returns:
            The nodes that do not.
        """
        deadline = time.monotonic() + patience_s
        while silent := [name for name in NODES if self.seen.newest_ns.get(name, 0) < since_ns]:
            if time.monotonic() > deadline:
                return silent
            self.step()
        return []

    def states(self) -> dict[str, str]:
        """The state of each node, in words."""
        words = {State.PRIMARY_STATE_ACTIVE: "active", State.PRIMARY_STATE_INACTIVE: "inactive"}
        found = {}
        for name, lifecycle in self._lifecycles.items():
            try:
                found[name] = words.get(lifecycle.state(5.0), "unconfigured")
            except LifecycleError:
                found[name] = "silent"
        return found

    def spin_for(self, seconds: float) -> None:
        """Looks on for a time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.step()

    def step(self) -> None:
        """Takes what has come.

        Raises:
            KeyboardInterrupt: The user has ended it.
        """
        self._executor.spin_once(timeout_sec=_STEP_S)
        self._each_step()
        if self._interruption.asked:
            raise KeyboardInterrupt

    def close(self) -> None:
        """Ends the node that looks on."""
        self._executor.shutdown()
        self._node.destroy_node()

    def _wait_for(self, future: Future, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not future.done() and time.monotonic() < deadline:
            self.step()

    def _subscribe(self) -> None:
        profile = QoSProfile(depth=_QUEUE)
        topics = (
            ("faces", FaceArray, suite.FACES),
            ("hands", HandArray, suite.HANDS),
            ("people", PersonArray, suite.PEOPLE),
        )
        for topic, kind, node in topics:
            self._node.create_subscription(kind, topic, self._taker(node.name), profile)
        self._node.create_subscription(CameraInfo, CAMERA_INFO_TOPIC, self._take_camera_info, profile)
        self._node.create_subscription(DiagnosticArray, "/diagnostics", self._take_diagnostics, profile)

    def _taker(self, name: str) -> Callable[[object], None]:
        def take(_message: object) -> None:
            self.seen.newest_ns[name] = time.monotonic_ns()

        return take

    def _take_camera_info(self, message: CameraInfo) -> None:
        self.seen.published_ns.append(nanoseconds(message.header))

    def _take_diagnostics(self, message: DiagnosticArray) -> None:
        self.seen.told += [told for told in told_in(message) if told.values.get("state") == "active"]


@contextmanager
def soak_graph(source: str, each_step: Callable[[], None]) -> Iterator[SoakGraph]:
    """A graph with data of its own, ended whatever happens; its log stays where something went wrong."""
    interruption = Interruption()
    environment = {**ros_environment(_PROFILE), "PYTHONUNBUFFERED": "1"}
    os.environ.update(environment)
    with tempfile.TemporaryDirectory(prefix="perception-soak-") as data:
        descriptor, log = tempfile.mkstemp(prefix="perception-soak-", suffix=".log")
        os.close(descriptor)
        processes = Processes({**environment, "PERCEPTION_DATA": data}, Path(log))
        rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
        graph = None
        try:
            graph = SoakGraph(source, processes, interruption, each_step)
            yield graph
        finally:
            processes.end()
            if graph is not None:
                graph.close()
            rclpy.try_shutdown()


def log_lines(processes: Processes) -> Sequence[str]:
    """What all processes have said."""
    return processes.log.read_text(errors="replace").splitlines()
