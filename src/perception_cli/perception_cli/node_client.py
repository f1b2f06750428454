"""A short-lived ROS node that asks the services of one that runs."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any

import rclpy
from lifecycle_msgs.msg import State
from rclpy.client import Client
from rclpy.exceptions import InvalidServiceNameException
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions
from rclpy.task import Future

from perception_ros.lifecycle_client import LifecycleClient, LifecycleError

_STEP_S = 0.05
_DISCOVERY_S = 5.0
_ACTIVATION_S = 10.0  # a demo that starts has loaded its networks by then
_LONGEST_ANSWER_S = 620.0  # a node waits for views for ten minutes at most


class NodeAskedError(RuntimeError):
    """The node cannot be asked, or does not answer."""


class NodeClient:
    """Asks one node; a context that leaves nothing of ROS behind."""

    def __init__(self, target: str, kind: str, interrupted: Callable[[], bool]) -> None:
        """Prepares.

        Args:
            target: Name of the node with its namespace.
            kind: What it is, such as face node.
            interrupted: Whether the user has told this process to end; looked at many times a second.
        """
        self._target, self._kind = target.rstrip("/"), kind
        self._interrupted = interrupted

    def __enter__(self) -> NodeClient:
        rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
        self._node = Node(f"perception_asking_{os.getpid()}", start_parameter_services=False, enable_rosout=False)
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self._node)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._executor.shutdown()
        self._node.destroy_node()
        rclpy.try_shutdown()

    def find(self, service: Any, name: str) -> Client:
        """A service of the node.

        Args:
            service: Its type.
            name: Relative to the node.

        Raises:
            NodeAskedError: No such node is there, or the name cannot be a node's.
            KeyboardInterrupt: The user has ended it.
        """
        try:
            client = self._node.create_client(service, f"{self._target}/{name}")
        except InvalidServiceNameException as error:
            raise NodeAskedError(
                f"{self._target!r} cannot be the name of a node: {str(error).splitlines()[0]}"
            ) from error
        deadline = time.monotonic() + _DISCOVERY_S
        while not client.service_is_ready():
            self._step()
            if time.monotonic() > deadline:
                raise NodeAskedError(
                    f"no {self._kind} {self._target} is there: start one (`./perception demo` has one), or name it "
                    "with --node, and see to it that ROS_DOMAIN_ID is the same"
                )
        return client

    def wait_until_active(self) -> None:
        """Waits some seconds for the camera of a node that is being started; one that has none then says so itself.

        Raises:
            KeyboardInterrupt: The user has ended it.
        """
        lifecycle = LifecycleClient(self._node, self._target, self._wait)
        deadline = time.monotonic() + _ACTIVATION_S
        with suppress(LifecycleError):  # it tells no state: what it answers to the request counts
            while (left_s := deadline - time.monotonic()) > 0:
                if lifecycle.state(left_s) == State.PRIMARY_STATE_ACTIVE:  # a node that loads networks answers late
                    return
                self._step()

    def ask(self, client: Client, request: Any) -> Any:
        """The answer, once the node has gathered its views.

        Raises:
            NodeAskedError: The node has ended meanwhile, or does not answer.
            KeyboardInterrupt: The user has ended it; the node goes on.
        """
        answer = client.call_async(request)
        deadline = time.monotonic() + _LONGEST_ANSWER_S
        while not answer.done():
            self._step()
            if not client.service_is_ready():
                raise NodeAskedError(f"the {self._kind} {self._target} has ended before it answered")
            if time.monotonic() > deadline:
                raise NodeAskedError(f"the {self._kind} {self._target} does not answer; its log may say why")
        return answer.result()

    def _wait(self, future: Future, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        while not future.done() and time.monotonic() < deadline:
            self._step()

    def _step(self) -> None:
        self._executor.spin_once(timeout_sec=_STEP_S)
        if self._interrupted():
            raise KeyboardInterrupt
