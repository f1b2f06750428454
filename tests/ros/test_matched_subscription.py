"""A subscription that follows the publishers of its topic, and counts what does not arrive."""

from rclpy.qos import QoSProfile, ReliabilityPolicy
from std_msgs.msg import String

from perception_ros.matched_subscription import MatchedSubscription, Variant

SENT_AT_ONCE = 20


def publisher(graph, reliability):
    return graph.node.create_publisher(String, "words", QoSProfile(depth=SENT_AT_ONCE, reliability=reliability))


def subscribed(graph, received):
    subscription = MatchedSubscription(graph.node, "words", [Variant(String)], received.append)

    def followed():
        subscription.follow_publishers()
        return subscription.published

    graph.spin_until(followed, "the publisher")
    return subscription


def overwhelmed(graph, words, received):
    """Of many at once a queue keeps the last few; how many were lost is seen by what arrives before and after."""
    received.clear()
    words.publish(String(data="first"))
    graph.spin_until(lambda: received, "the first")
    for number in range(SENT_AT_ONCE):
        words.publish(String(data=str(number)))
    graph.spin_until(lambda: received[-1].data == str(SENT_AT_ONCE - 1), "the last")
    return SENT_AT_ONCE + 1 - len(received)


def test_what_was_sent_and_not_received_is_counted_and_stays_counted(graph):
    received = []
    words = publisher(graph, ReliabilityPolicy.RELIABLE)
    subscription = subscribed(graph, received)
    graph.spin_until(words.get_subscription_count, "the subscription")
    lost = overwhelmed(graph, words, received)
    assert lost > 0
    assert subscription.lost == lost
    graph.node.destroy_publisher(words)
    words = publisher(graph, ReliabilityPolicy.BEST_EFFORT)

    def followed():
        subscription.follow_publishers()
        return not subscription.reliable and words.get_subscription_count()

    graph.spin_until(followed, "the subscription anew")
    assert subscription.lost >= lost
    lost += overwhelmed(graph, words, received)
    assert subscription.lost == lost
    subscription.close()
