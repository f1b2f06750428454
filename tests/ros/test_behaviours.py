"""The behaviours as a robot meets them: real nodes, a made-up perception, and the commands on the wire."""

import signal
import time

import pytest
from geometry_msgs.msg import Twist, TwistStamped
from std_msgs.msg import Bool, String
from std_srvs.srv import SetBool, Trigger

from perception_ros.lifecycle_client import LifecycleError

from .behaviour_feed import Feed
from .faces import PATIENCE_S, activate

PACKAGE = "person_perception.behaviours"


class Commands:
    """What arrives on a topic of commands, and when."""

    def __init__(self, graph, topic="cmd_vel"):
        self._graph = graph
        self.got = []
        graph.node.create_subscription(Twist, topic, self._take, 100)

    def _take(self, twist):
        self.got.append((time.monotonic(), twist.linear.x, twist.angular.z))

    @property
    def linear(self):
        return self.got[-1][1] if self.got else 0.0

    def at_rest(self):
        return bool(self.got) and self.got[-1][1:] == (0.0, 0.0)

    def drives(self):
        self._graph.spin_until(lambda: self.linear > 0.05, "motion")

    def rests(self):
        self._graph.spin_until(self.at_rest, "rest")

    def rests_since(self, moment):
        """Seconds from a moment until the first zero after the last motion."""
        self.rests()
        moved = max((at for at, *speeds in self.got if any(speeds)), default=moment)
        zero = next(at for at, *speeds in self.got if at > moved and not any(speeds))
        return zero - moment


def follower(graph, *parameters):
    arguments = [each for parameter in parameters for each in ("-p", parameter)]
    return graph.start(f"{PACKAGE}.follow_person", "--ros-args", *arguments)


@pytest.fixture
def feed(graph):
    return Feed(graph)


@pytest.fixture
def commands(graph):
    return Commands(graph)


@pytest.fixture
def following(graph, feed, commands):
    """A node that follows person 1."""
    node = follower(graph)
    client = activate(graph, "follow_person")
    feed.connected()
    beckon(graph, feed)
    commands.drives()
    return node, client


def beckon(graph, feed, person=1):
    spin(graph, 0.2)
    return feed.start("Beckon", person)


def spin(graph, seconds):
    until = time.monotonic() + seconds
    graph.spin_until(lambda: time.monotonic() > until, "a while")


def test_who_beckons_is_followed_and_a_palm_stops_the_robot(graph, feed, commands, following):
    feed.poses[10] = "Open_Palm"
    shown = time.monotonic()
    assert commands.rests_since(shown) < 0.5
    feed.poses[10] = "None"
    spin(graph, 0.7)
    assert commands.at_rest()
    beckon(graph, feed)
    commands.drives()


def test_the_death_of_perception_stops_the_robot(graph, feed, commands, following):
    feed.silent = True
    assert commands.rests_since(feed.sent_s) < 0.5
    graph.spin_until(lambda: "nothing new on people" in following[0].text(), "the reason")


@pytest.mark.parametrize("off_s", [-1.0, 1.0, -3600.0])
def test_stamps_that_cannot_be_right_stop_the_robot(graph, feed, commands, following, off_s):
    feed.off_s = off_s
    commands.rests()


def test_deactivating_and_ending_leave_a_robot_at_rest(graph, feed, commands, following):
    node, client = following
    client.transition("deactivate", PATIENCE_S)
    commands.rests()
    client.transition("activate", PATIENCE_S)
    feed.connected()
    beckon(graph, feed)
    commands.drives()
    node.send(signal.SIGTERM)
    commands.rests()
    assert node.exit_code() == 0


def test_without_perception_it_says_so_and_says_nothing_to_the_wheels(graph, commands):
    node = follower(graph)
    activate(graph, "follow_person")
    graph.spin_until(lambda: "nothing has come on people yet" in node.text(), "the reason")
    assert not any(any(speeds) for _, *speeds in commands.got)


def test_people_without_a_place_are_not_driven_to(graph, feed, commands):
    feed.people[1] = (None, None, "")
    follower(graph)
    activate(graph, "follow_person")
    feed.connected()
    beckon(graph, feed)
    spin(graph, 0.7)
    assert not any(any(speeds) for _, *speeds in commands.got)


def test_people_in_the_robots_frame_are_where_it_says_and_unknown_frames_are_named(graph, feed, commands):
    feed.frame_id, feed.people[1] = "base_link", (2.5, 1.0, "")
    node = follower(graph)
    activate(graph, "follow_person")
    feed.connected()
    beckon(graph, feed)
    graph.spin_until(lambda: commands.got and commands.got[-1][2] > 0.2, "a turn to the left")
    feed.frame_id = "somewhere"
    graph.spin_until(lambda: "set robot_frame" in node.text(), "what to do")
    commands.rests()


def test_another_who_commands_is_told_of(graph, feed, commands):
    other = graph.node.create_publisher(Twist, "cmd_vel", 1)
    node = follower(graph)
    activate(graph, "follow_person")
    graph.spin_until(lambda: "twist_mux" in node.text(), "the warning")
    assert other.topic_name in node.text()


