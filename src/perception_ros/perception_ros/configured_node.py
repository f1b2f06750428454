"""A node's lifecycle: parameters, transitions, their errors, diagnostics; once for all nodes, camera or not."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from diagnostic_msgs.msg import DiagnosticArray
from rcl_interfaces.msg import SetParametersResult
from rclpy.clock import Clock, ClockType
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.parameter import Parameter
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile

from perception_core.engines.engine import EngineError, Progress
from perception_core.zoo.errors import ZooError
from perception_ros import diagnostics, memory, parameters
from perception_ros.clock_guard import survive_impossible_times
from perception_ros.lifecycle_guard import failures_logged, refuse_impossible_transitions
from perception_ros.notices import Notices

_DIAGNOSTICS_PERIOD_S = 1.0
_QUEUE = 10

P = TypeVar("P")


class LoadError(RuntimeError):
    """Something that the parameters name cannot be used; the text says what to do."""


class ConfiguredNode(LifecycleNode, Generic[P]):
    """What a lifecycle node needs around what it does.

    A subclass gives `load` (configure), `started` (activate), `stopped` (deactivate) and `unload` (clean up). Whatever
    ends it, what was started is stopped and what was loaded is unloaded, each once and in this order.
    """

    def __init__(self, name: str, parameters_type: type[P]) -> None:
        """Declares the parameters.

        Args:
            name: Of the node.
            parameters_type: A frozen dataclass of `perception_ros.parameters.parameter` fields.
        """
        super().__init__(name)
        refuse_impossible_transitions(self)
        survive_impossible_times(self)
        self._parameters_type = parameters_type
        self._loaded: P | None = None
        self._is_started = False
        self._state = "unconfigured"
        parameters.declare(self, parameters_type)
        self.add_on_set_parameters_callback(self._change_parameters)
        self.notices = Notices(self.get_logger())
        self._outputs: list[Publisher] = []
        self._diagnostics = self.create_publisher(DiagnosticArray, "/diagnostics", 10)
        # The clock on the wall: simulated time may stand still or jump.
        self.wall = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(_DIAGNOSTICS_PERIOD_S, self.publish_diagnostics, clock=self.wall)

    @property
    def progress(self) -> Progress:
        """Who follows what takes minutes when a node is configured: the log, until the process is to end."""
        return Progress(report=self.get_logger().info, cancelled=lambda: not self.context.ok())

    @abstractmethod
    def load(self, values: P) -> None:
        """Gets ready what the parameters name, and creates publishers.

        Raises:
            ZooError: A model is not there or damaged.
            EngineError: It cannot be run.
            LoadError: Something else that the parameters name cannot be used.
        """

    @abstractmethod
    def changed(self, values: P) -> None:
        """Takes on new values of the parameters that may change while the node runs."""

    @abstractmethod
    def started(self) -> None:
        """Begins to work."""

    @abstractmethod
    def stopped(self) -> None:
        """Ceases to work; also where `started` has failed half-way."""

    @abstractmethod
    def unload(self) -> None:
        """Gives back what `load` took, but for its publishers."""

    @abstractmethod
    def about(self) -> Mapping[str, str]:
        """What the diagnostics say of it beside its state, once it is configured."""

    def complaints(self) -> list[str]:
        """What the diagnostics warn of beside `notices`; for a subclass that looks for it once a second."""
        return []

    @failures_logged
    def on_configure(self, _state: LifecycleState) -> TransitionCallbackReturn:
        """Reads the parameters and loads what they name."""
        try:
            values = parameters.read(self, self._parameters_type)
            self.load(values)
        except (ZooError, EngineError, LoadError, parameters.ParameterError) as error:
            self._destroy_outputs()
            self.get_logger().error(f"cannot configure: {error}")
            return TransitionCallbackReturn.FAILURE
        self._loaded, self._state = values, "inactive"
        return TransitionCallbackReturn.SUCCESS

    @failures_logged
    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Starts."""
        self._is_started, self._state = True, "active"
        self.started()
        return super().on_activate(state)

    @failures_logged
    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stops."""
        self._stop()
        self._state = "inactive"
        return super().on_deactivate(state)

    @failures_logged
    def on_cleanup(self, _state: LifecycleState) -> TransitionCallbackReturn:
        """Gives back what was loaded."""
        self._unload()
        memory.give_back()
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
        """Stops and unloads before the node goes."""
        self._stop()
        self._unload()
        super().destroy_node()

    def publish_diagnostics(self) -> None:
        """Tells how it is; once a second by itself."""
        if not self.context.ok():
            return
        complaints = self.complaints() if self._is_started else []
        values = dict(self.about()) if self._loaded is not None else {}
        stamp = self.get_clock().now().to_msg()
        warnings = [*self.notices.standing(), *complaints]
        self._diagnostics.publish(
            diagnostics.status(stamp, self.get_fully_qualified_name(), self._state, warnings, values)
        )

    def _publisher(self, message_type: type[Any], topic: str, queue: int | QoSProfile = _QUEUE) -> Publisher:
        """A publisher for `load`; it goes when what was loaded goes."""
        publisher = self.create_publisher(message_type, topic, queue)
        self._outputs.append(publisher)
        return publisher

    def _stop(self) -> None:
        if self._is_started:
            try:
                self.stopped()
            finally:
                self._is_started = False

    def _unload(self) -> None:
        if self._loaded is not None:
            self.unload()
            self._destroy_outputs()
            self._loaded, self._state = None, "unconfigured"

    def _destroy_outputs(self) -> None:
        for publisher in self._outputs:
            self.destroy_publisher(publisher)
        self._outputs.clear()

    def _change_parameters(self, changes: list[Parameter]) -> SetParametersResult:
        result = parameters.check_change(self._parameters_type, changes, self._loaded)
        if result.successful and self._loaded is not None:
            self._loaded = parameters.with_changes(self._loaded, changes)
            self.changed(self._loaded)
        return result
