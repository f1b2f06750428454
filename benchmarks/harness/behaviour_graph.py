"""One run over real DDS: the real follow_person node, a perception that is killed and started again, and a robot."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import rclpy
from geometry_msgs.msg import PoseStamped, TwistStamped
from perception_msgs.msg import GestureEvent
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions
from rclpy.task import Future
from std_msgs.msg import String

from benchmarks.harness.behaviour_feed import KEPT
from benchmarks.harness.behaviour_world import (
    BECKON,
    PALM,
    Delivered,
    Record,
    RobotPose,
    Scenario,
    Step,
    Trouble,
    in_view,
    places_of,
    wire_scenario,
)
from benchmarks.report import BenchmarkError
from perception_cli.processes import Processes, ros_environment
from perception_ros.lifecycle_client import LifecycleClient, LifecycleError

_REPOSITORY = Path(__file__).resolve().parents[2]
_PROFILE = _REPOSITORY / "config" / "fastdds_shm.xml"
_PATIENCE_S = 60.0
_STARTS_S = 2.0  # so long the processes have to find one another
_STEP_S = 0.01
_NOT_YET_NS = 3_600_000_000_000
_NODE = "follow_person"


@dataclass(slots=True)
class WireRun:
    """What happened.

    Attributes:
        scenario: With the time at which perception was dead as it really was.
        record: For the judge; commands are of the times in their stamps.
        event_to_command_ms: From the arrival of an event that begins a motion to that of the first command.
        palm_to_zero_ms: From the onset of a palm to the arrival of zero, for each that found the robot in motion.
        death_to_zero_ms: From the kill to the arrival of zero, where that found the robot in motion.
    """

    scenario: Scenario
    record: Record
    event_to_command_ms: list[float] = field(default_factory=list)
    palm_to_zero_ms: list[float] = field(default_factory=list)
    death_to_zero_ms: list[float] = field(default_factory=list)


class _World(Node):
    """Where everybody is; drives as it is told."""

    def __init__(self, scenario: Scenario, clock_ns: int) -> None:
        super().__init__("behaviour_world")
        self._scenario = scenario
        self.begin(clock_ns)
        self.record = Record()
        self.begun_s: list[float] = []
        self.arrived: list[tuple[float, bool]] = []  # commands: when, and whether they are motion
        self._pose = RobotPose()
        self._linear = self._angular = 0.0
        self._where = self.create_publisher(PoseStamped, "world_pose", 1)
        self.create_subscription(TwistStamped, "cmd_vel", self._take_command, 100)
        self.create_subscription(GestureEvent, "gesture_events", self._take_event, 100)
        self.create_subscription(String, "world_delivered", self._take_delivered, KEPT)
        self.create_timer(_STEP_S, self._step)

    def begin(self, clock_ns: int) -> None:
        """The run begins at that time."""
        self._clock_ns = clock_ns
        self._at_s = self.time_s()

    def time_s(self) -> float:
        """Of the run."""
        return (time.time_ns() - self._clock_ns) / 1e9

    def _take_command(self, message: TwistStamped) -> None:
        self._drive()
        self._linear, self._angular = message.twist.linear.x, message.twist.angular.z
        stamp = message.header.stamp
        at_s = (stamp.sec * 1_000_000_000 + stamp.nanosec - self._clock_ns) / 1e9
        self.record.commands.append((at_s, self._linear, self._angular))
        self.arrived.append((self.time_s(), self._linear != 0 or self._angular != 0))

    def _take_event(self, event: GestureEvent) -> None:
        if event.event == GestureEvent.STARTED and event.gesture.label == BECKON:
            self.begun_s.append(self.time_s())

    def _take_delivered(self, message: String) -> None:
        told = json.loads(message.data)
        told.update(stops=frozenset(told["stops"]))
        self.record.delivered.append(Delivered(**told))

    def _drive(self) -> None:
        now_s = self.time_s()
        self._pose.drive(self._linear, self._angular, max(0.0, now_s - self._at_s))
        self._at_s = now_s

    def _step(self) -> None:
        self._drive()
        if self._at_s < 0:
            return
        places = places_of(self._scenario.actors, self._pose, self._at_s)
        visible = tuple(
            in_view(*place) and not actor.is_hidden(self._at_s) and not actor.bodiless
            for actor, place in zip(self._scenario.actors, places, strict=True)
        )
        self.record.steps.append(Step(self._at_s, self._linear, self._angular, places, visible))
        where = PoseStamped()
        where.pose.position.x, where.pose.position.y = self._pose.x, self._pose.y
        where.pose.position.z = self._pose.heading
        self._where.publish(where)


def run_on_the_wire(seed: int) -> WireRun:
    """Lets it happen, in real time.

    Raises:
        BenchmarkError: The node does not come up, or ends.
    """
    scenario = wire_scenario(seed)
    kill_s = scenario.troubles[0].start_s
    with tempfile.TemporaryDirectory(prefix="perception-bench-") as folder, _processes(Path(folder)) as processes:
        rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
        world = _World(scenario, time.time_ns() + _NOT_YET_NS)
        executor = SingleThreadedExecutor()
        executor.add_node(world)
        try:
            processes.start(_NODE, f"person_perception.behaviours.{_NODE}", _parameters(scenario))
            _bring_up(world, executor, processes)
            clock_ns = time.time_ns() + round(_STARTS_S * 1e9)
            world.begin(clock_ns)
            feed = [str(seed), str(clock_ns)]
            processes.start("feed", "benchmarks.harness.behaviour_feed", feed)
            killed_s = 0.0
            while world.time_s() < scenario.seconds:
                executor.spin_once(timeout_sec=0.005)
                if not killed_s and world.time_s() >= kill_s:
                    os.kill(processes.process_id("feed"), 9)
                    killed_s = world.time_s()
                    processes.start("feed again", "benchmarks.harness.behaviour_feed", feed)
        finally:
            executor.shutdown()
            world.destroy_node()
            rclpy.try_shutdown()
    return _told(scenario, world, killed_s)


def _told(scenario: Scenario, world: _World, killed_s: float) -> WireRun:
    back_s = next((each.arrived_s for each in world.record.delivered if each.arrived_s > killed_s + 0.1), 1e9)
    run = WireRun(replace(scenario, troubles=(Trouble(killed_s, back_s, None),)), world.record)
    for begun_s in world.begun_s:
        before = [moves for at_s, moves in world.arrived if at_s < begun_s]
        first_s = next((at_s for at_s, moves in world.arrived if at_s >= begun_s and moves), None)
        if not (before and before[-1]) and first_s is not None and first_s - begun_s < 0.2:
            run.event_to_command_ms.append(1e3 * (first_s - begun_s))
    onsets = [shows.start_s for actor in scenario.actors for shows in actor.shows if shows.label == PALM]
    for at_s, into in [(killed_s, run.death_to_zero_ms), *((onset_s, run.palm_to_zero_ms) for onset_s in onsets)]:
        into += [1e3 * each for each in _to_zero(world, at_s)]
    return run


def _to_zero(world: _World, since_s: float) -> Iterator[float]:
    """Seconds until zero, where the robot was in motion and was at rest within a second."""
    before = [moves for at_s, moves in world.arrived if at_s < since_s]
    zero_s = next((at_s for at_s, moves in world.arrived if at_s >= since_s and not moves), None)
    if before and before[-1] and zero_s is not None and zero_s - since_s < 1.0:
        yield zero_s - since_s


@contextmanager
def _processes(folder: Path) -> Iterator[Processes]:
    """In a domain of their own: these commands must not reach a robot that is about."""
    environment = ros_environment(_PROFILE)
    environment["ROS_DOMAIN_ID"] = str(30 + os.getpid() % 60)
    environment["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(_REPOSITORY), environment.get("PYTHONPATH"))))
    os.environ.update(environment)
    processes = Processes(environment, folder / "log")
    try:
        yield processes
    finally:
        processes.end()


def _parameters(scenario: Scenario) -> list[str]:
    people = ",".join(sorted(scenario.listed)) if scenario.who == "enrolled" else ""
    values = {"who": scenario.who, "distance_m": scenario.distance_m, "stamped": "true", "people": f"'{people}'"}
    return ["--ros-args", *(word for name, value in values.items() for word in ("-p", f"{name}:={value}"))]


def _bring_up(world: _World, executor: Any, processes: Processes) -> None:
    def wait(future: Future, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not future.done() and time.monotonic() < deadline:
            executor.spin_once(timeout_sec=0.02)

    try:
        client = LifecycleClient(world, _NODE, wait)
        client.transition("configure", _PATIENCE_S)
        client.transition("activate", _PATIENCE_S)
    except LifecycleError as error:
        raise BenchmarkError(f"{error}\n{processes.log.read_text(errors='replace')[-2000:]}") from error
