"""Whether two findings are of one hand.

Boxes alone do not tell: hands that are folded lie in one box. The points do: of one hand they lie on each other in
their order, of two hands they do not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gesture_perception.hand import HandLandmarks
from gesture_perception.hand_crop import box_of_hand
from gesture_perception.hand_points import INDEX_MCP, LITTLE_MCP, MIDDLE_MCP, RING_MCP, THUMB_CMC, THUMB_MCP, WRIST
from gesture_perception.palms import PalmDetection
from perception_core.geometry import box_around

_OF_PALM = np.array([WRIST, INDEX_MCP, MIDDLE_MCP, RING_MCP, LITTLE_MCP, THUMB_CMC, THUMB_MCP])  # as a palm has them
_SAME_BOX = 0.4  # overlap
_SAME_POINTS = (
    0.15  # mean distance of the points in sizes of the hand; what settles on one hand differs by 0.02 to 0.05
)
_SAME_PALM = 0.35  # likewise for the points of a palm, in sides of its box: the detector places them less well
_SAME_PALM_BOX = 0.3  # overlap of the boxes around them, where the detector has the points wrong


def same_hand(one: HandLandmarks, other: HandLandmarks) -> bool:
    """Whether two sets of landmarks in one image are of one hand."""
    one_box, other_box = box_of_hand(one), box_of_hand(other)
    if one_box.overlap(other_box) < _SAME_BOX:
        return False
    size = max(one_box.width, one_box.height, other_box.width, other_box.height)
    return _apart(one.points[:, :2], other.points[:, :2]) < _SAME_POINTS * size


def same_palm(palm: PalmDetection, landmarks: HandLandmarks) -> bool:
    """Whether a palm that was detected is that of a hand whose landmarks are known."""
    points = landmarks.points[_OF_PALM, :2]
    size = max(palm.box.width, palm.box.height)
    if _apart(palm.points, points) < _SAME_PALM * size:
        return True
    return palm.box.overlap(box_around(points)) > _SAME_PALM_BOX


def _apart(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Mean distance of points, pixels."""
    away = np.asarray(one, np.float64) - other
    return float(np.sqrt(np.einsum("nd,nd->n", away, away)).mean())
