"""The 21 points of a hand, in the order of MediaPipe's networks and of the messages' HAND21."""

from __future__ import annotations

import numpy as np

POINTS = 21
SCHEME = "HAND21"

WRIST = 0
THUMB_CMC, THUMB_MCP, THUMB_IP, THUMB_TIP = 1, 2, 3, 4
INDEX_MCP, INDEX_PIP, INDEX_DIP, INDEX_TIP = 5, 6, 7, 8
MIDDLE_MCP, MIDDLE_PIP, MIDDLE_DIP, MIDDLE_TIP = 9, 10, 11, 12
RING_MCP, RING_PIP, RING_DIP, RING_TIP = 13, 14, 15, 16
LITTLE_MCP, LITTLE_PIP, LITTLE_DIP, LITTLE_TIP = 17, 18, 19, 20

FINGERS = np.array([[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12], [13, 14, 15, 16], [17, 18, 19, 20]])
"""5x4: thumb to little finger, each from its root to its tip."""

PALM = np.array([WRIST, INDEX_MCP, MIDDLE_MCP, RING_MCP, LITTLE_MCP])
"""Points that move little against each other."""

BONES = np.array(
    [[WRIST, first] for first in (1, 5, 17)]
    + [[5, 9], [9, 13], [13, 17]]
    + [[finger[k], finger[k + 1]] for finger in FINGERS.tolist() for k in range(3)]
)
"""Nx2: pairs of points between which a line is drawn."""
