"""Stop on palm: lets another node's velocity commands through until somebody shows the robot a palm.

The stop is latched. What drives the robot, a navigation stack or a joystick, knows nothing of the palm and commands on;
if the stop ended with the gesture, the robot would drive on at the moment in which the hand goes down, or is lost from
view. So it takes a second decision of a person to go on: a thumb up of somebody who may, or a call of the service. A
time after which it goes on by itself can be set, and is not by default. What is let through then comes back slowly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from person_perception.behaviours.authority import Authority, AuthorityRule
from person_perception.behaviours.freshness import FreshnessRules
from person_perception.behaviours.running_gestures import RunningGestures
from person_perception.behaviours.sight import GestureSeen, Sight
from person_perception.behaviours.stop_gestures import PALM, StopGestures, StopRules


@dataclass(frozen=True, slots=True)
class GateRules:
    """When the gate closes and opens.

    Attributes:
        stops: What closes it.
        release: The gesture that opens it.
        hold_s: So long that has to be shown.
        release_after_s: It opens by itself so long after the stop was last shown; 0 for never.
        resume_s: So long it takes from nothing to all of what is let through.
    """

    stops: StopRules = field(default_factory=lambda: StopRules(poses=(PALM,)))
    release: str = "Thumb_Up"
    hold_s: float = 0.5
    release_after_s: float = 0.0
    resume_s: float = 1.0


@dataclass(frozen=True, slots=True)
class GateState:
    """How far the gate is open.

    Attributes:
        share: Of the command that is let through, 0 to 1; 0 is a stop.
        latched: Somebody has stopped the robot, and nobody has released it.
        state: What it does and why, in words.
    """

    share: float
    latched: bool
    state: str

    @property
    def locked(self) -> bool:
        """Whether nothing is let through."""
        return self.share == 0


class PalmGate:
    """The policy."""

    def __init__(self, rules: GateRules, authority: AuthorityRule, freshness: FreshnessRules) -> None:
        """Closed until something is seen.

        Args:
            rules: When it closes and opens.
            authority: Who may open it; anybody may close it.
            freshness: How old what is seen may be.
        """
        self._rules, self._freshness = rules, freshness
        self._authority = Authority(authority)
        self._stops = StopGestures(rules.stops)
        self._gestures = RunningGestures()
        self._stopped_s = -math.inf
        self._latched = ""
        self._share, self._at_s = 0.0, math.nan

    def __call__(self, now_s: float, sight: Sight) -> GateState:
        """How far it is open at a moment.

        Args:
            now_s: By a steady clock.
            sight: What is known, with all that has happened since the last call.
        """
        able = self._gestures.take(sight)
        stop = self._stops(now_s, sight)
        if stop:
            self._latched, self._stopped_s = stop, now_s
            self._gestures.spend_all()
        elif not sight.trouble:
            self._authority.see(now_s, sight.people)
            if self._latched and self._opens(now_s, sight, able):
                self._latched = ""
        self._open(now_s, sight)
        return GateState(self._share, bool(self._latched), sight.trouble or self._words())

    def release(self) -> bool:
        """Somebody calls for it to open; tells whether it was latched. A palm that is still shown closes it again."""
        was, self._latched = bool(self._latched), ""
        return was

    def latch(self, why: str) -> None:
        """Closes it as a palm would.

        Args:
            why: In words.
        """
        self._latched = why

    def _opens(self, now_s: float, sight: Sight, able: list[GestureSeen]) -> bool:
        """Whether somebody who may says so, or the time has come."""
        for event in able:
            if event.label == self._rules.release and event.held_s >= self._rules.hold_s:
                author = self._authority.granted(event, sight.people)
                if author is not None:
                    self._gestures.spend(event.event_id)
                    return True
        after_s = self._rules.release_after_s
        return after_s > 0 and now_s - self._stopped_s >= after_s

    def _open(self, now_s: float, sight: Sight) -> None:
        """A stop is at once, the way back is slow."""
        since_s, self._at_s = now_s - self._at_s, now_s
        if self._latched or sight.trouble or sight.jumped or self._freshness.is_last_moment(sight.age_s):
            self._share = 0.0
        elif since_s > 0:
            self._share = min(1.0, self._share + min(since_s, self._freshness.period_s) / self._rules.resume_s)

    def _words(self) -> str:
        if self._latched:
            return f"stopped by {self._latched}; waits for {self._rules.release}"
        return "lets commands through" if self._share == 1 else "resumes"
