"""What rclpy's lifecycle leaves out: refusing impossible transitions, and saying what an exception in one was."""

from __future__ import annotations

import functools
import traceback
from collections.abc import Callable
from typing import TypeVar

from lifecycle_msgs.srv import ChangeState
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn

_SERVICE = "change_state"
_REPEAT_S = 1.0

N = TypeVar("N", bound=LifecycleNode)
Transition = Callable[[N, LifecycleState], TransitionCallbackReturn]


def refuse_impossible_transitions(node: LifecycleNode) -> None:
    """Has a node refuse a transition that its state does not allow, as the lifecycle prescribes, and say so in its log.

    rclpy raises where it answers the request, and the executor passes that on: the process would end.
    """
    service = next(service for service in node.services if service.srv_name.endswith(_SERVICE))
    change_state = service.callback

    def guarded(request: ChangeState.Request, response: ChangeState.Response) -> ChangeState.Response:
        try:
            return change_state(request, response)
        except rclpy_implementation.RCLError:
            asked_for = request.transition.label or request.transition.id
            node.get_logger().warning(
                f"transition '{asked_for}' is not possible in the present state: refused",
                throttle_duration_sec=_REPEAT_S,
            )
            response.success = False
            return response

    service.callback = guarded


def failures_logged(transition: Transition[N]) -> Transition[N]:
    """Logs what a transition raises; rclpy goes to error processing without a word."""

    @functools.wraps(transition)
    def logged(node: N, state: LifecycleState) -> TransitionCallbackReturn:
        try:
            return transition(node, state)
        except Exception:
            node.get_logger().fatal(f"{transition.__name__} failed:\n{traceback.format_exc()}")
            raise

    return logged