@pytest.mark.parametrize("parameter", ["max_linear:=0.0", "max_angular:=-1.0", "linear_acceleration:=0.0"])
def test_a_limit_of_zero_or_below_is_refused_at_start(graph, parameter):
    node = follower(graph, parameter)
    assert node.exit_code() == 1
    assert "cannot start" in node.text()
    assert parameter.partition(":=")[0] in node.text()


def test_a_stop_that_would_take_too_long_is_refused_at_configure(graph):
    node = follower(graph, "linear_stop:=1.0")
    with pytest.raises(LifecycleError):
        graph.lifecycle("follow_person").transition("configure", PATIENCE_S)
    graph.spin_until(lambda: "linear_stop: 1 takes 0.4 s" in node.text(), "the reason")


def test_commands_are_stamped_where_that_is_wanted(graph, feed):
    stamped = graph.collect(TwistStamped, "cmd_vel")
    follower(graph, "stamped:=true")
    activate(graph, "follow_person")
    feed.connected()
    beckon(graph, feed)
    graph.spin_until(lambda: any(each.twist.linear.x > 0 for each in stamped), "motion")
    assert stamped[-1].header.stamp.sec > 0


def test_a_palm_closes_the_gate_and_a_call_opens_it(graph, feed, commands):
    locks = graph.collect(Bool, "palm_lock", 100)
    source = graph.node.create_publisher(Twist, "cmd_vel_in", 10)
    twist = Twist()
    twist.linear.x, twist.linear.y = 0.5, 0.2
    graph.node.create_timer(0.05, lambda: source.publish(twist))
    graph.start(f"{PACKAGE}.stop_on_palm")
    activate(graph, "stop_on_palm")
    feed.connected()
    graph.spin_until(lambda: commands.linear == 0.5 and not locks[-1].data, "all that comes in")
    feed.poses[99] = "Open_Palm"  # of nobody
    commands.rests()
    graph.spin_until(lambda: locks[-1].data, "the lock")
    del feed.poses[99]
    spin(graph, 1.0)
    assert commands.at_rest()
    release = graph.node.create_client(Trigger, "stop_on_palm/release")
    future = release.call_async(Trigger.Request())
    graph.spin_until(future.done, "an answer")
    assert future.result().success
    graph.spin_until(lambda: commands.linear == 0.5, "all that comes in")


def test_people_are_greeted_by_name(graph, feed):
    feed.people = {1: (2.0, 0.0, "Ann")}
    said = graph.collect(String, "greetings")
    graph.start(f"{PACKAGE}.greeter")
    activate(graph, "greeter")
    graph.spin_until(lambda: said, "a greeting")
    spin(graph, 0.5)
    assert [each.data for each in said] == ["Hello, Ann!"]


TABLE = """
actions:
  - {gesture: Thumb_Up, who: anyone, action: publish, topic: lamp, type: Bool, value: true}
  - {gesture: Victory, who: anyone, action: call, service: dock, type: SetBool, value: true}
  - {gesture: Pointing_Up, who: anyone, action: twist, linear: 0.2}
"""


def test_a_table_publishes_calls_and_drives(graph, feed, commands, tmp_path):
    table = tmp_path / "table.yaml"
    table.write_text(TABLE)
    called = []

    def answer(request, response):
        called.append(request.data)
        response.success = True
        return response

    graph.node.create_service(SetBool, "dock", answer)
    lamps = graph.collect(Bool, "lamp")
    graph.start(f"{PACKAGE}.gesture_actions", "--ros-args", "-p", f"table:={table}")
    activate(graph, "gesture_actions")
    feed.connected()
    spin(graph, 0.3)
    feed.start("Thumb_Up")
    graph.spin_until(lambda: [each.data for each in lamps] == [True], "the lamp")
    feed.start("Victory")
    graph.spin_until(lambda: called == [True], "the call")
    feed.poses[10] = "Pointing_Up"
    asked_s = 0.0

    def moves():
        nonlocal asked_s
        if time.monotonic() - asked_s > 2:  # a machine that stood still meanwhile has taken perception for stale
            asked_s = time.monotonic()
            feed.start("Pointing_Up")
        return commands.linear == pytest.approx(0.2)

    graph.spin_until(moves, "motion")
    feed.poses[10] = "None"
    commands.rests()


def test_a_mistake_in_a_table_is_refused_with_file_and_line(graph, tmp_path):
    table = tmp_path / "table.yaml"
    table.write_text(TABLE.replace("Victory", "Victroy"))
    node = graph.start(f"{PACKAGE}.gesture_actions", "--ros-args", "-p", f"table:={table}")
    with pytest.raises(LifecycleError):
        graph.lifecycle("gesture_actions").transition("configure", PATIENCE_S)
    graph.spin_until(lambda: f"{table}:4: gesture is 'Victroy'" in node.text(), "file and line")
    assert "Did you mean Victory?" in node.text()
