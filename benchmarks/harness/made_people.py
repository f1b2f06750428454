"""People with heads and arms who gesture before a camera, and what perception makes of them: truth for who is who.

Nobody here is as the fusion expects: heights, proportions, the turn of bodies, the bend of wrists and the place of
elbows are drawn at random, slowly changing. Heights and the shares of limbs: C. Gordon et al., "1988 Anthropometric
Survey of U.S. Army Personnel", 1989, and D. Winter, "Biomechanics and Motor Control of Human Movement", 2009.

Bodies have axes like the camera's for who faces it: x to the image's right, y down, z away from the camera.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from face_perception.identity import NOT_EXAMINED, Identity
from gesture_perception.hand import Side
from gesture_perception.hand_side import SideEvidence
from perception_core.depth import Position3D, PositionSource
from perception_core.geometry import Box
from perception_core.sources.scene_noise import BASELINE_M, DISPARITY_SIGMA_PX, FOCAL_PX
from person_perception.person import SeenFace, SeenHand

WIDTH, HEIGHT, FOCAL = 640, 480, 600.0
RATE_HZ = 30
CAMERA_ABOVE_FLOOR_M = 1.3

_CX, _CY = (WIDTH - 1) / 2, (HEIGHT - 1) / 2
_PALM_M = 0.1
_HEAD_M = 0.13  # half the width of what hides what is behind it, with hair and neck
_TRUNK_M = 0.2
_BRIDGED_HAND_S, _BRIDGED_FACE_S = 0.3, 1.25
_SAME_TRACK_S = 1.0
_NOWHERE = Position3D((math.nan,) * 3, math.nan, 0.0, PositionSource.NONE)
_WAVING_SPEED = 0.5

Vector = NDArray[np.float64]
Random = np.random.Generator
Place = Callable[[float], tuple[float, float, float]]


class Knowing(Enum):
    """What the camera is."""

    DEPTH = "depth"
    SIZE = "no depth"
    IMAGE = "no calibration"


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a hand is held between two times, and how it moves there.

    Attributes:
        start_s: When it has been raised.
        end_s: When it begins to be lowered.
        at: Metres from the middle between the shoulders, in the body's axes.
        swing_m: How far it swings to and fro.
    """

    start_s: float
    end_s: float
    at: tuple[float, float, float]
    swing_m: float = 0.05


@dataclass(frozen=True, slots=True)
class Figure:
    """Somebody in a scene.

    Attributes:
        stands: Where at a time, in metres: to the right, away; and how far the body is turned, radians, 0 faces the
            camera and above 0 the own left comes forward.
        right: What the right hand does.
        left: What the left hand does.
        identity: Of the face.
        face_s: While the head is turned so that a face is to be seen.
    """

    stands: Place
    right: tuple[Reach, ...] = ()
    left: tuple[Reach, ...] = ()
    identity: Identity = NOT_EXAMINED
    face_s: tuple[float, float] = (-math.inf, math.inf)


@dataclass(frozen=True, slots=True)
class Seen:
    """One frame, and the truth of it.

    Attributes:
        stamp_ns: Of the image.
        faces: As the face node tells them.
        hands: As the gesture node tells them.
        face_of: Number of the figure, by face track.
        hand_of: Likewise by hand track.
        gesturing: Hand tracks of those that have been raised, are not lowered yet, and are seen in this frame.
    """

    stamp_ns: int
    faces: list[SeenFace]
    hands: list[SeenHand]
    face_of: dict[int, int]
    hand_of: dict[int, int]
    gesturing: frozenset[int]


class _Drift:
    """A number that changes slowly about a mean (an Ornstein-Uhlenbeck process)."""

    def __init__(self, random: Random, sigma: float, seconds: float, mean: float = 0.0) -> None:
        self._random, self._sigma, self._mean = random, sigma, mean
        self._kept = math.exp(-1 / RATE_HZ / seconds)
        self.value = mean + sigma * random.standard_normal()

    def step(self) -> float:
        noise = self._sigma * math.sqrt(1 - self._kept**2) * self._random.standard_normal()
        self.value = self._mean + self._kept * (self.value - self._mean) + noise
        return self.value


@dataclass(slots=True)
class _Track:
    """What a node keeps of a face or a hand."""

    id: int = 0
    seen_s: float = -math.inf
    missing_until_s: float = -math.inf
    position: Position3D = _NOWHERE
    box: Box = field(default_factory=lambda: Box(0.0, 0.0, 1.0, 1.0))


