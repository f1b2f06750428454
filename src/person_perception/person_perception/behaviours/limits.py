"""Keeps commands within limits of speed and of its change, whenever they are asked for."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

_LONGEST_STEP_S = 0.1  # who was not asked for longer does not accelerate for all of that time at once


@dataclass(frozen=True, slots=True)
class Limits:
    """Metres and radians per second, and per second squared; all above 0.

    Attributes:
        linear: Highest speed.
        angular: Highest rate of turning.
        linear_acceleration: Away from rest.
        angular_acceleration: Likewise.
        linear_deceleration: Towards rest, as a matter of course.
        angular_deceleration: Likewise.
        linear_stop: Towards rest, where the robot has to stop.
        angular_stop: Likewise.
    """

    linear: float = 0.4
    angular: float = 0.8
    linear_acceleration: float = 0.5
    angular_acceleration: float = 1.6
    linear_deceleration: float = 0.8
    angular_deceleration: float = 3.2
    linear_stop: float = 5.0
    angular_stop: float = 10.0

    def __post_init__(self) -> None:
        """Raises ValueError where one is not a number above 0, or stopping is slower than slowing down."""
        for field in fields(self):
            value = getattr(self, field.name)
            if not (value > 0 and math.isfinite(value)):
                raise ValueError(f"{field.name} is {value:g}: a limit has to be above 0")
        for axis in ("linear", "angular"):
            gentle, stop = getattr(self, f"{axis}_deceleration"), getattr(self, f"{axis}_stop")
            if stop < gentle:
                raise ValueError(f"{axis}_stop ({stop:g}) is below {axis}_deceleration ({gentle:g}): raise it")


class Limiter:
    """Follows what is wanted as fast as the limits allow.

    Every answer is taken for what the robot does from that moment on.

    Attributes:
        linear: Metres per second ahead, as of the last answer.
        angular: Radians per second to the left.
    """

    def __init__(self, limits: Limits) -> None:
        """At rest.

        Args:
            limits: Never exceeded by the sequence of answers.
        """
        self.limits = limits
        self.linear = self.angular = 0.0
        self._at_s: float | None = None

    def __call__(self, now_s: float, linear: float, angular: float, *, hard: bool = False) -> tuple[float, float]:
        """The next command.

        Args:
            now_s: By a steady clock; a moment before the last one counts as that.
            linear: What is wanted. What is no number is a wish for rest, as hard as it can be.
            angular: Likewise.
            hard: The robot has to stop or to slow down at once.
        """
        since_s = 0.0 if self._at_s is None else max(0.0, now_s - self._at_s)
        self._at_s = now_s if self._at_s is None else max(self._at_s, now_s)
        if not (math.isfinite(linear) and math.isfinite(angular)):
            linear, angular, hard = 0.0, 0.0, True
        most = self.limits
        ways = (
            (self.linear, _within(linear, most.linear), most.linear_acceleration, most.linear_deceleration),
            (self.angular, _within(angular, most.angular), most.angular_acceleration, most.angular_deceleration),
        )
        stops = (most.linear_stop, most.angular_stop)
        self.linear, self.angular = (
            _next(now, wanted, up * min(since_s, _LONGEST_STEP_S), (stop if hard else down) * since_s)
            for (now, wanted, up, down), stop in zip(ways, stops, strict=True)
        )
        return self.linear, self.angular

    def rest(self) -> None:
        """The robot was told to be at rest by other means."""
        self.linear = self.angular = 0.0
        self._at_s = None


def _within(wanted: float, most: float) -> float:
    return min(max(wanted, -most), most)


def _next(now: float, wanted: float, up: float, down: float) -> float:
    """One step from a speed towards another; the way back is braked to rest before it is driven."""
    if now < 0 or (now == 0 and wanted < 0):
        return -_next(-now, -wanted, up, down) + 0.0
    if wanted >= now:
        return min(wanted, now + up)
    return max(wanted, now - down, 0.0)
