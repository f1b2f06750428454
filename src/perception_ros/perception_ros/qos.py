"""Quality of service taken from the publishers that are there, so that a mismatch cannot silence a topic."""

from __future__ import annotations

from collections.abc import Sequence

from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from rclpy.topic_endpoint_info import TopicEndpointInfo

_QUEUE = 4  # enough for a pair in flight; the newest is worked on anyway


def matching(publishers: Sequence[TopicEndpointInfo]) -> QoSProfile:
    """The most that every one of the publishers offers.

    Args:
        publishers: Of one topic. With none, the least is asked for, which matches whoever comes.
    """
    reliable = bool(publishers) and all(
        publisher.qos_profile.reliability == ReliabilityPolicy.RELIABLE for publisher in publishers
    )
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=_QUEUE,
        reliability=ReliabilityPolicy.RELIABLE if reliable else ReliabilityPolicy.BEST_EFFORT,
        durability=DurabilityPolicy.VOLATILE,
    )
