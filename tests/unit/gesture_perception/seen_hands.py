"""Hands of which everything, or next to nothing, is known."""

import math
from dataclasses import replace

import numpy as np

from gesture_perception.hand import Gesture, Hand, HandLandmarks, Origin, Pointing, Side
from perception_core.depth import Position3D, PositionSource
from perception_core.frame import Intrinsics, RgbdFrame
from perception_core.geometry import Box

INTRINSICS = Intrinsics(640, 480, 600.0, 600.0, 319.5, 239.5)
FRAME = RgbdFrame(5_000_000_007, "camera", np.full((480, 640, 3), 120, np.uint8), None, INTRINSICS)
WRIST = (0.1, 0.05, 1.25)
HERE = Position3D(WRIST, 0.01, 0.9, PositionSource.DEPTH)
NOWHERE = Position3D((math.nan,) * 3, math.nan, 0.0, PositionSource.NONE)

# An open hand that stands upright: metres to the right of and above the wrist.
_UPRIGHT = np.array(
    [[0, 0]]
    + [[0.03 + 0.015 * k, 0.03 + 0.02 * k] for k in range(4)]
    + [[0.025 - 0.02 * finger, 0.09 + 0.03 * k] for finger in range(4) for k in range(4)]
)


def points_in_camera(at=WRIST):
    return (np.array(at) + np.column_stack([_UPRIGHT[:, 0], -_UPRIGHT[:, 1], np.zeros(21)])).astype(np.float32)


def landmarks(at=WRIST):
    pixels = INTRINSICS.project(points_in_camera(at).astype(np.float64))
    points = np.column_stack([pixels, np.linspace(0, -20, 21)]).astype(np.float32)
    metric = (points_in_camera(at) - np.array(at)).astype(np.float32)
    return HandLandmarks(points, metric, 0.97, 0.98)


def seen_hand(track_id=3, at=WRIST):
    found = landmarks(at)
    (left, top), (right, bottom) = found.points[:, :2].min(axis=0), found.points[:, :2].max(axis=0)
    return Hand(
        track_id, 0.97, False, Side.RIGHT, 0.98, Box(*map(float, (left, top, right - left, bottom - top))),
        replace(HERE, xyz=at), found, points_in_camera(at), Gesture("Victory", 0.93, Origin.NETWORK, 2),
    )  # fmt: skip


def bridged_hand(track_id=3):
    seen = seen_hand(track_id)
    where = replace(HERE, source=PositionSource.PREDICTED)
    return Hand(track_id, 0.9, True, Side.RIGHT, 0.98, seen.box, where)


def pointing_hand(target=(0.4, -0.4, 2.5), source=PositionSource.DEPTH, track_id=3):
    """A hand whose index finger points at something."""
    seen = seen_hand(track_id)
    origin = np.array(seen.in_camera[8], np.float64)
    way = np.array(target) - origin
    met = NOWHERE if source is PositionSource.NONE else Position3D(target, 0.02, 0.8, source)
    direction = tuple((way / np.linalg.norm(way)).tolist())
    pointing = Pointing(tuple(origin.tolist()), direction, met)
    return replace(seen, gesture=Gesture("Point", 0.9, Origin.GEOMETRY, 1), pointing=pointing)
