"""A simulated robot with two driven wheels: does what it is commanded, and stops when nobody commands it any more."""

from __future__ import annotations

import math
from dataclasses import dataclass

from perception_core.sources.scene_robot import AT_REST, RobotPose

COMMAND_TIMEOUT_S = 0.5
"""As the base controllers of ros2_controllers have it (diff_drive_controller, cmd_vel_timeout)."""

_STRAIGHT = 1e-6  # radians of one step: with less its arc is a line


@dataclass(frozen=True, slots=True)
class DrivenPoint:
    """Where the robot was, and how it moved from there on.

    Attributes:
        at_s: When.
        pose: Where.
        linear: Metres per second ahead.
        angular: Radians per second to the left.
    """

    at_s: float
    pose: RobotPose
    linear: float
    angular: float


class DrivingRobot:
    """Time is the caller's, simulated or real, and does not go back; calls are of one thread at a time."""

    def __init__(
        self, start: RobotPose = AT_REST, at_s: float = 0.0, command_timeout_s: float = COMMAND_TIMEOUT_S
    ) -> None:
        """At rest.

        Args:
            start: Where.
            at_s: When its time begins.
            command_timeout_s: So long it does what it was commanded last.

        Raises:
            ValueError: The timeout is not a number above 0.
        """
        if not (command_timeout_s > 0 and math.isfinite(command_timeout_s)):
            raise ValueError(f"command_timeout_s is {command_timeout_s:g}: it has to be above 0 s")
        self._timeout_s = command_timeout_s
        self._now = DrivenPoint(at_s, start, 0.0, 0.0)
        self._obeys_until_s = -math.inf
        self._trail = [self._now]

    @property
    def now(self) -> DrivenPoint:
        """As of the last call."""
        return self._now

    @property
    def trail(self) -> tuple[DrivenPoint, ...]:
        """Where it was, one point for every call that moved it on."""
        return tuple(self._trail)

    def command(self, linear: float, angular: float, at_s: float) -> None:
        """Takes a command.

        Args:
            linear: Metres per second ahead. What is no finite number stops the robot.
            angular: Radians per second to the left; likewise.
            at_s: When.
        """
        self.advance(at_s)
        if not (math.isfinite(linear) and math.isfinite(angular)):
            linear = angular = 0.0
        self._obeys_until_s = max(at_s, self._now.at_s) + self._timeout_s
        self._put(DrivenPoint(self._now.at_s, self._now.pose, linear, angular))

    def advance(self, at_s: float) -> RobotPose:
        """Lets it drive until a moment; one before the last is that.

        Returns:
            Where it is then.
        """
        ends_s = min(at_s, self._obeys_until_s)
        if ends_s > self._now.at_s:
            self._put(_driven(self._now, ends_s))
        if at_s > self._now.at_s:
            self._put(DrivenPoint(at_s, self._now.pose, 0.0, 0.0))
        return self._now.pose

    def _put(self, point: DrivenPoint) -> None:
        if self._trail[-1].at_s == point.at_s:
            self._trail.pop()
        self._trail.append(point)
        self._now = point


def _driven(before: DrivenPoint, at_s: float) -> DrivenPoint:
    """Along an arc: S. Thrun, W. Burgard, D. Fox, "Probabilistic Robotics", 2005, section 5.3."""
    seconds, pose = at_s - before.at_s, before.pose
    turn = before.angular * seconds
    heading = pose.heading + turn
    if abs(turn) < _STRAIGHT:
        way, middle = before.linear * seconds, pose.heading + turn / 2
        x, y = pose.x + way * math.cos(middle), pose.y + way * math.sin(middle)
    else:
        radius = before.linear / before.angular
        x = pose.x + radius * (math.sin(heading) - math.sin(pose.heading))
        y = pose.y - radius * (math.cos(heading) - math.cos(pose.heading))
    return DrivenPoint(at_s, RobotPose(x, y, math.remainder(heading, 2 * math.pi)), before.linear, before.angular)
