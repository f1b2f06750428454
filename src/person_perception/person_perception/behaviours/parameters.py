"""The behaviours' parameters."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perception_core.parameters import ParameterError, check, parameter, path_of
from person_perception.behaviours.authority import AuthorityRule, Who
from person_perception.behaviours.following import FollowRules
from person_perception.behaviours.freshness import FreshnessRules
from person_perception.behaviours.greeting import GreetRules
from person_perception.behaviours.limits import Limits
from person_perception.behaviours.palm_gate import GateRules

PERIOD_S = 0.02
"""The control timer's: 50 Hz."""

_STOPS_WITHIN_S = 0.15  # what 0.3 s leave after two images at 30 Hz, their latency, and a period
_WHO = tuple(who.value for who in Who)


def _stale_after() -> Any:
    return parameter(
        0.25,
        "So long after its image was taken, what is seen moves nothing any more; the brakes begin earlier. Above 0.25, "
        "the robot is not at rest 0.3 s after perception stops.",
        at_least=0.05,
        at_most=2.0,
    )


def _robot_frame() -> Any:
    return parameter("base_link", "Frame of the robot, x ahead and y to the left, where people are published in it.")


def _camera_frame() -> Any:
    return parameter("", "Optical frame of the camera, if its name is without `optical`.")


def _who(default: Who, what: str) -> Any:
    return parameter(default.value, f"Who may {what}: see the manual.", one_of=_WHO)


def _people() -> Any:
    return parameter("", "With who: enrolled, names or ids of those who may, with commas; empty for all enrolled.")


def _stamped() -> Any:
    return parameter(False, "Whether commands are TwistStamped instead of Twist.")


def _limit(default: float, description: str) -> Any:
    return parameter(default, description, at_least=0.001, at_most=100.0)


@dataclass(frozen=True, slots=True)
class FollowParameters:
    """Of follow_person."""

    distance_m: float = parameter(1.2, "Distance that is kept, in metres.", at_least=0.3, at_most=10.0)
    who: str = _who(Who.FIRST, "beckon")
    people: str = _people()
    hold_s: float = parameter(
        0.0, "So long beckoning has to go on before it counts, in seconds.", at_least=0.0, at_most=10.0
    )
    lost_after_s: float = parameter(
        0.6,
        "So long a person who is not seen is waited for, ever slower, in seconds. No perception ends and begins again, "
        "with new ids, in less than a second.",
        at_least=0.1,
        at_most=1.0,
    )
    back_away: bool = parameter(False, "Whether the robot drives backwards from somebody who comes too close.")
    max_linear: float = _limit(0.4, "Highest speed, in metres per second.")
    max_angular: float = _limit(0.8, "Highest rate of turning, in radians per second.")
    linear_acceleration: float = _limit(0.5, "Highest acceleration, in m/s^2.")
    angular_acceleration: float = _limit(1.6, "Likewise of turning, in rad/s^2.")
    linear_deceleration: float = _limit(0.8, "Deceleration as a matter of course, in m/s^2.")
    angular_deceleration: float = _limit(3.2, "Likewise of turning, in rad/s^2.")
    linear_stop: float = _limit(5.0, "Highest deceleration of a stop, in m/s^2.")
    angular_stop: float = _limit(10.0, "Likewise of turning, in rad/s^2.")
    stale_after_s: float = _stale_after()
    robot_frame: str = _robot_frame()
    camera_frame: str = _camera_frame()
    stamped: bool = _stamped()

    @property
    def limits(self) -> Limits:
        """Of the commands."""
        return Limits(
            linear=self.max_linear,
            angular=self.max_angular,
            linear_acceleration=self.linear_acceleration,
            angular_acceleration=self.angular_acceleration,
            linear_deceleration=self.linear_deceleration,
            angular_deceleration=self.angular_deceleration,
            linear_stop=self.linear_stop,
            angular_stop=self.angular_stop,
        )

    @property
    def rules(self) -> FollowRules:
        """How somebody is followed."""
        return FollowRules(
            distance_m=self.distance_m,
            hold_s=self.hold_s,
            lost_after_s=self.lost_after_s,
            back_away=self.back_away,
        )

    def __post_init__(self) -> None:
        check(self)
        _check_people(self.who, self.people)
        try:
            limits = self.limits
        except ValueError as error:
            raise ParameterError(str(error)) from error
        check_stop(limits)


