"""Simulated time that has not begun, stands still or jumps: faces and diagnostics come all the same."""

import pytest
from perception_msgs.msg import Position3D
from rosgraph_msgs.msg import Clock

from perception_core.image_messages import nanoseconds
from perception_ros.image_codec import time_message

from .faces import Sight

SECOND = 1_000_000_000


@pytest.fixture
def simulated(graph, camera):
    node = graph.start("face_perception.node", "--ros-args", "-p", "use_sim_time:=true")
    return Sight(graph, node, camera)


class Player:
    """Publishes the time on /clock with every image, and stamps the image with it."""

    def __init__(self, sight):
        self._clock = sight.graph.node.create_publisher(Clock, "/clock", 10)
        self.begin_ns, self._rate = 0, 0.0
        self._began_ns = 0
        sight.camera.restamp = self._now

    def play(self, begin_s, rate):
        self.begin_ns, self._rate, self._began_ns = begin_s * SECOND, rate, 0

    def _now(self, real_ns):
        self._began_ns = self._began_ns or real_ns
        now_ns = self.begin_ns + round(self._rate * (real_ns - self._began_ns))
        self._clock.publish(Clock(clock=time_message(now_ns)))
        return now_ns


def test_a_clock_before_1970_is_passed_over(simulated):
    clock = simulated.graph.node.create_publisher(Clock, "/clock", 10)
    impossible = Clock()
    impossible.clock.sec = -5

    def passed_over():
        clock.publish(impossible)  # best effort: what is published before the node has matched is lost
        return "/clock says -5 s, which is before 1970: passed over" in simulated.new_lines()

    simulated.graph.spin_until(passed_over, "what becomes of it")
    simulated.face_from(Position3D.DEPTH)


def plausible(values):
    """No clock is said to be wrong, and neither the jumps nor the pace of simulated time show in the figures.

    Images that are under way while time jumps are told of for as long as the figures reach back.
    """
    return (
        "the stamps of the images" not in values["message"]
        and 0 < float(values["frame_rate_hz"]) < 40
        and abs(float(values["latency_median_ms"])) < 1e9
    )


def test_faces_and_diagnostics_come_whatever_the_clock_does(simulated):
    simulated.face_from(Position3D.DEPTH)  # nobody publishes /clock yet
    simulated.tells(lambda values: int(values["frames"]) > 0, "diagnostics without a clock")
    player = Player(simulated)
    ids = []
    for begin_s, rate in ((1000, 0.0), (1000, 1.0), (500, 1.0), (2000, 5.0)):
        player.play(begin_s, rate)
        simulated.faces.clear()
        message = simulated.graph.spin_until(
            lambda begin_s=begin_s: next(
                (
                    each
                    for each in simulated.faces
                    if each.faces and begin_s * SECOND <= nanoseconds(each.header) < (begin_s + 100) * SECOND
                ),
                None,
            ),
            f"faces at {begin_s} s",
        )
        ids.append({face.track_id for face in message.faces})
        simulated.tells(plausible, "diagnostics of that time")
    assert ids[1] == ids[0] and not ids[2] & ids[1]
    assert simulated.process.text().count("Time went back") == 1