class _Arm:
    """One arm of one body: where its wrist and elbow are, and what the networks make of the hand."""

    def __init__(self, random: Random, outward: float, reaches: tuple[Reach, ...], height: float) -> None:
        def length(share: float) -> float:
            return share * height * random.normal(1.0, 0.04)

        self._random, self._outward, self._reaches = random, outward, reaches
        self.shoulder = np.array([outward * length(0.112), 0.0, 0.0])
        self._upper, self._fore = length(0.186), length(0.146)
        self._rate_hz, self._phase = random.uniform(0.8, 2.0), random.uniform(0, 2 * math.pi)
        self._swivel = _Drift(random, math.radians(25), 2.0)
        self._bends = [_Drift(random, math.radians(18), 0.7) for _ in range(3)]
        self._place = [_Drift(random, 0.03, 1.5) for _ in range(3)]
        self._wrong_side_until_s = -math.inf
        self._side = SideEvidence()
        self.size_error = _Drift(random, 0.12, 2.0)
        self.track = _Track()

    def pose(self, time: float) -> tuple[Vector, Vector]:
        """The wrist in the body's axes, and the direction from the middle finger's root to it."""
        hanging = np.array([self._outward * 0.22, self._upper + self._fore - 0.05, -0.05])
        share, at, swing = self._raised(time)
        to_and_fro = swing * math.sin(2 * math.pi * self._rate_hz * time + self._phase)
        drift = np.array([one.step() for one in self._place])
        wrist: Vector = hanging + share * (at + drift + [to_and_fro, 0.0, 0.0] - hanging)
        way = wrist - self.shoulder
        apart = float(np.linalg.norm(way))
        farthest = 0.985 * (self._upper + self._fore)
        if apart > farthest:
            wrist, apart = self.shoulder + way * (farthest / apart), farthest
        forearm = wrist - self._elbow(wrist, apart)
        hand = forearm / np.linalg.norm(forearm) + np.array([math.tan(one.step()) for one in self._bends])
        return wrist, -hand / np.linalg.norm(hand)

    def side(self, time: float) -> tuple[Side, float]:
        """As told after many looks, some of which are wrong, several in a row."""
        if time > self._wrong_side_until_s and self._random.random() < 0.1 / RATE_HZ:
            self._wrong_side_until_s = time + self._random.exponential(0.4)
        wrong = time < self._wrong_side_until_s or self._random.random() < 0.02
        is_right = (self._outward < 0) != wrong
        return self._side.update(self._random.uniform(0.75, 0.99) if is_right else self._random.uniform(0.01, 0.25))

    def gestures(self, time: float) -> bool:
        """Whether the hand has been raised."""
        return any(reach.start_s <= time < reach.end_s for reach in self._reaches)

    def _raised(self, time: float) -> tuple[float, Vector, float]:
        """How far it is raised, where to, and how it swings."""
        for reach in self._reaches:
            share = min((time - reach.start_s + 0.5) / 0.5, (reach.end_s + 0.5 - time) / 0.5, 1.0)
            if share > 0:
                return share * share * (3 - 2 * share), np.array(reach.at), reach.swing_m
        return 0.0, np.zeros(3), 0.0

    def _elbow(self, wrist: Vector, apart: float) -> Vector:
        axis = (wrist - self.shoulder) / apart
        cos = (apart**2 + self._upper**2 - self._fore**2) / (2 * apart * self._upper)
        cos = min(max(cos, -1.0), 1.0)
        usual = np.array([self._outward * 0.4, 1.0, 0.2])
        down = usual - axis * (usual @ axis)
        down /= max(float(np.linalg.norm(down)), 1e-6)
        turn = self._swivel.step()
        beside = np.cross(axis, down)
        towards = math.cos(turn) * down + math.sin(turn) * beside
        return np.asarray(self.shoulder + self._upper * (cos * axis + math.sqrt(1 - cos * cos) * towards), np.float64)


