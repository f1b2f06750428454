"""The part of the image that goes into the hand network.

The network was trained on MediaPipe's regions, in which the hand stands upright, its wrist below. A hand is first
placed by its palm, and from then on by its own last landmarks. (MediaPipe's task library of version 0.10.14 turns the
first region by another 26.6 degrees: its graph gives 90 as an angle in radians. Its older graphs do not, nor do we.)
"""

from __future__ import annotations

import math

import numpy as np

from gesture_perception import palms
from gesture_perception.hand import HandLandmarks
from gesture_perception.hand_points import INDEX_MCP, MIDDLE_MCP, RING_MCP, WRIST
from gesture_perception.palms import PalmDetection
from perception_core.geometry import RotatedRegion

_OF_PALM, _UP_OF_PALM = (
    2.6,
    0.5,
)  # side of the region in sides of the palm's box, and how far it lies towards the fingers
_OF_HAND, _UP_OF_HAND = 2.0, 0.1  # likewise for the box around the steady points
_STEADY = np.array([0, 1, 2, 3, 5, 6, 9, 10, 13, 14, 17, 18])  # all but the outer joints: a fist is as large as a palm
_LEAST_SIDE = 2.0  # pixels: less is no picture of anything


def region_of_palm(palm: PalmDetection) -> RotatedRegion | None:
    """Where to look for the landmarks of a palm that was just detected; None if its box or points are unusable."""
    box = palm.box
    wrist_x, wrist_y = palm.points[palms.WRIST].tolist()
    root_x, root_y = palm.points[palms.MIDDLE_MCP].tolist()
    angle = _upright(root_x - wrist_x, root_y - wrist_y)
    x, y = box.centre
    up = _UP_OF_PALM * box.height
    centre = (x + up * math.sin(angle), y - up * math.cos(angle))
    return _usable(RotatedRegion(centre, _OF_PALM * max(box.width, box.height), angle))


def region_of_hand(landmarks: HandLandmarks) -> RotatedRegion | None:
    """Where to look for a hand next, by where its landmarks were last; None if they are unusable."""
    points = landmarks.points[:, :2].astype(np.float64)
    if not np.isfinite(points).all():
        return None
    root = (points[INDEX_MCP] + 2 * points[MIDDLE_MCP] + points[RING_MCP]) / 4
    way_x, way_y = (root - points[WRIST]).tolist()
    angle = _upright(way_x, way_y)
    cos, sin = math.cos(angle), math.sin(angle)
    along = points[_STEADY] @ np.array([[cos, -sin], [sin, cos]])  # in the axes of the region
    (left, top), (right, bottom) = along.min(axis=0).tolist(), along.max(axis=0).tolist()
    across, down = (left + right) / 2, (top + bottom) / 2 - _UP_OF_HAND * (bottom - top)
    centre = (across * cos - down * sin, across * sin + down * cos)
    return _usable(RotatedRegion(centre, _OF_HAND * max(right - left, bottom - top), angle))


def _upright(x: float, y: float) -> float:
    """The angle of a region in which this direction, of the image, points up."""
    return math.atan2(x, -y) if math.isfinite(x + y) else math.nan


def _usable(region: RotatedRegion) -> RotatedRegion | None:
    finite = all(map(math.isfinite, (*region.centre, region.side, region.angle)))
    return region if finite and region.side >= _LEAST_SIDE else None
