"""A perceiver's lifecycle: parameters, camera, worker thread, diagnostics and errors, once for all nodes."""

from __future__ import annotations

import threading
import traceback
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from diagnostic_msgs.msg import DiagnosticArray
from rcl_interfaces.msg import SetParametersResult
from rclpy.clock import Clock, ClockType
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.parameter import Parameter
from rclpy.publisher import Publisher

from perception_core.engines.engine import EngineError
from perception_core.frame import RgbdFrame
from perception_core.image_messages import ImageError
from perception_core.newest import NewestOnly
from perception_core.stages import StageTimes
from perception_core.zoo.errors import ZooError
from perception_ros import diagnostics, parameters
from perception_ros.camera_watch import CameraWatch, check_clock
from perception_ros.clock_guard import survive_impossible_times
from perception_ros.frame_builder import FrameBuilder
from perception_ros.lifecycle_guard import failures_logged, refuse_impossible_transitions
from perception_ros.notices import Notices
from perception_ros.rgbd_subscriber import CameraSettings, RgbdMessages, RgbdSubscriber

_DIAGNOSTICS_PERIOD_S = 1.0
_QUEUE = 10
_REPEAT_FAILURE_S = 5.0

P = TypeVar("P")


class LoadError(RuntimeError):
    """What a perceiver needs beside its models cannot be used; the text says what to do."""


