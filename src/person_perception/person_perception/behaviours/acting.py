"""Gesture actions: does what a table says, once for each gesture, or for as long as one is shown."""

from __future__ import annotations

from dataclasses import dataclass, field

from person_perception.behaviours.action_table import Action, ActionTable, Call, Drive, Publish
from person_perception.behaviours.authority import Authority, Who
from person_perception.behaviours.freshness import FreshnessRules
from person_perception.behaviours.limits import Limiter
from person_perception.behaviours.running_gestures import RunningGestures
from person_perception.behaviours.sight import Command, GestureSeen, PersonSeen, Sight
from person_perception.behaviours.stop_gestures import StopGestures

_UNSHOWN_S = 0.12  # a hand that is not read in so many seconds of images has let go: three images at 30 Hz


@dataclass(frozen=True, slots=True)
class Acts:
    """What is to be done at a moment.

    Attributes:
        due: Once, now.
        command: Where the robot is to drive.
    """

    due: tuple[Publish | Call, ...]
    command: Command


@dataclass(slots=True)
class _Row:
    action: Action
    authority: Authority
    gestures: RunningGestures = field(default_factory=RunningGestures)


@dataclass(slots=True)
class _Driving:
    """A gesture that drives.

    Attributes:
        row: Of the table.
        does: What it says.
        event: That began it.
        granted: Who made it.
        shown_s: When it was last seen to be shown.
    """

    row: _Row
    does: Drive
    event: GestureSeen
    granted: PersonSeen
    shown_s: float


class GestureActions:
    """The policy."""

    def __init__(self, table: ActionTable, freshness: FreshnessRules) -> None:
        """Nothing is being done.

        Args:
            table: What is to be done.
            freshness: How old what is seen may be.
        """
        claims: dict[Who, Authority] = {}
        self._rows = []
        for action in table.actions:
            authority = Authority(action.authority)
            if action.authority.who is Who.FIRST:
                authority = claims.setdefault(Who.FIRST, authority)  # who claims one action has claimed the robot
            self._rows.append(_Row(action, authority))
        self._freshness = freshness
        self._limiter = Limiter(table.limits)
        self._stops = StopGestures()
        self._driving: _Driving | None = None
        self._state = "waits for gestures"

    def __call__(self, now_s: float, sight: Sight) -> Acts:
        """What is to be done at a moment.

        Args:
            now_s: By a steady clock.
            sight: What is known, with all that has happened since the last call.
        """
        stop = self._stops(now_s, sight)
        due: list[Publish | Call] = []
        if not sight.trouble:
            for row in self._rows:
                row.authority.see(now_s, sight.people)
        for row in self._rows:
            able = row.gestures.take(sight)
            if stop and isinstance(row.action.does, Drive):
                row.gestures.spend_all()
            elif not sight.trouble:
                due += self._acts_of(now_s, sight, row, able)
        why = self._why_end(now_s, sight, stop)
        if why:
            self._driving, self._state = None, why
        return Acts(tuple(due), self._command(now_s, sight))

    def _acts_of(self, now_s: float, sight: Sight, row: _Row, able: list[GestureSeen]) -> list[Publish | Call]:
        due: list[Publish | Call] = []
        for event in able:
            if event.label != row.action.gesture or event.held_s < row.action.hold_s:
                continue
            author = row.authority.granted(event, sight.people)
            does = row.action.does
            if author is None or (isinstance(does, Drive) and self._driving is not None):
                continue
            row.gestures.spend(event.event_id)
            row.authority.claim(author, now_s)
            if isinstance(does, Drive):
                self._driving = _Driving(row, does, event, author, now_s)
                self._state = f"drives for {event.label} of person {author.track_id}"
            else:
                due.append(does)
        return due

    def _why_end(self, now_s: float, sight: Sight, stop: str) -> str:
        """Why what drives has to end; empty where it goes on, or nothing does."""
        driving = self._driving
        if driving is None:
            return ""
        person = sight.person(driving.granted.track_id)
        hand_id, label = driving.event.hand_id, driving.event.label
        if any(hand.track_id == hand_id and hand.shows(label) for image in sight.images for hand in image):
            driving.shown_s = now_s
        reasons = {
            f"stopped by {stop}": bool(stop),
            "stopped: stamps jumped back": sight.jumped,
            f"stopped: {sight.trouble}": bool(sight.trouble),
            f"stopped: {label} is over": not driving.row.gestures.goes_on(driving.event.event_id)
            or now_s - driving.shown_s > _UNSHOWN_S,
            "stopped: the person is lost": person is None,
            "stopped: the person is no longer known": person is not None
            and not driving.row.authority.keeps(driving.granted, person),
        }
        return next((why for why, holds in reasons.items() if holds), "")

    def _command(self, now_s: float, sight: Sight) -> Command:
        limits = self._limiter.limits
        linear, angular, hard = 0.0, 0.0, True
        if self._driving is not None:
            does, hard = self._driving.does, False
            most_linear = self._freshness.speed_at_age(sight.age_s, limits.linear_stop)
            most_angular = self._freshness.speed_at_age(sight.age_s, limits.angular_stop)
            hard = abs(self._limiter.linear) > most_linear or abs(self._limiter.angular) > most_angular
            linear = min(max(does.linear, -most_linear), most_linear)
            angular = min(max(does.angular, -most_angular), most_angular)
        linear, angular = self._limiter(now_s, linear, angular, hard=hard)
        moving = linear != 0 or angular != 0
        state = sight.trouble or self._state
        return Command(linear, angular, active=self._driving is not None or moving, state=state)
