"""A made-up world for behaviours: people who walk, beckon, and stop a robot that drives.

Everything is drawn at random from a seed, and nothing of a behaviour's is used. Every other run has a theme, so that
what matters comes often: somebody else stops the robot while one beckons, a followed person leaves, or is renamed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

BECKON, PALM, FIST, NOTHING = "Beckon", "Open_Palm", "Closed_Fist", "None"
STOPS = (PALM, FIST)
VIEW_RAD = math.radians(34.5)  # half of the horizontal field of view of a D435's colour camera
_FARTHEST_M = 8.0
_NEAREST_M = 0.3
_GATHERS_S = 0.6
SECONDS = 14.0
_THEMES = ("", "stopped by another", "", "renamed", "", "leaves", "", "calls")
Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Shows:
    """A gesture from one time to another, seconds."""

    start_s: float
    end_s: float
    label: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody in the world.

    Attributes:
        path: Times and places, metres in the world; straight in between, and nobody starts or stops at once.
        shows: What the hand does.
        person_id: In the gallery; empty for a stranger.
        renamed_s: When the gallery merges this person with another, or forgets them; inf for never.
        hidden: From when to when nobody can see them.
        bodiless: Only a hand: perception sees no person, and gestures have no author.
        anonymous: Perception never finds out whose the gestures are.
    """

    path: tuple[tuple[float, float, float], ...]
    shows: tuple[Shows, ...] = ()
    person_id: str = ""
    renamed_s: float = math.inf
    hidden: tuple[tuple[float, float], ...] = ()
    bodiless: bool = False
    anonymous: bool = False

    def at(self, time_s: float) -> tuple[float, float]:
        """Where they are."""
        begun_s, x, y = self.path[0]
        for reached_s, to_x, to_y in self.path[1:]:
            if time_s < reached_s:
                share = _eased(max(0.0, time_s - begun_s), reached_s - begun_s)
                return x + share * (to_x - x), y + share * (to_y - y)
            begun_s, x, y = reached_s, to_x, to_y
        return x, y

    def showing(self, time_s: float) -> str:
        """What the hand shows."""
        return next((each.label for each in self.shows if each.start_s <= time_s < each.end_s), NOTHING)

    def is_hidden(self, time_s: float) -> bool:
        """Whether nobody can see them."""
        return any(start <= time_s < end for start, end in self.hidden)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Perception fails from one time to another.

    Attributes:
        start_s: From.
        end_s: To.
        stamps_off_s: What is added to the stamps; None where nothing is published, and all ids begin anew then.
    """

    start_s: float
    end_s: float
    stamps_off_s: float | None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run.

    Attributes:
        seed: Of everything.
        seconds: How long.
        actors: Everybody.
        who: Whose authority counts: anyone, nearest, enrolled or first.
        listed: Ids that count with enrolled.
        troubles: Of perception.
        rate_hz: Of the images.
        latency_s: From an image to the message of its hands.
        dropped: Share of images that never come.
        sigma: Of measured places, metres at 1 m; grows with the square of the distance.
        distance_m: The distance that the robot has to keep.
    """

    seed: int
    seconds: float
    actors: tuple[Actor, ...]
    who: str
    listed: frozenset[str] = frozenset()
    troubles: tuple[Trouble, ...] = ()
    rate_hz: float = 30.0
    latency_s: float = 0.03
    dropped: float = 0.0
    sigma: float = 0.004
    distance_m: float = 1.2

    def trouble_at(self, time_s: float) -> Trouble | None:
        """What is wrong with perception."""
        return next((each for each in self.troubles if each.start_s <= time_s < each.end_s), None)


@dataclass(slots=True)
class RobotPose:
    """Where the robot really is; it does at once what it is told."""

    x: float = 0.0
    y: float = 0.0
    heading: float = 0.0

    def drive(self, linear: float, angular: float, seconds: float) -> None:
        """Moves along an arc."""
        middle = self.heading + 0.5 * angular * seconds
        self.x += linear * math.cos(middle) * seconds
        self.y += linear * math.sin(middle) * seconds
        self.heading += angular * seconds

    def sees(self, place: tuple[float, float]) -> tuple[float, float]:
        """Metres ahead and to the left."""
        x, y = place[0] - self.x, place[1] - self.y
        cosine, sine = math.cos(self.heading), math.sin(self.heading)
        return cosine * x + sine * y, cosine * y - sine * x


