"""How things move through the virtual room."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from perception_core.frame import Point3


@dataclass(frozen=True, slots=True)
class Waypoint:
    """A place where something stands still for a moment.

    Attributes:
        second: When, seconds since the scene began.
        x: Metres to the right of the camera.
        z: Metres in front of the camera.
        cut: It is there at once, without walking; only sensible where nobody sees it.
        below: Metres below the height of the walk.
    """

    second: float
    x: float
    z: float
    cut: bool = False
    below: float = 0.0


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
        x, y, z = self._place(second)
        if not self.sway:
            return Pose(x, y, z)
        # whole numbers of swings per loop, so that the loop has no seam
        turn = 2 * math.pi / self.period
        slow, fast = max(1, round(self.period / 5.2)), max(1, round(self.period / 3.1))
        phase = self.waypoints[0].z * 7 + self.y * 31
        return Pose(
            x + 0.010 * math.sin(slow * turn * second + phase),
            y + 0.004 * math.sin(fast * turn * second + 2 * phase),
            z + 0.008 * math.sin(slow * turn * second + 3 * phase),
            0.020 * math.sin(slow * turn * second + phase + 0.7),
        )

    def _place(self, second: float) -> Point3:
        first = self.waypoints[0]
        following = [*self.waypoints[1:], replace(first, second=first.second + self.period)]
        if second < first.second:
            second += self.period
        for start, end in zip(self.waypoints, following, strict=True):
            if second < end.second:
                part = 0.0 if end.cut else minimum_jerk((second - start.second) / (end.second - start.second))
                below = start.below + part * (end.below - start.below)
                return start.x + part * (end.x - start.x), self.y + below, start.z + part * (end.z - start.z)
        return first.x, self.y + first.below, first.z  # rounding can make it the very end of the period


def minimum_jerk(part: float) -> float:
    """The smoothest way from 0 to 1 (Flash and Hogan, "The coordination of arm movements", 1985)."""
    return part**3 * (10 - 15 * part + 6 * part**2)
