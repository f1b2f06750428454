"""Runs a policy in the made-up world, on simulated time."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable

import numpy as np

from benchmarks.harness.behaviour_perception import CLOCK_NS, MadePerception, Message
from benchmarks.harness.behaviour_world import Record, RobotPose, Scenario, Step, in_view, places_of
from person_perception.behaviours.freshness import FreshnessRules
from person_perception.behaviours.sight import Command, Sight
from person_perception.behaviours.sightings import Now, Sightings

PERIOD_S = 0.02
_STEP_S = 0.01
_STALLS = 0.004  # share of the calls that come late
_STALL_S = 0.03

Policy = Callable[[float, Sight], Command]


def run(scenario: Scenario, policy: Policy, freshness: FreshnessRules) -> Record:
    """Lets the robot drive as the policy says, and writes down what really happens.

    The policy is asked 50 times a second, not quite evenly, and whenever something arrives, as a node asks it.
    """
    random = np.random.default_rng([scenario.seed, 2])
    perception, sightings, pose, record = MadePerception(scenario), Sightings(freshness), RobotPose(), Record()
    waiting: list[tuple[float, int, Message]] = []
    order = itertools.count()
    offset_s = float(random.uniform(10, 1e6))  # the steady clock began at another time
    image_s, call_s, step_s = float(random.uniform(0, 0.03)), 0.0, 0.0
    linear = angular = 0.0
    now_s = 0.0
    while now_s < scenario.seconds:
        next_s = min(image_s, call_s, step_s, waiting[0][0] if waiting else scenario.seconds)
        pose.drive(linear, angular, next_s - now_s)
        now_s = next_s
        asked = False
        if now_s >= image_s:
            for message in perception.look(now_s, pose):
                heapq.heappush(waiting, (message.arrives_s, next(order), message))
            image_s += 1 / scenario.rate_hz
        while waiting and waiting[0][0] <= now_s:
            _arrive(sightings, heapq.heappop(waiting)[2], now_s, offset_s, record)
            asked = True
        if now_s >= call_s:
            late_s = _STALL_S if random.random() < _STALLS else float(random.uniform(0, 0.004))
            call_s, asked = now_s + PERIOD_S - 0.002 + late_s, True
        if asked:
            command = policy(offset_s + now_s, sightings.look(offset_s + now_s))
            linear, angular = command.linear, command.angular
            record.commands.append((now_s, linear, angular))
        if now_s >= step_s:
            record.steps.append(_step(scenario, pose, now_s, linear, angular))
            step_s += _STEP_S
    return record


def _arrive(sightings: Sightings, message: Message, now_s: float, offset_s: float, record: Record) -> None:
    now = Now(offset_s + now_s, CLOCK_NS + round(now_s * 1e9))
    if message.people is not None:
        sightings.take_people(now, message.stamp_ns, message.people)
    if message.hands is not None:
        sightings.take_hands(now, message.stamp_ns, message.hands)
    if message.event is not None:
        sightings.take_event(now, message.event)
    if message.delivered is not None:
        record.delivered.append(message.delivered)


def _step(scenario: Scenario, pose: RobotPose, now_s: float, linear: float, angular: float) -> Step:
    places = places_of(scenario.actors, pose, now_s)
    visible = tuple(
        in_view(*place) and not actor.is_hidden(now_s) and not actor.bodiless
        for actor, place in zip(scenario.actors, places, strict=True)
    )
    return Step(now_s, linear, angular, places, visible)
