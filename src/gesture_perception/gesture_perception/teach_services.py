"""The service that teaches gestures."""

from __future__ import annotations

from perception_msgs.srv import TeachGesture
from rclpy.node import Node

from gesture_perception.teaching import Teaching, TeachRequest
from perception_ros.slow_services import SlowService, SlowServices

TeachServices = SlowServices[Teaching]


def teach_services(node: Node) -> TeachServices:
    """Offers `~/teach_gesture` under a node's name; it says so while nothing can be taught."""
    return SlowServices(
        node,
        "teaching",
        [SlowService(TeachGesture, "~/teach_gesture", _teach)],
        nothing="nothing can be taught",
        refused=lambda _error: "STORE_FAILED",
        cancel=lambda teaching: teaching.cancel(),
    )


def _teach(teaching: Teaching, request: TeachGesture.Request, response: TeachGesture.Response) -> None:
    outcome = teaching(TeachRequest(request.name, request.track_id, request.views, request.timeout))
    response.result = outcome.result.value
    response.rival = outcome.rival
    response.accepted = outcome.accepted
    response.message = outcome.message
