"""Follow a person: who beckons is followed, at a distance, until anybody stops the robot or the person is lost."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from person_perception.behaviours.approaching import ClosingSpeed, approach_speed
from person_perception.behaviours.authority import Authority, AuthorityRule
from person_perception.behaviours.freshness import FreshnessRules
from person_perception.behaviours.limits import Limiter, Limits
from person_perception.behaviours.running_gestures import RunningGestures
from person_perception.behaviours.sight import Command, GestureSeen, PersonSeen, Place, Sight
from person_perception.behaviours.stop_gestures import BECKON, StopGestures, StopRules

_TURN_GAIN = 2.0  # radians per second for every radian off
_FACES_RAD = math.radians(4)  # so far off, a robot at rest does not begin to turn
_CREEPS = 0.02  # metres per second: where there is room for less, the robot stands
_DRIVES_WITHIN_RAD = math.radians(50)  # further off, it turns before it drives
_BACKS_GAIN = 1.0  # per second: metres per second for every metre that somebody is too close
_BACKS_FROM_M = 0.1  # closer than the distance by this, it backs away
_CORRIDOR_M = 0.7  # half its width: who stands there is in the way of a robot 0.6 m wide, or may have stepped into it
_LEAP_M, _FASTEST, _SIGMAS = 0.5, 2.5, 3.0  # metres, metres per second: further away, it is somebody else


@dataclass(frozen=True, slots=True)
class FollowRules:
    """How somebody is followed.

    Attributes:
        distance_m: Is kept to who is followed, and to whoever stands in the way.
        start: The gesture that begins it.
        hold_s: So long it has to be shown; the events have a delay of their own, which is the least.
        lost_after_s: So long who is not seen is waited for, ever slower; then they are lost.
        back_away: Whether the robot drives backwards, where nobody looks, from somebody who comes too close.
        back_speed: How fast, metres per second.
        stops: What ends it.
    """

    distance_m: float = 1.2
    start: str = BECKON
    hold_s: float = 0.0
    lost_after_s: float = 0.6
    back_away: bool = False
    back_speed: float = 0.15
    stops: StopRules = field(default_factory=StopRules)


@dataclass(slots=True)
class _Target:
    """Who is followed.

    Attributes:
        granted: As they were when they beckoned.
        place: Where they were last measured.
        at_s: When that image was taken, or when they beckoned.
    """

    granted: PersonSeen
    place: Place | None = None
    at_s: float = -math.inf


@dataclass(slots=True)
class _Other:
    """Somebody in view.

    Attributes:
        place: Where they were last measured.
        at_s: When that image was taken.
        closing: How fast they come.
    """

    place: Place
    at_s: float
    closing: ClosingSpeed = field(default_factory=ClosingSpeed)


class FollowPerson:
    """The policy."""

    def __init__(self, rules: FollowRules, authority: AuthorityRule, limits: Limits, freshness: FreshnessRules) -> None:
        """Follows nobody.

        Args:
            rules: How somebody is followed.
            authority: Whom.
            limits: Of the commands.
            freshness: How old what is seen may be.
        """
        self._rules, self._freshness = rules, freshness
        self._authority = Authority(authority)
        self._limiter = Limiter(limits)
        self._stops = StopGestures(rules.stops)
        self._gestures = RunningGestures()
        self._target: _Target | None = None
        self._others: dict[int, _Other] = {}
        self._state = f"waits for {rules.start}"

    def __call__(self, now_s: float, sight: Sight) -> Command:
        """The command at a moment.

        Args:
            now_s: By a steady clock.
            sight: What is known, with all that has happened since the last call.
        """
        self._decide(now_s, sight)
        if not sight.trouble:
            self._look_about(sight)
        if self._target is not None and not sight.trouble:
            self._watch(sight, self._target)
        linear, angular, hard = 0.0, 0.0, True
        if self._target is not None:
            linear, angular, hard = self._wanted(now_s, sight, self._target)
        linear, angular, slowed = self._within_age(sight.age_s, linear, angular)
        linear, angular = self._limiter(now_s, linear, angular, hard=hard or slowed)
        moving = linear != 0 or angular != 0
        return Command(linear, angular, active=self._target is not None or moving, state=sight.trouble or self._state)

    def _decide(self, now_s: float, sight: Sight) -> None:
        """Begins and ends to follow."""
        able = self._gestures.take(sight)
        stop = self._stops(now_s, sight)
        if sight.jumped:
            self._end("stopped: stamps jumped back")
        if stop:
            self._stop(stop, sight)
        if self._target is not None and now_s - self._target.at_s > self._rules.lost_after_s:
            self._end(f"stopped: person {self._target.granted.track_id} is lost")
        if sight.trouble:
            return
        self._authority.see(now_s, sight.people)
        if not stop:
            for event in able:
                self._begin(now_s, sight, event)

    def _begin(self, now_s: float, sight: Sight, event: GestureSeen) -> None:
        if event.label != self._rules.start or event.held_s < self._rules.hold_s:
            return
        author = self._authority.granted(event, sight.people)
        if author is None:
            return
        self._gestures.spend(event.event_id)
        self._authority.claim(author, now_s)
        if self._target is None or self._target.granted.track_id != author.track_id:
            self._target = _Target(author, at_s=now_s)

    def _stop(self, stop: str, sight: Sight) -> None:
        self._gestures.spend_all()
        for event in sight.events:
            if event.label == stop:
                # Who stops the robot that they called gives up their claim; others stop it, and cannot take it over.
                self._authority.release(event.author_id)
        self._end(f"stopped by {stop}")

    def _end(self, why: str) -> None:
        if self._target is not None:
            self._target, self._state = None, f"{why}; waits for {self._rules.start}"

    def _watch(self, sight: Sight, target: _Target) -> None:
        """Looks where the target is, and whether it may still be followed."""
        person = sight.person(target.granted.track_id)
        name = f"person {target.granted.track_id}"
        if person is not None and not self._authority.keeps(target.granted, person):
            self._end(f"stopped: {name} is no longer known as who beckoned")
        elif person is None or not person.measured:
            self._state = f"{name} is not seen"
        elif person.place is None:
            self._state = f"stands still: the place of {name} is not known"
        elif not self._is_near(person.place, sight.people_at_s, target):
            self._end(f"stopped: {name} is suddenly elsewhere, and may be another")
        elif target.place is None or sight.people_at_s > target.at_s:
            target.place, target.at_s = person.place, sight.people_at_s
            self._state = f"follows {name}"

    def _is_near(self, place: Place, at_s: float, target: _Target) -> bool:
        """Whether a place can be reached from where the target was: a perception that restarts gives ids anew."""
        if target.place is None:
            return True
        since_s = max(0.0, at_s - target.at_s)
        last = target.place.after(self._limiter.linear, self._limiter.angular, since_s)
        away_m = math.hypot(place.ahead_m - last.ahead_m, place.left_m - last.left_m)
        return away_m <= _LEAP_M + _FASTEST * since_s + _SIGMAS * math.hypot(place.sigma_m, last.sigma_m)

    def _wanted(self, now_s: float, sight: Sight, target: _Target) -> tuple[float, float, bool]:
        """Speeds, and whether they are to be reached by braking as hard as for a stop."""
        blind = any(person.place is None for person in sight.people)
        if target.place is None or blind:
            return 0.0, 0.0, True
        age_s = now_s - target.at_s
        here = target.place.after(self._limiter.linear, self._limiter.angular, age_s)
        unseen_s = sight.people_at_s - target.at_s
        share = min(1.0, max(0.0, 1.0 - unseen_s / self._rules.lost_after_s))
        angular = share * self._turn(here.bearing_rad)
        known = self._others.get(target.granted.track_id)
        closing = known.closing.metres_per_second if known is not None else 0.0
        room = min(
            self._room(here, closing, age_s),
            self._room_before_others(now_s, target),
        )
        if room < _CREEPS:
            return self._back_away(here, unseen_s), angular, True
        if abs(here.bearing_rad) > _DRIVES_WITHIN_RAD:
            return 0.0, angular, False
        linear = min(room, share * self._limiter.limits.linear * math.cos(here.bearing_rad))
        return linear, angular, room < self._limiter.linear

    def _turn(self, bearing_rad: float) -> float:
        least = _FACES_RAD if self._limiter.angular == 0 else _FACES_RAD / 4
        return 0.0 if self._limiter.linear == 0 and abs(bearing_rad) < least else _TURN_GAIN * bearing_rad

    def _room(self, here: Place, closing: float, age_s: float) -> float:
        deceleration = self._limiter.limits.linear_deceleration
        return approach_speed(here, self._rules.distance_m, closing, max(0.0, age_s), deceleration)

    def _room_before_others(self, now_s: float, target: _Target) -> float:
        """The highest speed that whoever else stands in the way leaves."""
        room = math.inf
        for track_id, other in self._others.items():
            age_s = now_s - other.at_s
            place = other.place.after(self._limiter.linear, self._limiter.angular, age_s)
            in_the_way = place.ahead_m > 0 and abs(place.left_m) < _CORRIDOR_M
            if in_the_way and track_id != target.granted.track_id:
                room = min(room, self._room(place, other.closing.metres_per_second, age_s))
        return room

    def _look_about(self, sight: Sight) -> None:
        """Follows where everybody is; who has just got out of sight has not gone yet."""
        at_s = sight.people_at_s
        for person in sight.people:
            if person.place is None or not person.measured:
                continue
            other = self._others.setdefault(person.track_id, _Other(person.place, at_s))
            towards = self._limiter.linear * math.cos(person.place.bearing_rad)
            other.closing.update(at_s, person.place, towards)
            other.place, other.at_s = person.place, at_s
        keep_s = self._rules.lost_after_s
        self._others = {one: other for one, other in self._others.items() if at_s - other.at_s <= keep_s}

    def _back_away(self, here: Place, unseen_s: float) -> float:
        too_close_m = self._rules.distance_m - _BACKS_FROM_M - here.distance_m
        if not self._rules.back_away or too_close_m <= 0 or unseen_s > 0:
            return 0.0
        return -min(self._rules.back_speed, _BACKS_GAIN * too_close_m)

    def _within_age(self, age_s: float, linear: float, angular: float) -> tuple[float, float, bool]:
        """The speeds that the age of what is seen leaves, and whether they are less than the present ones."""
        limits = self._limiter.limits
        most_linear = self._freshness.speed_at_age(age_s, limits.linear_stop)
        most_angular = self._freshness.speed_at_age(age_s, limits.angular_stop)
        slowed = abs(self._limiter.linear) > most_linear or abs(self._limiter.angular) > most_angular
        bounded = min(max(angular, -most_angular), most_angular)
        return min(max(linear, -most_linear), most_linear), bounded, slowed
