"""The process that stands for perception in runs over DDS: publishes the made-up world's messages, and can be killed.

    python -m benchmarks.harness.behaviour_feed SEED CLOCK_NS

CLOCK_NS is the time at which the run begins. `world_pose` says where the robot is; `world_delivered` tells the judge of
every image, in JSON.
"""

from __future__ import annotations

import dataclasses
import heapq
import itertools
import json
import math
import sys
import time
from dataclasses import replace

import rclpy
from builtin_interfaces.msg import Duration
from geometry_msgs.msg import Point, PoseStamped
from perception_msgs.msg import Gesture, GestureEvent, Hand, HandArray, Identity, Person, PersonArray, Position3D
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from std_msgs.msg import Header, String

from benchmarks.harness.behaviour_perception import MadePerception, Message
from benchmarks.harness.behaviour_world import RobotPose, wire_scenario
from face_perception.messages import identity_message
from perception_ros.image_codec import time_message
from person_perception.behaviours.sight import GestureSeen, HandSeen, PersonSeen

KEPT = QoSProfile(depth=1000, durability=DurabilityPolicy.TRANSIENT_LOCAL)
"""Of what the judge is told: all of it, also if it listens late."""

_OPTICAL = "camera_color_optical_frame"


class BehaviourFeed(Node):
    """Publishes until it is killed."""

    def __init__(self, seed: int, clock_ns: int) -> None:
        super().__init__("behaviour_feed")
        self._scenario = replace(wire_scenario(seed), troubles=())  # the trouble is that this process is killed
        self._clock_ns = clock_ns
        self._perception = MadePerception(self._scenario, clock_ns)
        self._pose = RobotPose()
        self._people = self.create_publisher(PersonArray, "people", 10)
        self._hands = self.create_publisher(HandArray, "hands", 10)
        self._events = self.create_publisher(GestureEvent, "gesture_events", 100)
        self._delivered = self.create_publisher(String, "world_delivered", KEPT)
        self.create_subscription(PoseStamped, "world_pose", self._take_pose, 1)

    def run(self) -> None:
        """An image at every period, and its messages when they are due; not before everybody hears all of them."""
        listened_to = (self._people, self._hands, self._events, self._delivered)
        while not all(publisher.get_subscription_count() for publisher in listened_to):
            rclpy.spin_once(self, timeout_sec=0.01)
        waiting: list[tuple[float, int, Message]] = []
        order = itertools.count()
        number = math.ceil(max(0.0, self._time_s()) * self._scenario.rate_hz)
        while rclpy.ok():
            now_s, image_s = self._time_s(), number / self._scenario.rate_hz
            if now_s >= image_s:
                number += 1
                for message in self._perception.look(now_s, self._pose):
                    heapq.heappush(waiting, (message.arrives_s, next(order), message))
            while waiting and waiting[0][0] <= self._time_s():
                self._publish(heapq.heappop(waiting)[2])
            next_s = min(number / self._scenario.rate_hz, waiting[0][0] if waiting else math.inf)
            rclpy.spin_once(self, timeout_sec=max(0.0, min(0.01, next_s - self._time_s())))

    def _time_s(self) -> float:
        return (time.time_ns() - self._clock_ns) / 1e9

    def _take_pose(self, message: PoseStamped) -> None:
        where = message.pose
        self._pose = RobotPose(where.position.x, where.position.y, where.position.z)

    def _publish(self, message: Message) -> None:
        header = Header(stamp=time_message(message.stamp_ns), frame_id=_OPTICAL)
        if message.event is not None:
            self._events.publish(_event(message.event, header))
        if message.hands is not None:
            self._hands.publish(HandArray(header=header, hands=[_hand(hand) for hand in message.hands]))
        if message.delivered is not None:
            told = {**dataclasses.asdict(message.delivered), "stops": sorted(message.delivered.stops)}
            told["arrived_s"] = self._time_s()
            self._delivered.publish(String(data=json.dumps(told)))
        if message.people is not None:
            self._people.publish(PersonArray(header=header, people=[_person(person) for person in message.people]))


def _person(person: PersonSeen) -> Person:
    told = Person(track_id=person.track_id, identity=identity_message(person.identity))
    if person.place is not None:
        source = Position3D.DEPTH if person.measured else Position3D.PREDICTED
        point = Point(x=-person.place.left_m, y=0.0, z=person.place.ahead_m)
        told.position = Position3D(point=point, source=source, sigma=person.place.sigma_m, valid_share=0.9)
        told.distance = person.place.distance_m
    return told


def _hand(hand: HandSeen) -> Hand:
    told = Hand(track_id=hand.track_id, score=0.9)
    told.gesture = Gesture(label=hand.pose, score=0.9, fingers=-1)
    told.motion = Gesture(label=hand.motion, score=0.9, fingers=-1)
    return told


def _event(event: GestureSeen, header: Header) -> GestureEvent:
    told = GestureEvent(header=header, event=event.kind.value, event_id=event.event_id, hand_track_id=event.hand_id)
    told.gesture = Gesture(label=event.label, score=0.9, fingers=-1)
    told.duration = Duration(sec=int(event.held_s), nanosec=round(event.held_s % 1 * 1e9))
    told.author_known = event.author_id is not None
    told.author_track_id = event.author_id or 0
    told.author = identity_message(event.author) if event.author_id is not None else Identity()
    return told


def main() -> None:
    """The process."""
    seed, clock_ns = map(int, sys.argv[1:3])
    rclpy.init()
    BehaviourFeed(seed, clock_ns).run()


if __name__ == "__main__":
    main()
