"""Sequences of landmarks of hands that move: real hands with real jitter, on paths that are made up.

The shape of a hand and the jitter of its points are what the networks found in pictures and clips. How it moves, bends
its fingers and turns, how fast, how often and how far away, is drawn at random here: nobody made these gestures.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gesture_perception.hand import HandLandmarks
from gesture_perception.hand_points import FINGERS, INDEX_MCP, LITTLE_MCP, MIDDLE_MCP, WRIST
from perception_core.depth import Position3D, PositionSource

Floats = NDArray[np.float64]
Random = np.random.Generator

_FOCAL_PX = 615.0
FOREARM_M, WRIST_TO_MIDDLE_M = 0.26, 0.08
_DEPTH_NOISE = 0.005  # metres at 1 m; grows with the square
_BEND = np.radians([80.0, 90.0, 50.0])  # of a closed long finger: at its root, in the middle, before the tip


@dataclass(frozen=True, slots=True, eq=False)
class HandShape:
    """A real hand, open.

    Attributes:
        metric: 21x3 metres about its middle, turned so that it is upright and shows its palm to the camera.
        right: Whether it is a right hand.
    """

    metric: Floats
    right: bool


@dataclass(frozen=True, slots=True)
class Pose:
    """A hand at one moment.

    Attributes:
        place: Metres right and down from where it began.
        distance: Of the wrist, metres.
        roll: Radians in the image, clockwise.
        pitch: Radians; positive leans the fingers towards the camera.
        yaw: Radians about the upright axis; pi shows the back of the hand.
        curl: 0 open, 1 a fist.
    """

    place: tuple[float, float] = (0.0, 0.0)
    distance: float = 1.5
    roll: float = 0.0
    pitch: float = 0.0
    yaw: float = 0.0
    curl: float = 0.0


Path = Callable[[float], Pose]
Seen = tuple[int, HandLandmarks | None, Position3D]
"""Stamp, landmarks if the hand is found, position of its wrist."""


def upright(metric: Floats, right: bool) -> HandShape:
    """The shape of a hand that was found in any position, turned upright with its palm to the camera."""
    up = _unit(metric[MIDDLE_MCP] - metric[WRIST])
    across = metric[INDEX_MCP] - metric[LITTLE_MCP]
    across = _unit(across - up * (across @ up)) * (1.0 if right else -1.0)
    outward = np.cross(across, -up)
    axes = np.stack([across, -up, outward])
    turned = (metric - metric.mean(axis=0)) @ axes.T
    return HandShape(turned, right)


def landmarks_of(shape: HandShape, pose: Pose, jitter: Floats) -> HandLandmarks:
    """The points of a hand in an image of 640x480 pixels.

    Args:
        shape: Of the hand.
        pose: Where and how it is held.
        jitter: 21x3, in shares of the hand's size: what the networks add.
    """
    metric = curled(shape.metric, pose.curl) @ _rotation(pose).T
    noisy = metric + jitter * 0.09
    pixels_per_metre = _FOCAL_PX / pose.distance
    points = (noisy - noisy[WRIST] * [0, 0, 1]) * pixels_per_metre
    points[:, :2] += np.array(pose.place) * pixels_per_metre + [320, 240]
    return HandLandmarks(points.astype(np.float32), noisy.astype(np.float32), 0.95, 0.95 if shape.right else 0.05)


def curled(metric: Floats, curl: float) -> Floats:
    """A hand with its long fingers bent towards the palm; see `HandShape` and `Pose`."""
    bent = metric.copy()
    if curl == 0:
        return bent
    fingers = FINGERS[1:]
    links = np.diff(metric[fingers], axis=1)
    along = links[:, 0] / np.linalg.norm(links[:, 0], axis=1, keepdims=True)
    axes = np.column_stack([-along[:, 1], along[:, 0], np.zeros(4)])  # across the finger, in the image
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    for joint in range(3):
        angle = curl * float(_BEND[: joint + 1].sum())
        bent[fingers[:, joint + 1]] = bent[fingers[:, joint]] + _about(axes, angle, links[:, joint])
    return bent


def _about(axes: Floats, angle: float, vectors: Floats) -> Floats:
    """Nx3 vectors turned about Nx3 axes of length one."""
    inside = (axes * vectors).sum(axis=1, keepdims=True)
    turned = vectors * math.cos(angle) + np.cross(axes, vectors) * math.sin(angle)
    return turned + axes * inside * (1 - math.cos(angle))


def _rotation(pose: Pose) -> Floats:
    sr, cr = math.sin(pose.roll), math.cos(pose.roll)
    sp, cp = math.sin(pose.pitch), math.cos(pose.pitch)
    sy, cy = math.sin(pose.yaw), math.cos(pose.yaw)
    roll = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    pitch = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    yaw = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    return roll @ pitch @ yaw


def _unit(vector: Floats) -> Floats:
    return vector / float(np.linalg.norm(vector))


@dataclass(frozen=True, slots=True, eq=False)
class Filming:
    """How a hand is filmed.

    Attributes:
        jitter: Nx21x3, in shares of the hand's size: what the networks add, image after image.
        rate_hz: Of the camera.
        missed: Share of the images in which the hand is not found.
        missed_when_quick: Likewise above 1.5 m/s, where it is blurred.
        depth: Whether its distance is measured.
    """

    jitter: Floats
    rate_hz: float
    missed: float = 0.03
    missed_when_quick: float = 0.15
    depth: bool = True


def film(path: Path, seconds: float, shape: HandShape, filming: Filming, random: Random) -> list[Seen]:
    """The images of a hand on its path.

    Args:
        path: The hand's pose at every time from 0 on, seconds.
        seconds: For how long.
        shape: Of the hand.
        filming: How it is filmed.
        random: What decides on lost images and the time of each.

    Returns:
        Stamps from one second on; no landmarks where the hand is not found.
    """
    sway = random.uniform(0, 2 * math.pi, 4)
    first = int(random.integers(len(filming.jitter)))
    frames: list[Seen] = []
    count = int(seconds * filming.rate_hz)
    times = (np.arange(count) + random.uniform(-0.15, 0.15, count)) / filming.rate_hz
    last: tuple[float, Pose] | None = None
    for k, time in enumerate(times.tolist()):
        pose = _swaying(path(max(0.0, time)), time, sway)
        speed = 0.0 if last is None else math.dist(pose.place, last[1].place) / max(1e-6, time - last[0])
        last = (time, pose)
        lost = random.random() < (filming.missed_when_quick if speed > 1.5 else filming.missed)
        noise = filming.jitter[(first + k) % len(filming.jitter)]
        position = _wrist(pose, filming.depth, random)
        stamp_ns = 1_000_000_000 + round(time * 1e9)
        frames.append((stamp_ns, None if lost else landmarks_of(shape, pose, noise), position))
    return frames


def _swaying(pose: Pose, time: float, phase: Floats) -> Pose:
    """Nobody holds a hand quite still."""
    right = 0.008 * math.sin(2.1 * time + phase[0]) + 0.004 * math.sin(7.0 * time + phase[1])
    down = 0.008 * math.sin(1.7 * time + phase[2]) + 0.004 * math.sin(6.0 * time + phase[3])
    return Pose(
        (pose.place[0] + right, pose.place[1] + down),
        pose.distance + 0.01 * math.sin(1.3 * time + phase[2]),
        pose.roll,
        pose.pitch,
        pose.yaw,
        pose.curl,
    )


def _wrist(pose: Pose, depth: bool, random: Random) -> Position3D:
    if not depth or random.random() < 0.05:
        return Position3D((math.nan,) * 3, math.nan, 0.0, PositionSource.NONE)
    sigma = _DEPTH_NOISE * pose.distance**2
    distance = pose.distance + float(random.normal(0, sigma))
    x, y = (each * distance / pose.distance for each in pose.place)
    return Position3D((x, y, distance), sigma, 0.9, PositionSource.DEPTH)


def glide(time: float, start: float, seconds: float) -> float:
    """From 0 to 1 as an arm moves: without a jerk."""
    share = min(1.0, max(0.0, (time - start) / seconds))
    return share**3 * (10 - 15 * share + 6 * share**2)
