"""The example that users copy, as it runs on a robot; and the shipped table, as the node reads it."""

import time
from pathlib import Path

import pytest
from geometry_msgs.msg import PointStamped, Twist
from std_msgs.msg import Bool, String
from std_srvs.srv import Trigger

from .behaviour_feed import OPTICAL, Feed
from .faces import activate

REPOSITORY = Path(__file__).parents[2]
EXAMPLE = (REPOSITORY / "examples" / "look_at_who_waved.py").read_text()
TABLE = REPOSITORY / "config" / "gesture_actions.yaml"


@pytest.fixture
def feed(graph):
    feed = Feed(graph)
    feed.people = {1: (3.0, 0.5, ""), 2: (2.0, -0.4, "")}
    return feed


@pytest.fixture
def targets(graph, feed):
    """Where the example looks."""
    targets = graph.collect(PointStamped, "look_at")
    graph.start_code(EXAMPLE)
    topics = ("people", "gesture_events")
    graph.spin_until(lambda: all(graph.node.count_subscribers(topic) for topic in topics), "the example")
    spin(graph, 0.3)
    return targets


def spin(graph, seconds):
    until = time.monotonic() + seconds
    graph.spin_until(lambda: time.monotonic() > until, "a while")


def xyz(target):
    return pytest.approx((target.point.x, target.point.y, target.point.z))


def test_who_waves_is_looked_at_and_then_who_waves_next(graph, feed, targets):
    feed.start("Wave", person=2)
    graph.spin_until(lambda: targets, "a target")
    assert xyz(targets[-1]) == (0.4, 0.1, 2.0)
    assert targets[-1].header.frame_id == OPTICAL
    feed.people[2] = (2.0, 0.0, "")
    graph.spin_until(lambda: xyz(targets[-1]) == (0.0, 0.1, 2.0), "the same person elsewhere")
    feed.start("Wave", person=1)
    graph.spin_until(lambda: xyz(targets[-1]) == (-0.5, 0.1, 3.0), "the other one")


def test_who_has_left_is_looked_at_no_more_also_when_somebody_returns_with_the_id(graph, feed, targets):
    feed.start("Wave", person=2)
    graph.spin_until(lambda: targets, "a target")
    gone = feed.people.pop(2)
    spin(graph, 0.3)
    count = len(targets)
    feed.people[2] = gone
    spin(graph, 0.3)
    assert len(targets) == count


def test_nobody_is_looked_at_for_another_gesture_or_one_of_nobody_known(graph, feed, targets):
    feed.start("Thumb_Up", person=2)
    feed.start("Wave", person=2, known=False)
    spin(graph, 0.5)
    assert targets == []


def test_old_positions_and_those_of_nowhere_are_not_looked_at(graph, feed, targets):
    feed.people[2] = (None, None, "")
    spin(graph, 0.5)  # what was told before is no longer under way
    feed.start("Wave", person=2)
    spin(graph, 0.3)
    assert targets == []
    feed.off_s, feed.people[2] = -3.0, (2.0, 0.0, "")
    spin(graph, 0.5)
    assert targets == []


def test_the_shipped_table_publishes_calls_and_drives(graph, feed):
    feed.people = {1: (2.0, 0.0, "Ada")}
    said, approved = graph.collect(String, "say"), graph.collect(Bool, "approved")
    driven, called = graph.collect(Twist, "cmd_vel", 100), []

    def answer(request, response):
        called.append(request)
        response.success = True
        return response

    graph.node.create_service(Trigger, "take_picture", answer)
    graph.start("person_perception.behaviours.gesture_actions", "--ros-args", "-p", f"table:={TABLE}")
    activate(graph, "gesture_actions")
    feed.connected()
    spin(graph, 0.3)
    feed.start("Wave")
    graph.spin_until(lambda: [each.data for each in said] == ["Hello!"], "a greeting")
    for label, told in (("Thumb_Up", True), ("Thumb_Down", False)):
        feed.hold(feed.start(label), 0.6)
        graph.spin_until(lambda told=told: approved and approved[-1].data is told, label)
    feed.hold(feed.start("Victory"), 1.1)
    graph.spin_until(lambda: called, "the call")
    feed.poses[10] = "Pointing_Up"
    feed.hold(feed.start("Pointing_Up"), 0.6)
    graph.spin_until(lambda: driven and driven[-1].linear.x == pytest.approx(0.15), "motion")