class PerceptionNode(LifecycleNode, Generic[P]):
    """What a perceiver needs around its pipeline.

    A subclass gives `load` (configure), `process` (every frame), and `unload` (clean up). The newest frame is worked
    on in a thread of its own, so that images keep arriving; frames that came too fast are counted, not queued.
    """

    def __init__(self, name: str, parameters_type: type[P], camera: Callable[[P], CameraSettings]) -> None:
        """Declares the parameters.

        Args:
            name: Of the node.
            parameters_type: A frozen dataclass of `perception_ros.parameters.parameter` fields.
            camera: How the parameters want the camera's topics to be read.
        """
        super().__init__(name)
        refuse_impossible_transitions(self)
        survive_impossible_times(self)
        self._parameters_type = parameters_type
        self._camera_settings = camera
        self._loaded: P | None = None
        self._state = "unconfigured"
        parameters.declare(self, parameters_type)
        self.add_on_set_parameters_callback(self._change_parameters)
        self.notices = Notices(self.get_logger())
        self.stages = StageTimes()
        self._activity = diagnostics.Activity()
        self._newest: NewestOnly[RgbdMessages] = NewestOnly()
        self._camera: RgbdSubscriber | None = None
        self._watch: CameraWatch | None = None
        self._worker: threading.Thread | None = None
        self._outputs: list[Publisher] = []
        self._diagnostics = self.create_publisher(DiagnosticArray, "/diagnostics", 10)
        # The clock on the wall: simulated time may stand still or jump.
        wall = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(_DIAGNOSTICS_PERIOD_S, self._publish_diagnostics, clock=wall)

    @abstractmethod
    def load(self, parameters: P) -> None:
        """Loads models and creates publishers.

        Raises:
            ZooError: A model is not there or damaged.
            EngineError: It cannot be run.
            LoadError: Something else that the parameters name cannot be used.
        """

    @abstractmethod
    def changed(self, parameters: P) -> None:
        """Takes on new values of the parameters that may change while the node runs."""

    @abstractmethod
    def process(self, frame: RgbdFrame) -> None:
        """Works on a frame and publishes, on the worker thread."""

    def camera_started(self) -> None:
        """Frames will come from now on; for a subclass that has more to do than to work on them."""

    def camera_stopped(self) -> None:
        """No frame is worked on any more, and none will come; likewise."""

    @abstractmethod
    def unload(self) -> None:
        """Gives back what `load` took, but for its publishers."""

    @abstractmethod
    def about_models(self) -> Mapping[str, str]:
        """Models and engine, for the diagnostics."""

    @failures_logged
    def on_configure(self, _state: LifecycleState) -> TransitionCallbackReturn:
        """Reads the parameters and loads the models."""
        try:
            loaded = parameters.read(self, self._parameters_type)
            self.load(loaded)
        except (ZooError, EngineError, LoadError, parameters.ParameterError) as error:
            self.get_logger().error(f"cannot configure: {error}")
            return TransitionCallbackReturn.FAILURE
        self._loaded, self._state = loaded, "inactive"
        return TransitionCallbackReturn.SUCCESS

    @failures_logged
    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Subscribes to the camera and starts to work."""
        assert self._loaded is not None
        self._activity = diagnostics.Activity()
        self.stages = StageTimes()
        self._newest = NewestOnly()
        self._worker = threading.Thread(target=self._work, name=f"{self.get_name()} worker", daemon=True)
        self._worker.start()
        self._camera = RgbdSubscriber(self, self._camera_settings(self._loaded), self._newest.put, self.stages)
        self._watch = CameraWatch(self._camera, self.notices)
        self._state = "active"
        self.camera_started()
        return super().on_activate(state)

    @failures_logged
    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Unsubscribes and waits for the frame in work."""
        self._stop()
        self._state = "inactive"
        return super().on_deactivate(state)

    @failures_logged
    def on_cleanup(self, _state: LifecycleState) -> TransitionCallbackReturn:
        """Gives back the models."""
        self._unload()
        return TransitionCallbackReturn.SUCCESS

    def on_shutdown(self, _state: LifecycleState) -> TransitionCallbackReturn:
        """Stops from any state."""
        self._stop()
        self._unload()
        self._state = "finalized"
        return TransitionCallbackReturn.SUCCESS

    def on_error(self, _state: LifecycleState) -> TransitionCallbackReturn:
        """A transition raised what it should not: back to the beginning, so that it can be tried again."""
        self._stop()
        self._unload()
        return TransitionCallbackReturn.SUCCESS

    def destroy_node(self) -> None:
        """Stops the worker and gives back the models before the node goes."""
        self._stop()
        self._unload()
        super().destroy_node()

    def _stop(self) -> None:
        self._newest.close()
        if self._worker is not None:
            self._worker.join()
            self._worker = None
            self.camera_stopped()
        if self._camera is not None:
            self._publish_diagnostics()  # the final figures
            self._camera.close()
            self._camera = self._watch = None

    def _publisher(self, message_type: type[Any], topic: str, queue: int = _QUEUE) -> Publisher:
        """A publisher for `load`; it goes when the models do."""
        publisher = self.create_publisher(message_type, topic, queue)
        self._outputs.append(publisher)
        return publisher

    def _unload(self) -> None:
        if self._loaded is not None:
            self.unload()
            for publisher in self._outputs:
                self.destroy_publisher(publisher)
            self._outputs.clear()
            self._loaded, self._state = None, "unconfigured"

    def _work(self) -> None:
        builder = FrameBuilder(self.notices)
        newest = self._newest
        while (moment := newest.take()) is not None:
            try:
                with self.stages.stage("convert"):
                    frame = builder.build(
                        moment.colour,
                        moment.depth,
                        moment.camera_info,
                        depth_comes=moment.depth_comes,
                        depth_lost=moment.depth_lost,
                    )
                self.process(frame)
            except ImageError as error:
                self._activity.frame_failed()
                self.notices.begins("colour", f"a colour image cannot be used: {error}")
                continue
            except Exception:  # noqa: BLE001 - one frame must not end the robot's sight; counted, and logged in full
                if not self.context.ok():
                    return  # the process is being ended: nothing can be published any more
                self._activity.frame_failed()
                self.get_logger().error(
                    f"a frame could not be worked on:\n{traceback.format_exc()}",
                    throttle_duration_sec=_REPEAT_FAILURE_S,
                )
                continue
            self.notices.ends("colour")
            now_ns = self.get_clock().now().nanoseconds
            self._activity.frame_done(frame.stamp_ns, now_ns)
            check_clock(self.notices, frame.stamp_ns, now_ns)

    def _change_parameters(self, changes: list[Parameter]) -> SetParametersResult:
        result = parameters.check_change(self._parameters_type, changes, self._loaded)
        if result.successful and self._loaded is not None:
            self._loaded = parameters.with_changes(self._loaded, changes)
            self.changed(self._loaded)
        return result

    def _publish_diagnostics(self) -> None:
        if not self.context.ok():
            return
        complaints: list[str] = []
        values = dict(self.about_models()) if self._loaded is not None else {}
        if self._camera is not None and self._watch is not None:
            complaints = self._watch.look(self._newest.dropped)
            values |= diagnostics.activity_values(
                self._activity.summary(),
                diagnostics.Losses(
                    dropped=self._newest.dropped,
                    lost_colour=self._camera.lost_colour,
                    lost_depth=self._camera.lost_depth,
                    without_depth=self._camera.frames_without_depth,
                    time_jumps=self._camera.jumps,
                ),
                self.stages.stages(),
            )
        warnings = [*self.notices.standing(), *complaints]
        stamp = self.get_clock().now().to_msg()
        self._diagnostics.publish(
            diagnostics.status(stamp, self.get_fully_qualified_name(), self._state, warnings, values)
        )
