"""How old is what a behaviour sees, and how fast may the robot be with it.

Two clocks meet here. Images carry stamps of the ROS clock, which may be simulated, be set, or differ between machines;
what must go on when it does not is timed by a steady clock. A stamp is translated once, when its message arrives: its
age by the ROS clock is taken off the steady time of arrival. A clock that jumps makes messages old or of the future,
and either stops the robot.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from perception_core.stamps import JUMP_BACK_NS

FUTURE_S = 0.05
"""The clocks of two machines that are kept together by NTP differ by less, seconds."""


class Arrival(Enum):
    """What a message's stamp says of it."""

    FRESH = "fresh"
    REPEATED = "repeated"  # not newer than the last one: late, twice, or a camera that stands still
    OLD = "old"
    FUTURE = "future"
    JUMPED_BACK = "jumped back"


@dataclass(frozen=True, slots=True)
class FreshnessRules:
    """What is too old to move by.

    Attributes:
        stale_after_s: So long after its image was taken, nothing may move any more.
        period_s: At most so long until the next command.
    """

    stale_after_s: float = 0.25
    period_s: float = 0.02

    def speed_at_age(self, age_s: float, deceleration: float) -> float:
        """The highest speed from which the robot comes to rest in time, if nothing newer comes.

        Args:
            age_s: Of what is seen.
            deceleration: That a stop may have, per second.
        """
        return deceleration * max(0.0, self.stale_after_s - self.period_s - age_s)

    def is_last_moment(self, age_s: float) -> bool:
        """Whether the next command may come too late for a stop."""
        return age_s >= self.stale_after_s - self.period_s


class Feed:
    """The age of what came last on one topic.

    Attributes:
        at_s: When the newest image that can be trusted was taken, by the steady clock; -inf where there is none.
    """

    def __init__(self, name: str, rules: FreshnessRules) -> None:
        """Begins with nothing seen.

        Args:
            name: Of the topic, for words.
            rules: What is too old.
        """
        self._name, self._rules = name, rules
        self._stamp_ns: int | None = None
        self._complaint = f"nothing has come on {name} yet: is the node that publishes it active?"
        self.at_s = -math.inf

    def took(self, now_s: float, stamp_ns: int, clock_ns: int) -> Arrival:
        """Judges a message that has just arrived.

        Args:
            now_s: By the steady clock.
            stamp_ns: Of the message.
            clock_ns: By the ROS clock.
        """
        age_s = (clock_ns - stamp_ns) / 1e9
        last = self._stamp_ns
        if age_s < -FUTURE_S:
            return self._distrust(
                Arrival.FUTURE, f"{self._name} is {-age_s:.3g} s in the future: set the clocks of both machines alike"
            )
        if last is not None and last - JUMP_BACK_NS <= stamp_ns <= last:
            return Arrival.REPEATED
        self._stamp_ns = stamp_ns
        if last is not None and stamp_ns < last:
            return self._distrust(Arrival.JUMPED_BACK, f"the stamps of {self._name} jumped back")
        if age_s > self._rules.stale_after_s:
            return self._distrust(
                Arrival.OLD,
                f"{self._name} is {age_s:.3g} s old when it arrives, more than stale_after_s "
                f"({self._rules.stale_after_s:g}): perception is too slow, or its clock is another",
            )
        self.at_s, self._complaint = now_s - max(0.0, age_s), ""
        return Arrival.FRESH

    def age_s(self, now_s: float) -> float:
        """Seconds since the newest image that can be trusted; inf where there is none."""
        return now_s - self.at_s

    def trouble(self, now_s: float) -> str:
        """Why it is too old, in words; empty while it is not."""
        if self.age_s(now_s) < self._rules.stale_after_s:
            return ""
        return self._complaint or f"nothing new on {self._name}: has its node or the camera stopped?"

    def _distrust(self, arrival: Arrival, complaint: str) -> Arrival:
        self.at_s, self._complaint = -math.inf, complaint
        return arrival
