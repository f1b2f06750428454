"""What rclpy's simulated time leaves out: surviving a clock that cannot be right."""

from __future__ import annotations

from rclpy.node import Node
from rosgraph_msgs.msg import Clock

_REPEAT_S = 10.0


def survive_impossible_times(node: Node) -> None:
    """Has a node pass over times before 1970, and say so in its log.

    rclpy raises where it takes them in, and the executor passes that on: the process would end.
    """
    source = node._time_source  # rclpy has no other way to it
    take_in = source.clock_callback

    def guarded(clock: Clock) -> None:
        if clock.clock.sec >= 0:
            take_in(clock)
            return
        node.get_logger().warning(
            f"/clock says {clock.clock.sec} s, which is before 1970: passed over", throttle_duration_sec=_REPEAT_S
        )

    source.clock_callback = guarded  # type: ignore[method-assign, assignment]
    subscription = source._clock_sub
    if subscription is not None:
        subscription.callback = guarded
