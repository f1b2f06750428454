"""A camera process and a face node process, taken to active, with a node of the benchmark looking on."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.signals import SignalHandlerOptions
from rclpy.task import Future

from benchmarks.harness.watcher import FACE_NODE, Watcher
from benchmarks.report import BenchmarkError
from perception_cli.processes import Interruption, Processes, ros_environment
from perception_ros.lifecycle_client import LifecycleClient, LifecycleError

_REPOSITORY = Path(__file__).resolve().parents[2]
_PROFILE = _REPOSITORY / "config" / "fastdds_shm.xml"
_STEP_S = 0.02
_PATIENCE_S = 30.0
_LOG_LINES = 10

CAMERA, FACES = "camera", "faces"


class RigError(BenchmarkError):
    """A process of the graph has failed, or another graph is in the way."""


class Rig:
    """Starts the processes and ends them when the context is left."""

    def __init__(self, camera: Sequence[str], faces: Sequence[str]) -> None:
        """Prepares.

        Args:
            camera: Module and arguments of the process that publishes.
            faces: Module and arguments of the process that has the face node.
        """
        self._commands = {CAMERA: list(camera), FACES: list(faces)}
        self._interruption = Interruption()

    def __enter__(self) -> Rig:
        environment = ros_environment(_PROFILE)
        # The modules of this folder are found wherever the command is run.
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(_REPOSITORY), environment.get("PYTHONPATH"))))
        os.environ.update(environment)
        self._data = tempfile.TemporaryDirectory(prefix="perception-bench-")
        environment["PERCEPTION_DATA"] = self._data.name  # nobody is known, whoever runs this
        descriptor, name = tempfile.mkstemp(prefix="perception-bench-", suffix=".log")
        os.close(descriptor)
        self._processes = Processes(environment, Path(name))
        try:
            rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
            self.watcher = Watcher()
            self._executor = SingleThreadedExecutor()
            self._executor.add_node(self.watcher)
            for process, (module, *arguments) in self._commands.items():
                self._processes.start(process, module, arguments)
            self._node = LifecycleClient(self.watcher, FACE_NODE, self._wait_for)
        except BaseException:
            self._processes.end()
            self._data.cleanup()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._processes.end()
        self._executor.shutdown()
        self.watcher.destroy_node()
        rclpy.try_shutdown()
        self._data.cleanup()
        if error is None:
            self._processes.log.unlink()

    def bring_up(self) -> None:
        """Waits for the camera and takes the face node to active.

        Raises:
            RigError: A process has ended, the face node refuses, or there is another camera.
        """
        self._transition("configure")
        self.spin_until(lambda: self.watcher.cameras() > 0, "the camera's topics")
        if self.watcher.cameras() > 1:
            raise RigError("another camera publishes already; end it, or set ROS_DOMAIN_ID to a number of your own")
        self._transition("activate")

    def deactivate(self) -> None:
        """Has the face node stop to work, so that it tells its final figures."""
        told = len(self.watcher.told)
        self._transition("deactivate")
        self.spin_until(lambda: len(self.watcher.told) > told, "the face node's final figures")

    def process_ids(self) -> dict[str, int]:
        """Of both processes, by name."""
        return {name: self._processes.process_id(name) for name in self._commands}

    def spin_for(self, seconds: float, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Receives for a time.

        Args:
            seconds: How long.
            meanwhile: Called at every step.

        Raises:
            RigError: A process has ended.
        """
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._step(min(_STEP_S, left))
            meanwhile()

    def spin_until(self, condition: Callable[[], bool], what: str, patience_s: float = _PATIENCE_S) -> None:
        """Receives until something is true.

        Raises:
            RigError: It does not come true in time, or a process has ended.
        """
        deadline = time.monotonic() + patience_s
        while not condition():
            if time.monotonic() > deadline:
                raise RigError(f"{what} did not come within {patience_s:.0f} s\n{self._log_tail()}")
            self._step(_STEP_S)

    def _transition(self, name: str) -> None:
        try:
            self._node.transition(name, _PATIENCE_S)
        except LifecycleError as error:
            raise RigError(f"{error}\n{self._log_tail()}") from error

    def _wait_for(self, future: Future, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not future.done() and time.monotonic() < deadline:
            self._step(_STEP_S)

    def _step(self, seconds: float) -> None:
        self._executor.spin_once(timeout_sec=seconds)
        if self._interruption.asked:
            raise KeyboardInterrupt
        for name in self._commands:
            code = self._processes.exit_code(name)
            if code is not None:
                raise RigError(f"the {name} process has ended with {code}:\n{self._log_tail()}")

    def _log_tail(self) -> str:
        lines = self._processes.log.read_text(errors="replace").splitlines()[-_LOG_LINES:]
        return "\n".join([*(f"  {line}" for line in lines), f"(log: {self._processes.log})"])
