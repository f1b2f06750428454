"""A transition that the state does not allow is refused, as the lifecycle prescribes.

rclpy raises where it answers the request, and the executor passes that on: without this the process would end.
"""

from __future__ import annotations

from lifecycle_msgs.srv import ChangeState
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.lifecycle import LifecycleNode

_SERVICE = "change_state"


def refuse_impossible_transitions(node: LifecycleNode) -> None:
    """Has a node answer `success: false` to such a request, and say so in its log."""
    service = next(service for service in node.services if service.srv_name.endswith(_SERVICE))
    change_state = service.callback

    def guarded(request: ChangeState.Request, response: ChangeState.Response) -> ChangeState.Response:
        try:
            return change_state(request, response)
        except rclpy_implementation.RCLError:
            asked_for = request.transition.label or request.transition.id
            node.get_logger().warning(f"transition '{asked_for}' is not possible in the present state: refused")
            response.success = False
            return response

    service.callback = guarded
