"""The benchmark of behaviours in short: ten runs without a fault, and a judge that notices faults."""

from dataclasses import replace

import pytest

from benchmarks.behaviours import COUNTED, bounds, simulated
from benchmarks.harness.behaviour_judge import judge
from benchmarks.harness.behaviour_world import (
    BECKON,
    PALM,
    Actor,
    Delivered,
    Record,
    RobotPose,
    Scenario,
    Shows,
    Step,
    Trouble,
    places_of,
    scenario,
)
from person_perception.behaviours.limits import Limits

CALLS = Actor(((0.0, 3.0, 0.0),), (Shows(1.0, 2.0, BECKON),))


def verdict_on(speed, scene, *, images_until_s=10.0, stops=frozenset(), ramp=True):
    """What the judge says of a robot that drives at a speed that depends on the time."""
    pose, record, before = RobotPose(), Record(), 0.0
    for step in range(500):
        time_s = step * 0.01
        wanted = speed(time_s)
        most = (0.4 if wanted > before else 4.0) * 0.01
        before = before + min(max(wanted - before, -most), most) if ramp else wanted
        pose.drive(before, 0.0, 0.01)
        places = places_of(scene.actors, pose, time_s)
        record.steps.append(Step(time_s, before, 0.0, places, (True,) * len(places)))
        record.commands.append((time_s, before, 0.0))
        if step % 3 == 0 and time_s < images_until_s:
            record.delivered.append(
                Delivered(time_s, time_s, True, stops if 3 <= time_s < 4 else frozenset(), step // 3)
            )
    return judge(scene, record, bounds(Limits()))


def found(verdict):
    return {name for name in COUNTED if getattr(verdict, name)}


def scene(*actors, **facts):
    return Scenario(seed=0, seconds=5.0, actors=actors or (CALLS,), who=facts.pop("who", "anyone"), **facts)


def test_ten_runs_are_without_a_fault_and_the_robot_does_drive():
    verdicts = [simulated(seed) for seed in range(4, 44, 4)]
    assert [found(verdict) for verdict in verdicts] == [set()] * 10
    assert sum(verdict.drove_m > 0.2 for verdict in verdicts) >= 5


def test_a_world_is_the_same_whenever_it_is_made():
    assert scenario(5) == scenario(5) != scenario(9)


def test_the_judge_has_nothing_against_a_robot_that_was_called():
    assert found(verdict_on(lambda time_s: 0.2 if time_s > 1.3 else 0.0, scene())) == set()


@pytest.mark.parametrize(
    ("facts", "actor"),
    [
        ({}, replace(CALLS, shows=())),
        ({}, replace(CALLS, anonymous=True)),
        ({"who": "enrolled"}, CALLS),
        ({"who": "enrolled", "listed": frozenset({"bob"})}, replace(CALLS, person_id="ann")),
    ],
    ids=["nobody called", "nobody knows who", "a stranger", "not on the list"],
)
def test_the_judge_notices_a_robot_that_nobody_called(facts, actor):
    verdict = verdict_on(lambda time_s: 0.2 if time_s > 1.3 else 0.0, scene(actor, **facts))
    assert found(verdict) == {"unauthorised_motions"}


def test_the_judge_notices_a_robot_that_drives_too_close():
    verdict = verdict_on(lambda time_s: 0.4 if time_s > 1.3 else 0.0, scene(distance_m=2.2))
    assert found(verdict) == {"too_close"}


@pytest.mark.parametrize("speed", [0.2, 0.6])
def test_the_judge_notices_a_leap_and_a_robot_that_is_too_fast(speed):
    verdict = verdict_on(lambda time_s: speed if time_s > 1.3 else 0.0, scene(), ramp=speed > 0.4)
    assert found(verdict) == {"limit_violations"}


def test_the_judge_notices_a_robot_that_goes_on_blindly():
    verdict = verdict_on(lambda time_s: 0.2 if 1.3 < time_s < 3.4 else 0.0, scene(), images_until_s=3.0)
    assert found(verdict) == {"late_stops"}
    verdict = verdict_on(lambda time_s: 0.2 if 1.3 < time_s < 3.2 else 0.0, scene(), images_until_s=3.0)
    assert found(verdict) == set()


def test_the_judge_notices_a_robot_that_heeds_no_palm():
    palm = Actor(((0.0, 2.5, 0.8),), (Shows(3.0, 4.0, PALM),), bodiless=True)
    verdict = verdict_on(lambda time_s: 0.2 if time_s > 1.3 else 0.0, scene(CALLS, palm), stops=frozenset({1}))
    assert found(verdict) == {"late_stops", "unauthorised_motions"}
    verdict = verdict_on(lambda time_s: 0.2 if 1.3 < time_s < 3.2 else 0.0, scene(CALLS, palm), stops=frozenset({1}))
    assert found(verdict) == set()


def test_the_judge_notices_a_robot_that_drives_on_for_who_was_renamed():
    known = replace(CALLS, person_id="ann", renamed_s=3.0)
    verdict = verdict_on(lambda time_s: 0.2 if time_s > 1.3 else 0.0, scene(known, who="enrolled"))
    assert found(verdict) == {"unauthorised_motions"}


def test_a_gesture_that_ended_while_perception_was_dead_gives_no_authority():
    trouble = (Trouble(0.9, 2.1, None),)
    verdict = verdict_on(lambda time_s: 0.2 if time_s > 2.3 else 0.0, scene(troubles=trouble))
    assert found(verdict) == {"unauthorised_motions"}
