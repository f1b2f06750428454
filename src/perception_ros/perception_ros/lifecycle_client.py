"""Bringing lifecycle nodes up from outside, with a time limit and words for what failed."""

from __future__ import annotations

import time
from collections.abc import Callable

from lifecycle_msgs.msg import State, Transition
from lifecycle_msgs.srv import ChangeState, GetState
from rclpy.client import Client
from rclpy.node import Node
from rclpy.task import Future

_TRANSITIONS = {
    "configure": (
        Transition.TRANSITION_CONFIGURE,
        State.PRIMARY_STATE_UNCONFIGURED,
        State.PRIMARY_STATE_INACTIVE,
    ),
    "activate": (Transition.TRANSITION_ACTIVATE, State.PRIMARY_STATE_INACTIVE, State.PRIMARY_STATE_ACTIVE),
    "deactivate": (Transition.TRANSITION_DEACTIVATE, State.PRIMARY_STATE_ACTIVE, State.PRIMARY_STATE_INACTIVE),
    "cleanup": (Transition.TRANSITION_CLEANUP, State.PRIMARY_STATE_INACTIVE, State.PRIMARY_STATE_UNCONFIGURED),
}
"""Id, the state that it starts from, and the one that it leads to."""
_STEP_S = 0.02
_ASK_AGAIN_S = 1.0


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
        deadline = time.monotonic() + timeout_s
        self._wait_for_service(self._get, "tell its state", timeout_s)
        while time.monotonic() < deadline:
            future = self._get.call_async(GetState.Request())
            self._wait(future, min(_ASK_AGAIN_S, timeout_s))
            if future.done():
                return int(future.result().current_state.id)
        raise LifecycleError(f"{self._target} did not tell its state within {timeout_s:.0f} s")

    def transition(self, name: str, timeout_s: float) -> None:
        """Makes one transition: configure, activate, deactivate or cleanup.

        Raises:
            LifecycleError: It does not answer in time, or refuses.
        """
        transition, start, goal = _TRANSITIONS[name]
        request = ChangeState.Request(transition=Transition(id=transition))
        deadline = time.monotonic() + timeout_s
        self._wait_for_service(self._change, name, timeout_s)
        asked = [self._change.call_async(request)]
        while time.monotonic() < deadline:
            self._wait(asked[-1], min(_ASK_AGAIN_S, timeout_s))
            answers = [future.result().success for future in asked if future.done()]
            if any(answers):
                return
            state = self._state_now()
            if state == goal:
                return  # the answer was lost: it was sent before DDS had matched both sides
            if answers:
                raise LifecycleError(f"{self._target} could not {name}; its log says why")
            if state == start:
                asked.append(self._change.call_async(request))  # lost, or sent to a process that is gone
        raise LifecycleError(f"{self._target} did not {name} within {timeout_s:g} s")

    def _state_now(self) -> int | None:
        try:
            return self.state(_ASK_AGAIN_S)
        except LifecycleError:
            return None  # busy with the transition

    def _wait_for_service(self, client: Client, purpose: str, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        while not client.service_is_ready():
            self._wait(Future(), _STEP_S)
            if time.monotonic() > deadline:
                raise LifecycleError(
                    f"{self._target} cannot {purpose}: there is no such node after {timeout_s:.0f} s; "
                    "look at its log, and that ROS_DOMAIN_ID and the namespace are the same"
                )
