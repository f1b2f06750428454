"""Scenes of people whose hands are to be told apart, drawn at random within what people do."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from benchmarks.harness.made_people import Figure, Place, Random, Reach

SECONDS = 6.0

Scene = Callable[[Random], list[Figure]]


def side_by_side(random: Random) -> list[Figure]:
    """Two people, 0.6 to 0.8 m apart, who gesture with one hand or both."""
    return [
        Figure(stands, _gestures(random, -1.0), _gestures(random, 1.0) if random.random() < 0.5 else ())
        for stands in _two_places(random)
    ]


def crossed_arms(random: Random) -> list[Figure]:
    """The same, but each reaches over in front of the other, with the nearer hand or with the farther one."""
    return [
        Figure(stands, *_across(random, towards))
        for stands, towards in zip(_two_places(random), (1.0, -1.0), strict=True)
    ]


def one_behind_the_other(random: Random) -> list[Figure]:
    """One half a metre and more behind the other, looking over a shoulder."""
    x, z = random.uniform(-0.2, 0.2), random.uniform(1.4, 1.7)
    aside = random.choice((-1.0, 1.0)) * random.uniform(0.28, 0.4)
    places = [standing(x, z), standing(x + aside, z + random.uniform(0.5, 0.8))]
    return [Figure(stands, _gestures(random, -1.0), _gestures(random, 1.0)) for stands in places]


def walking_past(random: Random) -> list[Figure]:
    """Two people who walk past each other, each with a hand raised."""
    near, speed = random.uniform(1.6, 1.9), random.uniform(0.25, 0.35)
    far = near + random.uniform(0.5, 0.7)

    def walk(direction: float, z: float) -> Place:
        return lambda time: (direction * speed * (time - SECONDS / 2), z, 0.0)

    return [
        Figure(walk(1.0, near), _gestures(random, -1.0, 0.3), ()),
        Figure(walk(-1.0, far), _gestures(random, -1.0, 0.3), ()),
    ]


def one_turns_away(random: Random) -> list[Figure]:
    """Two people side by side; the face of one is not to be seen for a while, the hand is."""
    (left, right), gone = _two_places(random), random.uniform(1.5, 2.5)
    away = (-math.inf, gone)
    return [
        Figure(left, (), _gestures(random, 1.0, 0.3), face_s=away),
        Figure(right, _gestures(random, -1.0), _gestures(random, 1.0)),
    ]


def hand_of_the_unseen(random: Random) -> list[Figure]:
    """Somebody beside the image reaches in, next to somebody who is in view."""
    beside = random.choice((-1.0, 1.0))
    z = random.uniform(1.5, 1.8)
    edge = z * 320 / 600
    known = Figure(standing(beside * (edge - random.uniform(0.35, 0.6)), z), _gestures(random, -1.0), ())
    turned = beside * math.radians(random.uniform(0, 35))
    stands = standing(beside * (edge + random.uniform(0.25, 0.4)), z + random.uniform(-0.2, 0.2), turned)
    at = (-beside * random.uniform(0.4, 0.6), random.uniform(-0.15, 0.2), -random.uniform(0.25, 0.35))
    reach = (Reach(1.0, 5.0, at),)
    nearer = (reach, ()) if beside > 0 else ((), reach)
    return [known, Figure(stands, *nearer)]


def hand_from_behind_the_camera(random: Random) -> list[Figure]:
    """Somebody beside the camera holds a hand before it, while somebody stands in view."""
    known = Figure(standing(random.uniform(-0.3, 0.3), random.uniform(1.4, 2.0)), _gestures(random, -1.0), ())
    stands = standing(random.uniform(-0.1, 0.1), -0.05, math.pi)
    reach = (Reach(1.0, 5.0, (random.uniform(-0.2, 0.0), random.uniform(0.0, 0.15), -random.uniform(0.45, 0.55))),)
    return [known, Figure(stands, reach, ())]


def shaking_hands(random: Random) -> list[Figure]:
    """Two people, turned to each other, hold each other's right hand."""
    apart, z, turned = random.uniform(0.75, 0.9), random.uniform(1.6, 2.2), math.radians(random.uniform(35, 65))
    figures = []
    for beside in (-1.0, 1.0):
        angle = beside * turned
        place = np.array([beside * apart / 2, 0.0, 0.0])
        wrist = np.array([beside * 0.08, random.uniform(0.2, 0.25), -0.15]) - place
        cos, sin = math.cos(angle), math.sin(angle)
        at = (float(cos * wrist[0] - sin * wrist[2]), float(wrist[1]), float(sin * wrist[0] + cos * wrist[2]))
        figures.append(Figure(standing(float(place[0]), z, angle), (Reach(1.0, 5.0, at, 0.02),), ()))
    return figures


SCENES: dict[str, Scene] = {
    scene.__name__: scene
    for scene in (
        side_by_side,
        crossed_arms,
        one_behind_the_other,
        walking_past,
        one_turns_away,
        hand_of_the_unseen,
        hand_from_behind_the_camera,
        shaking_hands,
    )
}
TWO_PEOPLE = ("side_by_side", "crossed_arms")


def standing(x: float, z: float, turned: float = 0.0) -> Place:
    """Somebody who stays where they are, metres to the right and ahead, turned by radians."""
    return lambda _time: (x, z, turned)


def _two_places(random: Random) -> tuple[Place, Place]:
    """At the image's left and right."""
    middle, z, apart = random.uniform(-0.15, 0.15), random.uniform(1.6, 2.2), random.uniform(0.6, 0.8)
    left, right = middle - apart / 2, middle + apart / 2
    return standing(left, z + random.uniform(-0.1, 0.1)), standing(right, z + random.uniform(-0.1, 0.1))


def _gestures(random: Random, outward: float, start_s: float | None = None) -> tuple[Reach, ...]:
    """A gesture or two on the own side of the body."""
    start = random.uniform(0.3, 1.5) if start_s is None else start_s
    middle = random.uniform(2.5, 3.5) if start_s is None else SECONDS
    times = [(start, middle), (middle + 1.2, SECONDS)]
    return tuple(
        Reach(
            *time,
            (outward * random.uniform(0.1, 0.4), random.uniform(-0.25, 0.2), -random.uniform(0.2, 0.45)),
            random.uniform(0.0, 0.1),
        )
        for time in times
        if time[1] > time[0]
    )


def _across(random: Random, towards: float) -> tuple[tuple[Reach, ...], tuple[Reach, ...]]:
    """What right and left do: one is before the neighbour for a while, the other gestures or hangs."""
    farther = random.random() < 0.3
    aside = random.uniform(0.2, 0.3) if farther else random.uniform(0.35, 0.55)
    at = (towards * aside, random.uniform(-0.15, 0.2), -random.uniform(0.25, 0.4))
    reach = (Reach(random.uniform(0.5, 1.5), random.uniform(4.0, 5.5), at, random.uniform(0.0, 0.08)),)
    outward = -towards if farther else towards
    other = _gestures(random, -outward) if random.random() < 0.5 else ()
    return (reach, other) if outward < 0 else (other, reach)