class _Body:
    def __init__(self, random: Random, figure: Figure) -> None:
        height = random.normal(1.69, 0.085)
        self.figure = figure
        self._shoulders_up = 0.8 * height * random.normal(1.0, 0.01)
        self._eyes_above = 0.136 * height * random.normal(1.0, 0.06)
        self._turn = _Drift(random, math.radians(15), 3.0)
        self._lean = [_Drift(random, 0.025, 3.0), _Drift(random, 0.015, 3.0), _Drift(random, 0.02, 3.0, mean=-0.1)]
        self.arms = [_Arm(random, -1.0, figure.right, height), _Arm(random, 1.0, figure.left, height)]
        self.face_m = 0.2 * random.normal(1.0, 0.05)
        self.size_error = _Drift(random, 0.10, 2.0)
        self.track = _Track()
        self.trunk: Vector = np.zeros(3)
        self.sellion: Vector = np.zeros(3)
        self.wrists: list[Vector] = []
        self.to_elbows: list[Vector] = []

    def move(self, time: float) -> None:
        """Computes where everything is, in the camera's frame."""
        x, z, turned = self.figure.stands(time)
        angle = turned + self._turn.step()
        cos, sin = math.cos(angle), math.sin(angle)
        to_camera = np.array([[cos, 0.0, sin], [0.0, 1.0, 0.0], [-sin, 0.0, cos]])
        self.trunk = np.array([x, CAMERA_ABOVE_FLOOR_M - self._shoulders_up, z])
        head = np.array([one.step() for one in self._lean]) - [0.0, self._eyes_above, 0.0]
        self.sellion = self.trunk + to_camera @ head
        poses = [arm.pose(time) for arm in self.arms]
        self.wrists = [self.trunk + to_camera @ wrist for wrist, _ in poses]
        self.to_elbows = [to_camera @ to_elbow for _, to_elbow in poses]


@dataclass(slots=True)
class _Shot:
    """What all faces and hands of a frame have in common."""

    random: Random
    bodies: list[_Body]
    knowing: Knowing
    ids: Iterator[int]
    time: float = 0.0


def film(figures: list[Figure], seconds: float, knowing: Knowing, seed: int) -> Iterator[Seen]:
    """What perception tells of some people, frame by frame."""
    random = np.random.default_rng(seed)
    bodies = [_Body(random, figure) for figure in figures]
    shot = _Shot(random, bodies, knowing, itertools.count(1))
    for frame in range(round(seconds * RATE_HZ)):
        shot.time = frame / RATE_HZ
        for body in bodies:
            body.move(shot.time)
        faces, hands = [], []
        face_of, hand_of, gesturing = {}, {}, set()
        for number, body in enumerate(bodies):
            face = _face(shot, body)
            if face is not None:
                faces.append(face)
                face_of[face.track_id] = number
            for which in (0, 1):
                hand = _hand(shot, body, which)
                if hand is not None:
                    hands.append(hand)
                    hand_of[hand.track_id] = number
                    if not hand.bridged and body.arms[which].gestures(shot.time):
                        gesturing.add(hand.track_id)
        yield Seen(1_000_000_000 + round(shot.time * 1e9), faces, hands, face_of, hand_of, frozenset(gesturing))


def _face(shot: _Shot, body: _Body) -> SeenFace | None:
    random, time = shot.random, shot.time
    track, error = body.track, body.size_error.step()
    start, end = body.figure.face_s
    visible = start <= time < end and _in_image(body.sellion, 25) and not _hidden(body.sellion, body, shot.bodies)
    if not _found(random, track, visible, time, miss=0.02):
        return _bridged_face(track, body.figure.identity, time)
    _begin(track, time, shot.ids)
    x, y = _jittered(random, _pixel(body.sellion), 1.0)
    scale = FOCAL / float(body.sellion[2])
    height = body.face_m * scale * random.normal(1.0, 0.03)
    track.box = Box.around((x, y + 0.03 * scale), 0.78 * height, height)
    track.position = _located(shot, body.sellion, (x, y), error, told_sigma=0.08)
    return SeenFace(track.id, track.box, track.position, False, body.figure.identity, True)


def _hand(shot: _Shot, body: _Body, which: int) -> SeenHand | None:
    arm, wrist, to_elbow = body.arms[which], body.wrists[which], body.to_elbows[which]
    random, time = shot.random, shot.time
    track, error = arm.track, arm.size_error.step()
    root = wrist - _PALM_M * to_elbow
    visible = _in_image(wrist, -20) and _in_image(root, 10) and not _hidden(root, body, shot.bodies)
    if not _found(random, track, visible, time, miss=0.04):
        return _bridged_hand(track, arm, time)
    begun = track.id
    _begin(track, time, shot.ids)
    if track.id != begun:
        arm._side = SideEvidence()
    side, score = arm.side(time)
    seen_wrist, seen_root = (_jittered(random, _pixel(point), 2.0) for point in (wrist, root))
    flat = np.subtract(seen_wrist, seen_root)
    space = to_elbow + random.normal(0, 0.15, 3)
    span = 0.19 * FOCAL / float(wrist[2])
    track.box = Box.around(seen_root, 0.8 * span, span)
    track.position = _located(shot, wrist, seen_wrist, error, told_sigma=0.1)
    return SeenHand(
        track.id,
        track.box,
        track.position,
        False,
        side,
        score,
        seen_wrist,
        tuple((flat / max(float(np.linalg.norm(flat)), 1e-6)).tolist()),
        tuple((space / np.linalg.norm(space)).tolist()) if track.position.source is PositionSource.DEPTH else None,
    )


