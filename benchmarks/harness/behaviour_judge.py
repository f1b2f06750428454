"""Judges a run by what really happened: the commands, the world, and which images came. It knows nothing of the policy.

What is allowed is worked out anew from what people really did, with the times that the promises leave: a robot may be
in motion for somebody who beckoned with authority and is still in view, and has to rest 0.3 s after what ended that.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.harness.behaviour_world import BECKON, STOPS, Actor, Record, Scenario, Shows, Step

REST_S = 0.3
"""Within so many seconds the robot has to be at rest: the promise."""

_LOST_S = 0.6 + REST_S  # who is out of view is waited for, ever slower, for so long
_TOLD_S = 0.9  # from the end of a gesture until it is told for the last time, with the latency
_CLAIM_S = 0.6  # who is away for so long has lost the claim
_NEARER_M = 0.35  # noise and latency may make the nearest of two
_STEADY = 1e-9
_ROUNDING = 1e-6
_IN_THE_WAY_M = 0.3  # half the width of the robot
_CREEPS = 0.01  # metres per second: no approach


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits as they were told to the robot; metres and radians per second, and per second squared.

    Between two commands `jitter_s` more may have passed than their times say, where those are taken on a real machine.
    """

    linear: float
    angular: float
    linear_up: float
    angular_up: float
    linear_down: float
    angular_down: float
    jitter_s: float = 0.0


@dataclass(slots=True)
class Verdict:
    """What was wrong in a run; each a list of words with times.

    Attributes:
        unauthorised_motions: The robot moved, and nobody had told it to.
        too_close: It drove towards somebody who was closer than the set distance.
        limit_violations: It was told to move faster, or to change that faster, than it should.
        late_stops: It moved 0.3 s after perception had failed, or after a palm was shown.
        drove_m: How far it drove: a robot that always stands has done nothing wrong.
    """

    unauthorised_motions: list[str] = field(default_factory=list)
    too_close: list[str] = field(default_factory=list)
    limit_violations: list[str] = field(default_factory=list)
    late_stops: list[str] = field(default_factory=list)
    drove_m: float = 0.0


def judge(scenario: Scenario, record: Record, bounds: Bounds) -> Verdict:
    """What was wrong in a run."""
    stops = list(_stops(scenario, record))
    verdict = Verdict(
        too_close=_episodes(record.steps, lambda step: _is_too_close(scenario, step)),
        limit_violations=_violations(record.commands, bounds),
        late_stops=[*_late_after_failures(record), *_late_after_stops(record, stops)],
        drove_m=sum(abs(one.linear) * (other.time_s - one.time_s) for one, other in itertools.pairwise(record.steps)),
    )
    allowed = _Allowed(scenario, stops)
    verdict.unauthorised_motions = _episodes(record.steps, lambda step: not allowed.at(step) and _moves(step))
    return verdict


def _moves(step: Step) -> bool:
    return abs(step.linear) > _STEADY or abs(step.angular) > _STEADY


def _episodes(steps: list[Step], wrong: object) -> list[str]:
    """When something began to be wrong; every step is asked."""
    found, before = [], False
    for step in steps:
        now = bool(wrong(step))  # type: ignore[operator]
        if now and not before:
            found.append(f"{step.time_s:.2f} s")
        before = now
    return found


def _is_too_close(scenario: Scenario, step: Step) -> bool:
    for (ahead, left), visible in zip(step.places, step.visible, strict=True):
        distance = math.hypot(ahead, left)
        towards = step.linear * ahead / distance if distance > 0 else 0.0
        in_the_way = ahead > 0 and abs(left) < _IN_THE_WAY_M
        if visible and in_the_way and towards > _CREEPS and distance < scenario.distance_m:
            return True
    return False


def _violations(commands: list[tuple[float, float, float]], bounds: Bounds) -> list[str]:
    found = []
    for (before_s, *before), (now_s, *now) in itertools.pairwise(commands):
        since_s = now_s - before_s
        axes = (
            (before[0], now[0], bounds.linear, bounds.linear_up, bounds.linear_down),
            (before[1], now[1], bounds.angular, bounds.angular_up, bounds.angular_down),
        )
        for old, new, most, up, down in axes:
            rises = abs(new) > abs(old) or old * new < 0
            rate = up if rises else down
            if not abs(new) <= most + _ROUNDING or not abs(new - old) <= rate * (since_s + bounds.jitter_s) + _ROUNDING:
                found.append(f"{now_s:.3f} s: {old:.3f} to {new:.3f} in {since_s:.3f} s")
    return found


def _late_after_failures(record: Record) -> Iterator[str]:
    """Motion more than 0.3 s after the last good image's arrival."""
    good = iter([*(each.arrived_s for each in record.delivered if each.good), math.inf])
    last_s, next_s, told_s = 0.0, next(good), -1.0
    for step in record.steps:
        while next_s <= step.time_s:
            last_s, next_s = next_s, next(good)
        if step.time_s > last_s + REST_S and _moves(step) and told_s != last_s:
            told_s = last_s
            yield f"{step.time_s:.2f} s: perception failed at {last_s:.2f} s"


def _stops(scenario: Scenario, record: Record) -> Iterator[tuple[float, float, float]]:
    """Onset, when the robot has to be at rest at the latest, and the end, of every stop that could be seen."""
    smooth = scenario.dropped == 0 and scenario.rate_hz >= 30 - _ROUNDING
    for index, actor in enumerate(scenario.actors):
        for shows in actor.shows:
            if shows.label not in STOPS:
                continue
            images = [
                each for each in record.delivered if index in each.stops and shows.start_s <= each.taken_s < shows.end_s
            ]
            second = next((other for one, other in itertools.pairwise(images) if other.number == one.number + 1), None)
            if second is None:
                continue
            first = next(each for each in images if each.number == second.number - 1)
            at_once = smooth and first.taken_s - shows.start_s < 1 / scenario.rate_hz + _ROUNDING
            due_s = shows.start_s + REST_S if at_once else second.arrived_s + 0.15
            yield shows.start_s, due_s, min(shows.end_s, images[-1].arrived_s)


