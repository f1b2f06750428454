import pytest
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.topic_endpoint_info import TopicEndpointInfo

from perception_ros.qos import matching

RELIABLE, BEST_EFFORT = ReliabilityPolicy.RELIABLE, ReliabilityPolicy.BEST_EFFORT


@pytest.mark.parametrize(
    ("offered", "asked"),
    [
        ([RELIABLE], RELIABLE),
        ([BEST_EFFORT], BEST_EFFORT),
        ([RELIABLE, BEST_EFFORT], BEST_EFFORT),
        ([RELIABLE, RELIABLE], RELIABLE),
        ([], BEST_EFFORT),
    ],
)
def test_no_more_is_asked_for_than_every_publisher_offers(offered, asked):
    publishers = [TopicEndpointInfo(qos_profile=QoSProfile(depth=1, reliability=policy)) for policy in offered]
    assert matching(publishers).reliability == asked
