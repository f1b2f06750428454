"""The demo's ROS graph: a camera process, a perception process, and the viewer in this one."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.signals import SignalHandlerOptions
from rclpy.task import Future

from perception_cli.frame_log import FrameLog
from perception_cli.processes import Interruption, Processes, ignore_further_signals, ros_environment
from perception_cli.viewer import NODES, SEEN_TOPIC, Viewer
from perception_core.shared_memory import remove_stale_segments
from perception_core.topics import COLOUR_TOPIC
from perception_ros.lifecycle_client import LifecycleClient, LifecycleError

PROFILE = Path(__file__).parents[3] / "config" / "fastdds_shm.xml"
_RECEIVER_PROFILE = PROFILE.with_name("fastdds_receiver.xml")
_STEP_S = 0.02
_BRING_UP_S = 30.0
_FIRST_FRAME_S = 30.0
_FAREWELL_S = 0.3  # for the node's last figures; Ctrl-C has promised to take no longer than a second
_LAST_FRAME_S = 0.1
_LOG_LINES = 5
_ANOTHER_DOMAIN = "end it, or set ROS_DOMAIN_ID to a number of your own"
_CAMERA, _PERCEPTION, _BEHAVIOUR = "camera", "perception", "behaviour"
_EVERYBODY = len(NODES) + 1  # who takes images: the viewer, too
_COMPONENTS = ["face_perception.node:FaceNode", "gesture_perception.node:GestureNode"]
_PEOPLE = "person_perception"
_PERSON_COMPONENT = "person_perception.node:PersonNode"
_TO_PERSON_NODE = ["-r", "gesture_perception:gesture_events:=hand_events"]  # it publishes them with their authors
_CAMERA_WARNING = re.compile(r"\[(?:WARN|ERROR)\] \[[\d.]+\] \[replay\]: (.*)")


class GraphError(RuntimeError):
    """A process of the graph has failed."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What moves the robot with the camera.

    Attributes:
        name: Of its node.
        module: That runs it.
        distance_m: What it keeps, in metres.
        picture: File of the robot's way from above.
    """

    name: str
    module: str
    distance_m: float
    picture: Path


def _only_demo_of_its_domain() -> IO[str]:
    """A lock that is held as long as the file is open; DDS would tell too late that there is another demo."""
    domain = os.environ.get("ROS_DOMAIN_ID", "0")
    lock = (Path(tempfile.gettempdir()) / f"perception-demo-{os.getuid()}-{domain}.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise GraphError(f"a demo runs already in ROS domain {domain}; {_ANOTHER_DOMAIN}") from error
    return lock


def _ros_parameters(assignments: Sequence[str]) -> list[str]:
    return ["--ros-args", *(part for assignment in assignments for part in ("-p", assignment))]


class Graph:
    """Starts the processes, takes the nodes to active, and ends everything when the context is left."""

    def __init__(
        self,
        source: str,
        log: FrameLog | None,
        interruption: Interruption,
        *,
        every_frame: bool = False,
        behaviour: Behaviour | None = None,
    ) -> None:
        """Prepares.

        Args:
            source: What the camera shows; see `perception_core.sources`.
            log: Where the viewer writes a line per frame.
            interruption: Ends what takes time.
            every_frame: The camera waits until the viewer has seen a frame's faces and hands, and the time is that of
                the source; otherwise it keeps to the source's rate, and frames that come too fast are dropped.
            behaviour: What moves the camera through the virtual scene that is the source; None leaves it where it is.
        """
        self._source = source
        self._log = log
        self._interruption = interruption
        self._every_frame = every_frame
        self._behaviour = behaviour
        self._winding_down = False
        self._active_since_s = float("inf")

    def __enter__(self) -> Graph:
        self._lock = _only_demo_of_its_domain()
        remove_stale_segments()  # of demos that were killed
        environment = ros_environment(PROFILE)
        os.environ.update(ros_environment(_RECEIVER_PROFILE))  # the viewer is part of the graph
        descriptor, name = tempfile.mkstemp(prefix="perception-demo-", suffix=".log")
        os.close(descriptor)
        self._processes = Processes(environment, Path(name))
        try:
            self._start_processes()
            rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
            self.viewer = Viewer(self._log, every_frame=self._every_frame)
            self._executor = SingleThreadedExecutor()
            self._executor.add_node(self.viewer)
            names = NODES if self._behaviour is None else (*NODES, _PEOPLE, self._behaviour.name)
            self._nodes = [LifecycleClient(self.viewer, name, self._wait_for) for name in names]
        except BaseException:
            self._processes.end()
            self._processes.log.unlink()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        ignore_further_signals()
        self._processes.end()
        self._executor.shutdown()
        self.viewer.destroy_node()
        rclpy.try_shutdown()
        self._lock.close()
        if error is None or isinstance(error, KeyboardInterrupt):  # an error names it
            self._processes.log.unlink()

    def _start_processes(self) -> None:
        source = json.dumps(self._source, ensure_ascii=False)  # what looks like a number is a name, too
        camera, perception = [f"source:={source}", f"subscribers:={_EVERYBODY}"], []
        if self._every_frame:
            camera += ["stamps:=recorded", f"answered_on:={SEEN_TOPIC}"]
            perception += ["use_sim_time:=true"]
        behaviour = self._behaviour
        if behaviour is None:
            self._processes.start(_CAMERA, "perception_ros.replay_node", _ros_parameters(camera))
            components = [*_COMPONENTS, *_ros_parameters(perception)]
            self._processes.start(_PERCEPTION, "perception_ros.container", components)
            return
        camera += [f"picture:={json.dumps(str(behaviour.picture))}", f"distance_m:={behaviour.distance_m}"]
        self._processes.start(_CAMERA, "perception_cli.driving_camera", _ros_parameters(camera))
        components = [*_COMPONENTS, _PERSON_COMPONENT, "--ros-args", *_TO_PERSON_NODE]
        self._processes.start(_PERCEPTION, "perception_ros.container", components)
        # As on a robot it is a process of its own: it has to stop the robot when perception dies.
        self._processes.start(_BEHAVIOUR, behaviour.module, [])

    def bring_up(self, before_activation: Callable[[], None]) -> None:
        """Configures and activates the nodes.

        Args:
            before_activation: Called when camera and nodes are there, and no frame has been worked on yet.

        Raises:
            GraphError: A process has ended, or a node refuses.
        """
        try:
            self._take_to_active(before_activation)
        except LifecycleError as error:
            raise GraphError(f"{error}\n{self._log_tail()}") from error

    def _take_to_active(self, before_activation: Callable[[], None]) -> None:
        for node in self._nodes:
            node.transition("configure", _BRING_UP_S)
        self._wait_until(self.viewer.nodes_are_there, "nobody publishes faces and hands")
        self._wait_until(self.viewer.camera_is_there, f"nobody publishes {COLOUR_TOPIC}")
        if self.viewer.cameras() > 1:
            raise GraphError(f"another camera publishes {COLOUR_TOPIC} already; {_ANOTHER_DOMAIN}")
        before_activation()
        for node in self._nodes:
            node.transition("activate", _BRING_UP_S)
        self._active_since_s = time.monotonic()

    def spin_once(self) -> bool:
        """Lets the viewer work for a moment.

        Returns:
            False when the camera's source has ended, or the demo is told to end.

        Raises:
            GraphError: A process has failed, or the first frame does not come.
        """
        self._executor.spin_once(timeout_sec=_STEP_S)
        if not self.viewer.has_seen and time.monotonic() - self._active_since_s > _FIRST_FRAME_S:
            raise self._nothing_seen(f" within {_FIRST_FRAME_S:.0f} s")
        self._require_running(_PERCEPTION)
        if self._behaviour is not None:
            self._require_running(_BEHAVIOUR)
        code = self._processes.exit_code(_CAMERA)
        if code:
            self._require_running(_CAMERA)
        return code is None and not self._interruption.asked

    def wind_down(self) -> None:
        """Takes the last messages, and has the nodes publish their final figures.

        Raises:
            GraphError: Until the end of the source no frame was seen.
        """
        self._winding_down = True
        self.spin_for(_LAST_FRAME_S)
        told_before = dict(self.viewer.times_told)
        with contextlib.suppress(LifecycleError):  # who does not answer at once is ended without the final figures
            self.deactivate()
        self.spin_for(_FAREWELL_S, lambda: all(self.viewer.times_told[name] > told_before[name] for name in NODES))
        self.viewer.take_rest()
        if not self.viewer.has_seen:
            if self._interruption.asked:
                raise KeyboardInterrupt
            raise self._nothing_seen("")

    def deactivate(self) -> None:
        """Has the nodes stop to work."""
        for node in self._nodes:
            node.transition("deactivate", _FAREWELL_S)

    def process_id(self, name: str) -> int:
        """Of the process "camera" or "perception"."""
        return self._processes.process_id(name)

    def spin_for(self, seconds: float, enough: Callable[[], bool] = lambda: False) -> None:
        """Lets the viewer work for a time, or until something is true."""
        deadline = time.monotonic() + seconds
        while not enough() and (left := deadline - time.monotonic()) > 0:
            self._executor.spin_once(timeout_sec=left)

    def camera_warnings(self) -> list[str]:
        """What the camera had to say of its source, such as that a recording is cut off."""
        said = (_CAMERA_WARNING.search(line) for line in self._log_lines())
        return list(dict.fromkeys(found[1] for found in said if found))

    def _wait_for(self, future: Future, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not future.done() and time.monotonic() < deadline:
            self._executor.spin_once(timeout_sec=_STEP_S)
            self._require_running(_PERCEPTION)
            self._end_if_asked()

    def _wait_until(self, condition: Callable[[], bool], otherwise: str) -> None:
        deadline = time.monotonic() + _BRING_UP_S
        while not condition():
            if time.monotonic() > deadline:
                raise LifecycleError(f"{otherwise} after {_BRING_UP_S:.0f} s")
            self._executor.spin_once(timeout_sec=_STEP_S)
            self._require_running(_CAMERA)
            self._require_running(_PERCEPTION)
            self._end_if_asked()

    def _end_if_asked(self) -> None:
        if self._interruption.asked and not self._winding_down:
            raise KeyboardInterrupt

    def _require_running(self, name: str) -> None:
        code = self._processes.exit_code(name)
        if code is not None:
            raise GraphError(f"the {name} process has ended with {code}:\n{self._log_tail()}")

    def _nothing_seen(self, within: str) -> GraphError:
        return GraphError(
            "\n".join([f"no frame was seen{within}", *self.viewer.notices.splitlines(), self._log_tail()])
        )

    def _log_tail(self) -> str:
        return "\n".join([*(f"  {line}" for line in self._log_lines()[-_LOG_LINES:]), f"(log: {self._processes.log})"])

    def _log_lines(self) -> list[str]:
        return self._processes.log.read_text(errors="replace").splitlines()