def _eased(time_s: float, whole_s: float) -> float:
    """Share of a way that is done: gathers speed, and loses it, in 0.6 s: 1.3 m/s in steps of 2.2 m/s^2."""
    ramp_s = min(_GATHERS_S, whole_s / 2)
    top = 1 / (whole_s - ramp_s)
    if time_s < ramp_s:
        return 0.5 * top / ramp_s * time_s**2
    left_s = whole_s - time_s
    return 1 - 0.5 * top / ramp_s * left_s**2 if left_s < ramp_s else top * (time_s - ramp_s / 2)


def in_view(ahead_m: float, left_m: float) -> bool:
    """Whether a camera that looks ahead sees somebody."""
    near = _NEAREST_M < math.hypot(ahead_m, left_m) < _FARTHEST_M
    return near and ahead_m > 0 and abs(math.atan2(left_m, ahead_m)) < VIEW_RAD


def scenario(seed: int) -> Scenario:
    """A run that is drawn at random."""
    random = np.random.default_rng(seed)
    who = ("anyone", "nearest", "enrolled", "first")[seed % 4]
    theme = _THEMES[seed // 4 % len(_THEMES)]
    calls_s = float(random.uniform(1.0, 2.0)) if theme else math.inf
    actors = [_person(random, side=-1, person_id="ann" if theme or random.random() < 0.7 else "", calls_s=calls_s)]
    if random.random() < 0.7:
        actors.append(_person(random, side=1, person_id="bob" if random.random() < 0.6 else "", calls_s=math.inf))
    if random.random() < 0.35:
        actors.append(_hand_alone(float(random.uniform(3, 11)), str(random.choice([PALM, PALM, FIST, BECKON])), random))
    if theme == "stopped by another":
        actors.append(_hand_alone(calls_s + float(random.uniform(0.5, 1.0)), str(random.choice(STOPS)), random))
    ends_s = calls_s + float(random.uniform(1.0, 3.0))
    if theme == "renamed":
        actors[0] = replace(actors[0], renamed_s=ends_s)
    if theme == "leaves":
        actors[0] = replace(actors[0], hidden=((ends_s, ends_s + float(random.choice([0.2, 0.5, 1.5, 20.0]))),))
    return Scenario(
        seed=seed,
        seconds=SECONDS,
        actors=tuple(actors),
        who=who,
        listed=frozenset({"ann"}) if random.random() < 0.6 else frozenset(),
        troubles=tuple(_troubles(random)),
        rate_hz=float(random.choice([30.0, 30.0, 30.0, 15.0, 20.0])),
        latency_s=float(random.uniform(0.01, 0.06)),
        dropped=float(random.choice([0.0, 0.0, 0.05, 0.2])),
        sigma=float(random.choice([0.004, 0.01, 0.03])),
        distance_m=float(random.uniform(0.8, 1.5)),
    )


def _hand_alone(start_s: float, label: str, random: Random) -> Actor:
    """A hand before a body that nobody sees."""
    place = (0.0, 2.0, float(random.uniform(-0.6, 0.6)))
    return Actor((place,), (Shows(start_s, start_s + 1.0, label),), bodiless=True)


def _person(random: Random, side: int, person_id: str, calls_s: float) -> Actor:
    """Somebody; who calls stands still until they have."""
    stands_s = calls_s + 1.0 if math.isfinite(calls_s) else 0.0
    first = [Shows(calls_s, calls_s + float(random.uniform(1.5, 3.5)), BECKON)] if stands_s else []
    return Actor(
        path=tuple(_walk(random, side, stands_s)),
        shows=(*first, *_gestures(random, first[0].end_s + 0.5 if first else 0.6)),
        person_id=person_id,
        renamed_s=float(random.uniform(4, 10)) if random.random() < 0.15 else math.inf,
        hidden=((start_s := float(random.uniform(4, 10)), start_s + 0.4),) if random.random() < 0.2 else (),
        anonymous=not first and bool(random.random() < 0.15),
    )


def _walk(random: Random, side: int, stands_s: float) -> list[tuple[float, float, float]]:
    """Stands, and walks to somewhere else now and then."""
    x, y = float(random.uniform(1.6, 4.5)), side * float(random.uniform(0.1, 1.1))
    path = [(0.0, x, y)]
    time_s = stands_s + float(random.uniform(1, 5))
    while time_s < SECONDS and random.random() < 0.75:
        path.append((time_s, x, y))
        speed, way = random.uniform(0.3, 1.3), random.uniform(-math.pi, math.pi)
        length = float(random.uniform(0.5, 3.0))
        x, y = x + length * math.cos(way), y + length * math.sin(way)
        time_s += length / float(speed) + _GATHERS_S
        path.append((time_s, x, y))
        time_s += float(random.uniform(0.3, 4))
    return path


def _gestures(random: Random, from_s: float) -> list[Shows]:
    shows = []
    time_s = from_s + float(random.uniform(0, 2.5))
    while time_s < SECONDS:
        label = str(random.choice([BECKON, BECKON, BECKON, PALM, FIST, "Victory"]))
        lasts_s = float(random.uniform(0.5, 2.0) if label != BECKON else random.uniform(0.3, 2.5))
        shows.append(Shows(time_s, time_s + lasts_s, label))
        time_s += lasts_s + float(random.uniform(0.5, 5))
    return shows


def _troubles(random: Random) -> list[Trouble]:
    """Deaths and restarts, and stamps that are old, of the future, or jump back."""
    troubles = []
    time_s = float(random.uniform(3, 9))
    while time_s < 13 and random.random() < 0.7:
        lasts_s = float(random.choice([0.35, 0.8, 1.5, 3.0]))
        off_s = random.choice([math.nan, math.nan, math.nan, -0.5, -2.0, 0.4, 30.0, -3600.0])
        if math.isnan(off_s):
            lasts_s = max(lasts_s, 0.8)  # no process ends and begins again faster
        troubles.append(Trouble(time_s, time_s + lasts_s, None if math.isnan(off_s) else float(off_s)))
        time_s += lasts_s + float(random.uniform(1.5, 5))
    return troubles


@dataclass(slots=True)
class Step:
    """What really was at one moment; what the judge sees.

    Attributes:
        time_s: Of the run.
        linear: What the robot was told, metres per second.
        angular: Radians per second.
        places: Of all actors, metres ahead and to the left.
        visible: Whether the camera sees them.
    """

    time_s: float
    linear: float
    angular: float
    places: tuple[tuple[float, float], ...]
    visible: tuple[bool, ...]


@dataclass(slots=True)
class Delivered:
    """An image whose messages came.

    Attributes:
        arrived_s: When its hands did.
        taken_s: When it was.
        good: Its stamp is right.
        stops: Which actors' hands showed a stop in it, in its place in the row of images.
        number: That place.
    """

    arrived_s: float
    taken_s: float
    good: bool
    stops: frozenset[int]
    number: int


@dataclass(slots=True)
class Record:
    """What happened in a run."""

    steps: list[Step] = field(default_factory=list)
    delivered: list[Delivered] = field(default_factory=list)
    commands: list[tuple[float, float, float]] = field(default_factory=list)


def places_of(actors: Sequence[Actor], pose: RobotPose, time_s: float) -> tuple[tuple[float, float], ...]:
    """Everybody, seen from the robot."""
    return tuple(pose.sees(actor.at(time_s)) for actor in actors)


WIRE_SEEDS = tuple(seed for seed in range(40) if _THEMES[seed // 4 % len(_THEMES)])
"""Twenty runs in which somebody is followed early."""


def wire_scenario(seed: int) -> Scenario:
    """A run for real time: shorter, at 30 Hz, and perception is killed while somebody is followed."""
    made = scenario(seed)
    calls_s = made.actors[0].shows[0].start_s
    kill_s = calls_s + 1.3 + 0.1 * (seed % 7)
    return replace(made, seconds=8.0, rate_hz=30.0, dropped=0.0, troubles=(Trouble(kill_s, math.inf, math.inf),))
