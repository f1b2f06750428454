"""How things move through the virtual room."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waypoint:
    """A place where something stands still for a moment.

    Attributes:
        second: When, seconds since the scene began.
        x: Metres to the right of the camera.
        z: Metres in front of the camera.
        cut: It is there at once, without walking; only sensible where nobody sees it.
    """

    second: float
    x: float
    z: float
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Pose:
    """Where something is at one moment.

    Attributes:
        x: Metres to the right.
        y: Metres down.
        z: Metres forward.
        roll: Radians, clockwise as the camera sees it.
    """

    x: float
    y: float
    z: float
    roll: float = 0.0


@dataclass(frozen=True, slots=True)
class Walk:
    """A closed path: from the last waypoint it goes back to the first.

    Attributes:
        waypoints: In the order of time, at least one.
        period: Seconds until it begins again.
        y: Height of the walker's position, metres below the camera.
        sway: Whether it moves a little while it stands, as people do.
    """

    waypoints: tuple[Waypoint, ...]
    period: float
    y: float
    sway: bool = True

    def at(self, second: float) -> Pose:
        """Where it is; `second` may lie in any loop."""
        second %= self.period
        x, z = self._place(second)
        if not self.sway:
            return Pose(x, self.y, z)
        # whole numbers of swings per loop, so that the loop has no seam
        turn = 2 * math.pi / self.period
        slow, fast = max(1, round(self.period / 5.2)), max(1, round(self.period / 3.1))
        phase = self.waypoints[0].z * 7 + self.y * 31
        return Pose(
            x + 0.010 * math.sin(slow * turn * second + phase),
            self.y + 0.004 * math.sin(fast * turn * second + 2 * phase),
            z + 0.008 * math.sin(slow * turn * second + 3 * phase),
            0.020 * math.sin(slow * turn * second + phase + 0.7),
        )

    def _place(self, second: float) -> tuple[float, float]:
        first = self.waypoints[0]
        following = [*self.waypoints[1:], Waypoint(first.second + self.period, first.x, first.z, first.cut)]
        if second < first.second:
            second += self.period
        for start, end in zip(self.waypoints, following, strict=True):
            if second < end.second:
                part = 0.0 if end.cut else _minimum_jerk((second - start.second) / (end.second - start.second))
                return start.x + part * (end.x - start.x), start.z + part * (end.z - start.z)
        raise AssertionError("the last waypoint lies a period after the first")


def _minimum_jerk(part: float) -> float:
    """The smoothest way from 0 to 1 (Flash and Hogan, "The coordination of arm movements", 1985)."""
    return part**3 * (10 - 15 * part + 6 * part**2)
