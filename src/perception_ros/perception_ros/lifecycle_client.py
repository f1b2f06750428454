"""Bringing lifecycle nodes up from outside, with a time limit and words for what failed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from lifecycle_msgs.msg import State, Transition
from lifecycle_msgs.srv import ChangeState, GetState
from rclpy.client import Client
from rclpy.node import Node
from rclpy.task import Future

_TRANSITIONS = {
    "configure": (Transition.TRANSITION_CONFIGURE, State.PRIMARY_STATE_INACTIVE),
    "activate": (Transition.TRANSITION_ACTIVATE, State.PRIMARY_STATE_ACTIVE),
    "deactivate": (Transition.TRANSITION_DEACTIVATE, State.PRIMARY_STATE_INACTIVE),
    "cleanup": (Transition.TRANSITION_CLEANUP, State.PRIMARY_STATE_UNCONFIGURED),
}
_STEP_S = 0.02


class LifecycleError(RuntimeError):
    """A node did not get into the state that was asked for."""


class LifecycleClient:
    """Takes one node through its states."""

    def __init__(self, node: Node, target: str, wait: Callable[[Future, float], None]) -> None:
        """Prepares the service clients.

        Args:
            node: That asks.
            target: Name of the lifecycle node, relative or full.
            wait: Lets the asking node's callbacks run until a future is done or a number of seconds has passed.
        """
        self._target = target
        self._wait = wait
        self._change: Client = node.create_client(ChangeState, f"{target}/change_state")
        self._get: Client = node.create_client(GetState, f"{target}/get_state")

    def state(self, timeout_s: float) -> int:
        """The node's primary state, one of `State.PRIMARY_STATE_*`.

        Raises:
            LifecycleError: It does not answer.
        """
        response = self._ask(self._get, GetState.Request(), "tell its state", timeout_s)
        return int(response.current_state.id)

    def transition(self, name: str, timeout_s: float) -> None:
        """Makes one transition: configure, activate, deactivate or cleanup.

        Raises:
            LifecycleError: It does not answer in time, or refuses.
        """
        transition, goal = _TRANSITIONS[name]
        request = ChangeState.Request(transition=Transition(id=transition))
        response = self._ask(self._change, request, name, timeout_s)
        if not response.success or self.state(timeout_s) != goal:
            raise LifecycleError(f"{self._target} could not {name}; its log says why")

    def _ask(self, client: Client, request: object, purpose: str, timeout_s: float) -> Any:
        deadline = time.monotonic() + timeout_s
        while not client.service_is_ready():
            time.sleep(_STEP_S)
            if time.monotonic() > deadline:
                raise LifecycleError(
                    f"{self._target} cannot {purpose}: there is no such node after {timeout_s:.0f} s; "
                    "look at its log, and that ROS_DOMAIN_ID and the namespace are the same"
                )
        future = client.call_async(request)
        self._wait(future, max(_STEP_S, deadline - time.monotonic()))
        if not future.done():
            raise LifecycleError(f"{self._target} did not {purpose} within {timeout_s:.0f} s")
        return future.result()