@dataclass(frozen=True, slots=True)
class GateParameters:
    """Of stop_on_palm."""

    who: str = _who(Who.NEAREST, "release the robot with a thumb up")
    people: str = _people()
    hold_s: float = parameter(
        0.5, "So long a thumb has to be up before it releases, in seconds.", at_least=0.0, at_most=10.0
    )
    release_after_s: float = parameter(
        0.0, "The robot is released by itself so long after the palm, in seconds; 0 for never.", at_least=0.0
    )
    resume_s: float = parameter(
        1.0, "So long it takes from a stop until commands pass in full, in seconds.", at_least=0.05, at_most=60.0
    )
    input_timeout_s: float = parameter(
        0.5, "So long a command that came is good, in seconds.", at_least=0.02, at_most=10.0
    )
    stale_after_s: float = _stale_after()
    robot_frame: str = _robot_frame()
    camera_frame: str = _camera_frame()
    stamped: bool = parameter(False, "Whether commands, in and out, are TwistStamped instead of Twist.")

    @property
    def rules(self) -> GateRules:
        """When the gate closes and opens."""
        return GateRules(hold_s=self.hold_s, release_after_s=self.release_after_s, resume_s=self.resume_s)

    def __post_init__(self) -> None:
        check(self)
        _check_people(self.who, self.people)


@dataclass(frozen=True, slots=True)
class GreeterParameters:
    """Of greeter."""

    known: str = parameter("Hello, {name}!", "What is said to somebody who is known; {name} stands for the name.")
    stranger: str = parameter("Hello!", "What is said to others; empty to say nothing.")
    name_wait_s: float = parameter(
        2.0, "So long a name is waited for before somebody is a stranger, in seconds.", at_least=0.0, at_most=60.0
    )
    visit_over_s: float = parameter(
        60.0, "Who was gone for so long is greeted again, in seconds.", at_least=1.0, at_most=86400.0
    )
    when_looking: bool = parameter(False, "Whether only who looks at the camera is greeted.")
    within_m: float = parameter(
        0.0, "Who is further away is not greeted, in metres; 0 for any distance.", at_least=0.0, at_most=60.0
    )
    stale_after_s: float = parameter(
        1.0, "Nobody is greeted by what was seen longer ago, in seconds.", at_least=0.05, at_most=10.0
    )
    robot_frame: str = _robot_frame()
    camera_frame: str = _camera_frame()

    @property
    def rules(self) -> GreetRules:
        """Who is greeted, when, and how."""
        return GreetRules(
            self.known, self.stranger, self.name_wait_s, self.visit_over_s, self.when_looking, self.within_m
        )

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, slots=True)
class ActionParameters:
    """Of gesture_actions."""

    table: str = parameter("", "YAML file that says which gesture of whom does what; needed.")
    stale_after_s: float = _stale_after()
    robot_frame: str = _robot_frame()
    camera_frame: str = _camera_frame()
    stamped: bool = _stamped()

    @property
    def table_path(self) -> Path:
        """The file.

        Raises:
            ParameterError: It can be none.
        """
        if not self.table:
            raise ParameterError("table: is empty: name the YAML file that says which gesture does what")
        return path_of("table", self.table)

    def __post_init__(self) -> None:
        check(self)


def freshness(stale_after_s: float) -> FreshnessRules:
    """What is too old for a node that acts at every period."""
    return FreshnessRules(stale_after_s, PERIOD_S)


def authority(who: str, people: str) -> AuthorityRule:
    """Whose gestures count, by the parameters."""
    return AuthorityRule(Who(who), frozenset(name.strip() for name in people.split(",") if name.strip()))


def check_stop(limits: Limits) -> None:
    """Makes sure that a stop is as short as it has to be.

    Raises:
        ParameterError: It is not.
    """
    for axis, speed, stop in (
        ("linear", limits.linear, limits.linear_stop),
        ("angular", limits.angular, limits.angular_stop),
    ):
        if speed / stop > _STOPS_WITHIN_S:
            raise ParameterError(
                f"{axis}_stop: {stop:g} takes {speed / stop:.2g} s to rest from {speed:g}, and a stop may take "
                f"{_STOPS_WITHIN_S:g} s: raise it to {speed / _STOPS_WITHIN_S:.3g}, or lower the highest speed"
            )


def _check_people(who: str, people: str) -> None:
    if people and who != Who.ENROLLED.value:
        raise ParameterError(f"people: is for who: enrolled only, here it is {who}: change the one or empty the other")
