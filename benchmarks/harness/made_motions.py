"""How hands move when they say something, and when they do not: paths drawn at random within what people do."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.harness.motion_sequences import FOREARM_M, WRIST_TO_MIDDLE_M, Floats, Path, Pose, Random, glide

_UP, _DOWN, _LEFT, _RIGHT = (0.0, -1.0), (0.0, 1.0), (1.0, 0.0), (-1.0, 0.0)  # the person's left is the image's right


@dataclass(frozen=True, slots=True)
class MadeMotion:
    """A hand's path, and what it means.

    Attributes:
        label: The motion; empty for none.
        kind: Name of the kind of path.
        path: The pose at every time.
        seconds: How long it takes, with the rests about it.
    """

    label: str
    kind: str
    path: Path
    seconds: float


def wave(random: Random) -> MadeMotion:
    """To and fro two to five times, from the elbow or from the wrist."""
    distance, rest = _distance(random), random.uniform(0.3, 0.9)
    rate_hz, cycles = random.uniform(1.0, 2.8), int(random.integers(2, 6))
    from_elbow = random.random() < 0.6
    angle = math.radians(random.uniform(13, 30) if from_elbow else random.uniform(16, 32))
    tilt, lean = math.radians(random.uniform(-15, 15)), math.radians(random.uniform(-15, 25))
    seconds = cycles / rate_hz

    def path(time: float) -> Pose:
        now = min(max(0.0, time - rest), seconds)
        swing = angle * math.sin(2 * math.pi * rate_hz * now) * _fade(now, seconds)
        arm = WRIST_TO_MIDDLE_M + (FOREARM_M if from_elbow else 0.0)
        place = (arm * math.sin(swing), arm * (1 - math.cos(swing)))
        return Pose(place, distance, tilt + swing, lean)

    return MadeMotion("Wave", "wave", path, rest + seconds + 0.8)


def beckon(random: Random) -> MadeMotion:
    """Fingers that curl, or a hand that turns at the wrist, two to four times; palm up, or back of the hand shown."""
    distance, rest = _distance(random), random.uniform(0.3, 0.9)
    rate_hz, cycles = random.uniform(0.9, 2.4), int(random.integers(2, 5))
    by_fingers = random.random() < 0.7
    depth = random.uniform(0.5, 1.0)
    palm_up = random.random() < 0.5
    lean = math.radians(random.uniform(25, 60) if palm_up else random.uniform(-10, 30))
    pull = random.uniform(0.0, 0.06)
    turn = math.radians(random.uniform(35, 60))
    seconds = cycles / rate_hz

    def path(time: float) -> Pose:
        now = min(max(0.0, time - rest), seconds)
        bent = 0.5 - 0.5 * math.cos(2 * math.pi * rate_hz * now)
        curl = depth * bent if by_fingers else 0.25 * bent
        pitch = lean - (0.0 if by_fingers else turn * bent)
        return Pose((0.0, -pull * bent), distance + pull * bent, 0.0, pitch, math.pi, curl)

    return MadeMotion("Beckon", "beckon", path, rest + seconds + 0.8)


def _swipe(label: str, way: tuple[float, float]) -> Callable[[Random], MadeMotion]:
    def make(random: Random) -> MadeMotion:
        distance, rest = _distance(random), random.uniform(0.5, 1.2)
        length, seconds = random.uniform(0.22, 0.55), random.uniform(0.2, 0.5)
        hold = random.uniform(0.35, 1.0)
        leaves, wind_up = random.random() < 0.2, random.uniform(0.0, 0.06)
        back_s = random.uniform(0.6, 1.2)
        off = math.radians(random.uniform(-15, 15))
        right = way[0] * math.cos(off) - way[1] * math.sin(off)
        down = way[0] * math.sin(off) + way[1] * math.cos(off)
        turn = math.radians(random.uniform(0, 30)) * right
        yaw = math.radians(random.uniform(-60, 60))
        pitch = math.radians(random.uniform(-10, 50))
        curl = random.uniform(0.0, 0.15)

        def path(time: float) -> Pose:
            there = glide(time, rest, seconds) - wind_up / length * _bump(time, rest - 0.4, 0.5)
            back = 0.0 if leaves else glide(time, rest + seconds + hold, back_s)
            share = there - back
            place = (length * share * right, length * share * down)
            return Pose(place, distance, turn * share, pitch, yaw, curl)

        return MadeMotion(label, "swipe", path, rest + seconds + (0.5 if leaves else hold + back_s + 0.4))

    return make


def push_away(random: Random) -> MadeMotion:
    """An open palm that comes closer by 15 to 40 cm, stays, and is taken back."""
    distance, rest = random.uniform(0.8, 2.2), random.uniform(0.5, 1.2)
    length, seconds = random.uniform(0.18, 0.4), random.uniform(0.2, 0.5)
    hold, back_s = random.uniform(0.35, 1.0), random.uniform(0.6, 1.2)
    lean, yaw = math.radians(random.uniform(-15, 15)), math.radians(random.uniform(-20, 20))
    aside = random.uniform(-0.05, 0.05, 2)

    def path(time: float) -> Pose:
        share = glide(time, rest, seconds) - glide(time, rest + seconds + hold, back_s)
        return Pose((aside[0] * share, aside[1] * share), distance - length * share, 0.0, lean, yaw)

    return MadeMotion("Push_Away", "push", path, rest + seconds + hold + back_s + 0.4)


MOTIONS: dict[str, Callable[[Random], MadeMotion]] = {
    "Wave": wave,
    "Beckon": beckon,
    "Swipe_Left": _swipe("Swipe_Left", _LEFT),
    "Swipe_Right": _swipe("Swipe_Right", _RIGHT),
    "Swipe_Up": _swipe("Swipe_Up", _UP),
    "Swipe_Down": _swipe("Swipe_Down", _DOWN),
    "Push_Away": push_away,
}


def raising(random: Random) -> MadeMotion:
    """A hanging hand that is lifted and then held up."""
    return _lifting("raising", random, upwards=True)


def lowering(random: Random) -> MadeMotion:
    """A hand that was held up and sinks."""
    return _lifting("lowering", random, upwards=False)


def _lifting(kind: str, random: Random, *, upwards: bool) -> MadeMotion:
    distance, rest = _distance(random), random.uniform(0.0, 0.8)
    seconds, height = random.uniform(0.35, 0.9), random.uniform(0.35, 0.6)
    aside = random.uniform(-0.15, 0.15)

    def path(time: float) -> Pose:
        share = glide(time, rest, seconds)
        share = share if upwards else 1 - share
        place = (aside * math.sin(math.pi * share), -height * share)
        return Pose(place, distance, math.pi * (1 - share), 0.0, math.radians(40) * (1 - share), 0.35 * (1 - share))

    return MadeMotion("", kind, path, rest + seconds + 1.0)


def talking(random: Random) -> MadeMotion:
    """Half-open hands that go along with speech: strokes of 3 to 20 cm to anywhere, one after the other."""
    distance = _distance(random)
    places, times = [(0.0, 0.0)], [0.0]
    seconds = 12.0
    while times[-1] < seconds:
        angle, radius = random.uniform(0, 2 * math.pi), random.uniform(0.02, 0.13)
        places.append((radius * math.cos(angle), radius * math.sin(angle)))
        times.append(times[-1] + random.uniform(0.25, 0.9))
    pitches = random.uniform(-0.2, 0.9, len(times))
    yaws = random.uniform(-1.2, 1.2, len(times))
    curls = random.uniform(0.0, 0.5, len(times))
    return MadeMotion("", "talking", _through(times, places, distance, pitches, yaws, curls), seconds)


def scratching(random: Random) -> MadeMotion:
    """A half-closed hand at the face: fingers that rub."""
    distance, rate_hz = _distance(random), random.uniform(2.0, 4.5)
    reach = random.uniform(0.005, 0.02)
    aside = random.random() < 0.5

    def path(time: float) -> Pose:
        bout = 0.5 + 0.5 * math.sin(1.1 * time)
        rub = reach * bout * math.sin(2 * math.pi * rate_hz * time)
        curl = 0.45 + 0.06 * bout * math.sin(2 * math.pi * rate_hz * time)
        return Pose((rub, 0.0) if aside else (0.0, rub), distance, 0.3, 0.2, math.radians(60), curl)

    return MadeMotion("", "scratching", path, 8.0)


def walking_by(random: Random) -> MadeMotion:
    """A hanging hand that swings along with somebody who crosses the view."""
    distance, speed = random.uniform(1.2, 3.5), random.uniform(0.7, 1.6) * random.choice([-1, 1])
    swing, step_hz = random.uniform(0.1, 0.3), random.uniform(0.8, 1.1)

    def path(time: float) -> Pose:
        phase = 2 * math.pi * step_hz * time
        place = (speed * (time - 1.5) + swing * math.sin(phase), 0.03 * math.cos(2 * phase))
        return Pose(place, distance, math.pi + 0.4 * math.sin(phase), 0.0, math.pi / 2, 0.35)

    return MadeMotion("", "walking by", path, 3.0)


def coming_closer(random: Random) -> MadeMotion:
    """An open palm that is held up by somebody who walks towards the camera, swaying with every other step."""
    start, speed = random.uniform(2.5, 4.0), random.uniform(0.5, 1.1)
    step_hz = random.uniform(1.5, 2.0)

    def path(time: float) -> Pose:
        sway, bob = math.sin(math.pi * step_hz * time), math.cos(2 * math.pi * step_hz * time)
        return Pose((0.02 * sway, 0.015 * bob), max(0.8, start - speed * time), 0.04 * sway)

    return MadeMotion("", "coming closer", path, 3.0)


def reaching(random: Random) -> MadeMotion:
    """A hand that goes for something half open, closes about it and takes it along."""
    distance, rest = _distance(random), random.uniform(0.3, 0.8)
    out_s, back_s = random.uniform(0.5, 0.9), random.uniform(0.6, 1.1)
    angle, length = random.uniform(0, 2 * math.pi), random.uniform(0.2, 0.45)

    def path(time: float) -> Pose:
        share = glide(time, rest, out_s) - glide(time, rest + out_s + 0.4, back_s)
        curl = 0.4 + 0.4 * glide(time, rest + out_s, 0.35)
        place = (length * share * math.cos(angle), length * share * math.sin(angle))
        return Pose(place, distance, 0.0, 0.9, 1.0, curl)

    return MadeMotion("", "reaching", path, rest + out_s + back_s + 1.2)


def holding_still(random: Random) -> MadeMotion:
    """An open palm that is only held up, and turned a little."""
    distance = _distance(random)
    pitch, yaw = random.uniform(-0.2, 0.3), random.uniform(-0.4, 0.4)
    return MadeMotion("", "holding still", lambda _time: Pose((0.0, 0.0), distance, 0.0, pitch, yaw), 8.0)


OTHERS: dict[str, Callable[[Random], MadeMotion]] = {
    "raising": raising,
    "lowering": lowering,
    "talking": talking,
    "scratching": scratching,
    "walking by": walking_by,
    "coming closer": coming_closer,
    "reaching": reaching,
    "holding still": holding_still,
}


def _distance(random: Random) -> float:
    return float(random.uniform(0.8, 3.0))


def _fade(time: float, seconds: float) -> float:
    """From 0 to 1 within a quarter of a second, and back before the end."""
    return min(1.0, 4 * time, 4 * (seconds - time) + 0.05)


def _bump(time: float, start: float, seconds: float) -> float:
    return glide(time, start, seconds / 2) - glide(time, start + seconds / 2, seconds / 2)


def _through(times: list[float], places: list[tuple[float, float]], distance: float, *angles: Floats) -> Path:
    """Smoothly from place to place."""
    rows = np.column_stack([np.array(places), *angles])

    def path(time: float) -> Pose:
        k = min(max(0, int(np.searchsorted(times, time)) - 1), len(times) - 2)
        share = glide(time, times[k], times[k + 1] - times[k])
        right, down, pitch, yaw, curl = (rows[k] + share * (rows[k + 1] - rows[k])).tolist()
        return Pose((right, down), distance, 0.0, pitch, yaw, curl)

    return path