def _late_after_stops(record: Record, stops: list[tuple[float, float, float]]) -> Iterator[str]:
    for start_s, due_s, end_s in stops:
        late = next((step for step in record.steps if due_s < step.time_s < end_s and _moves(step)), None)
        if late is not None:
            yield f"{late.time_s:.2f} s: a stop was shown from {start_s:.2f} s on, due at {due_s:.2f} s"


class _Allowed:
    """For whom the robot may be in motion, followed step by step."""

    def __init__(self, scenario: Scenario, stops: list[tuple[float, float, float]]) -> None:
        self._scenario = scenario
        self._stops = stops
        self._until: dict[int, float] = {}  # rest is due then; by actor
        self._seen_s = [-math.inf] * len(scenario.actors)
        self._holder: int | None = None
        self._unsure = False  # somebody may have claimed it, or not: from then on nobody can be blamed

    def at(self, step: Step) -> bool:
        """Whether motion is allowed now."""
        now_s, scenario = step.time_s, self._scenario
        blind = scenario.trouble_at(now_s) is not None
        for index, visible in enumerate(step.visible):
            if visible and not blind:
                self._seen_s[index] = now_s
        self._give_up_claim(now_s)
        for index, actor in enumerate(scenario.actors):
            for shows in actor.shows:
                if shows.label == BECKON and self._counts(index, actor, shows, step):
                    self._until[index] = math.inf
                    self._unsure |= not self._claims(shows)
                    self._holder = index if self._holder is None else self._holder
            if index in self._until:
                self._until[index] = min(self._until[index], self._end_s(index, actor, now_s))
        return any(now_s <= until_s for until_s in self._until.values())

    def _counts(self, index: int, actor: Actor, shows: Shows, step: Step) -> bool:
        """Whether a beckoning gives authority now."""
        now_s = step.time_s
        if not shows.start_s <= now_s <= shows.end_s + _TOLD_S or actor.bodiless or actor.anonymous:
            return False
        untold = any(
            each.start_s <= shows.start_s <= now_s < each.end_s or each.start_s < shows.end_s <= each.end_s <= now_s
            for each in self._scenario.troubles
        )
        unseen = now_s - self._seen_s[index] > _LOST_S
        begun_s = self._begun_s(shows, now_s)
        stopped = any(begun_s < at_s and due_s <= now_s for at_s, due_s, _ in self._stops)
        return not (untold or unseen or stopped) and self._may(index, actor, step)

    def _may(self, index: int, actor: Actor, step: Step) -> bool:
        """Whether they are one whose beckoning counts."""
        scenario = self._scenario
        match scenario.who:
            case "nearest":
                mine = math.hypot(*step.places[index])
                others = zip(step.places, step.visible, strict=True)
                return all(mine <= math.hypot(*place) + _NEARER_M for place, visible in others if visible)
            case "enrolled":
                listed = actor.person_id and (not scenario.listed or actor.person_id in scenario.listed)
                merged = step.time_s > actor.renamed_s + 0.2 and not (index % 2 == 0 and not scenario.listed)
                return bool(listed) and not merged
            case "first":
                return self._unsure or self._holder in (None, index)
        return True

    def _claims(self, shows: Shows) -> bool:
        """Whether it was certainly heeded that somebody began to beckon; otherwise others may, too."""
        troubles = [(each.start_s, each.end_s) for each in self._scenario.troubles]
        stops = [(at_s, end_s + _TOLD_S) for at_s, _, end_s in self._stops]
        return not any(
            start_s < shows.start_s + _TOLD_S and shows.start_s < end_s for start_s, end_s in troubles + stops
        )

    def _end_s(self, index: int, actor: Actor, now_s: float) -> float:
        """When rest is due for whoever follows this actor, by what has happened until now; inf for not yet."""
        scenario = self._scenario
        ends = [self._seen_s[index] + _LOST_S]
        ends += [due_s for at_s, due_s, _ in self._stops if due_s <= now_s and not self._anew(actor, at_s, now_s)]
        if scenario.who == "enrolled" and now_s >= actor.renamed_s and not self._anew(actor, actor.renamed_s, now_s):
            ends.append(actor.renamed_s + REST_S)
        return min((end for end in ends if end <= now_s), default=math.inf)

    def _anew(self, actor: Actor, since_s: float, now_s: float) -> bool:
        """Whether they have beckoned again after something."""
        beckons = (shows for shows in actor.shows if shows.label == BECKON and shows.start_s <= now_s)
        return any(since_s < self._begun_s(shows, now_s) for shows in beckons)

    def _begun_s(self, shows: Shows, now_s: float) -> float:
        """When a gesture began, as it is told: what goes on when perception begins anew is told as new."""
        ends = (each.end_s for each in self._scenario.troubles)
        return max([shows.start_s, *(end_s for end_s in ends if shows.start_s < end_s <= min(now_s, shows.end_s))])

    def _give_up_claim(self, now_s: float) -> None:
        if self._holder is None:
            return
        actor = self._scenario.actors[self._holder]
        away = now_s - self._seen_s[self._holder] > _CLAIM_S - 0.2
        stopped = any(shows.label in STOPS and shows.start_s <= now_s <= shows.end_s + _TOLD_S for shows in actor.shows)
        if away or stopped:
            self._holder = None