def _found(random: Random, track: _Track, visible: bool, time: float, miss: float) -> bool:
    """Whether it is found in this frame; misses come singly and in short rows."""
    if random.random() < miss / 3:
        track.missing_until_s = time + random.exponential(0.1)
    return visible and time >= track.missing_until_s


def _begin(track: _Track, time: float, ids: Iterator[int]) -> None:
    if time - track.seen_s > _SAME_TRACK_S:
        track.id = next(ids)
    track.seen_s = time


def _bridged_face(track: _Track, identity: Identity, time: float) -> SeenFace | None:
    if time - track.seen_s > _BRIDGED_FACE_S:
        return None
    return SeenFace(track.id, track.box, _predicted(track, time), True, identity, None)


def _bridged_hand(track: _Track, arm: _Arm, time: float) -> SeenHand | None:
    if time - track.seen_s > _BRIDGED_HAND_S:
        return None
    side, score = arm._side.told
    return SeenHand(track.id, track.box, _predicted(track, time), True, side, score, None, None, None)


def _predicted(track: _Track, time: float) -> Position3D:
    last = track.position
    if last.source is PositionSource.NONE:
        return last
    sigma = math.hypot(last.sigma, _WAVING_SPEED * (time - track.seen_s))
    return Position3D(last.xyz, sigma, 0.0, PositionSource.PREDICTED)


def _located(
    shot: _Shot, point: Vector, pixel: tuple[float, float], size_error: float, *, told_sigma: float
) -> Position3D:
    """As `perception_core.depth` tells it: from depth, at times from what is behind, or from the size."""
    random = shot.random
    if shot.knowing is Knowing.IMAGE:
        return _NOWHERE
    true = float(point[2])
    if shot.knowing is Knowing.DEPTH and random.random() > 0.03:
        noise = DISPARITY_SIGMA_PX / (FOCAL_PX * BASELINE_M) * true**2
        distance = true + random.normal(0, 0.01) + random.normal(0, noise)
        if random.random() < 0.015:
            distance += random.uniform(0.2, 1.0)
        return Position3D(_ray(pixel, distance), math.hypot(0.01, noise), 0.8, PositionSource.DEPTH)
    distance = true * math.exp(size_error + random.normal(0, 0.03))
    return Position3D(_ray(pixel, distance), told_sigma * distance, 0.0, PositionSource.SIZE_PRIOR)


def _ray(pixel: tuple[float, float], distance: float) -> tuple[float, float, float]:
    return float((pixel[0] - _CX) / FOCAL * distance), float((pixel[1] - _CY) / FOCAL * distance), float(distance)


def _pixel(point: Vector) -> tuple[float, float]:
    x, y, z = point.tolist()
    return _CX + FOCAL * x / z, _CY + FOCAL * y / z


def _jittered(random: Random, pixel: tuple[float, float], sigma: float) -> tuple[float, float]:
    return random.normal(pixel[0], sigma), random.normal(pixel[1], sigma)


def _in_image(point: Vector, margin: float) -> bool:
    x, y = _pixel(point)
    return bool(point[2] > 0.2 and margin <= x <= WIDTH - margin and margin <= y <= HEIGHT - margin)


def _hidden(point: Vector, body: _Body, bodies: list[_Body]) -> bool:
    """Whether another one's head or trunk is before it."""
    for other in bodies:
        nearer = other.trunk[2] < point[2] - 0.15
        if other is body or not nearer:
            continue
        x, y = point[:2] / point[2]
        trunk, head = other.trunk[:2] / other.trunk[2], other.sellion[:2] / other.sellion[2]
        before_trunk = abs(x - trunk[0]) < _TRUNK_M / other.trunk[2] and y > trunk[1] - 0.04 / other.trunk[2]
        before_head = abs(x - head[0]) < _HEAD_M / other.trunk[2] and abs(y - head[1]) < 0.15 / other.trunk[2]
        if before_trunk or before_head:
            return True
    return False
