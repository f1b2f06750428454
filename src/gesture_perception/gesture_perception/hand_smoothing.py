"""The points of one hand from frame to frame, without jitter."""

from __future__ import annotations

import math

import numpy as np

from gesture_perception.hand import HandLandmarks
from gesture_perception.hand_points import INDEX_MCP, LITTLE_MCP, MIDDLE_MCP, POINTS, WRIST
from perception_core.point_filter import Floats, PointFilter

_LONGEST_GAP_S = 0.5  # a hand that was away for longer has moved too far for the old points to say anything
_LENGTHS = ((WRIST, INDEX_MCP), (WRIST, MIDDLE_MCP), (WRIST, LITTLE_MCP), (INDEX_MCP, LITTLE_MCP))


class HandSmoother:
    """Calms the points of one hand; not safe to use from several threads."""

    def __init__(self, min_cutoff_hz: float = 1.5, beta: float = 10.0) -> None:
        """Begins with nothing.

        Args:
            min_cutoff_hz: Jitter of a still hand above this frequency is taken out; lower means calmer.
            beta: Rise of that frequency with the speed of a point, Hz per hand size and second; higher means less lag.

        Raises:
            ValueError: The cutoff is not above 0, or beta is below it.
        """
        self._filter = PointFilter(min_cutoff_hz, beta)
        self._stamp_ns: int | None = None

    def reset(self) -> None:
        """Forgets the hand."""
        self._filter.reset()
        self._stamp_ns = None

    def __call__(self, landmarks: HandLandmarks, stamp_ns: int) -> HandLandmarks:
        """Takes in what the network found in an image.

        Args:
            landmarks: Where a point is not finite they are given back as they are, and leave no trace.
            stamp_ns: When the image was taken. A jump back, or forward by more than half a second, begins anew.

        Returns:
            The same hand with calm points.
        """
        both = np.concatenate([landmarks.points, landmarks.metric], dtype=np.float64)
        if not np.isfinite(both).all():
            return landmarks
        if self._stamp_ns is not None and not 0 <= stamp_ns - self._stamp_ns <= _LONGEST_GAP_S * 1e9:
            self.reset()
        self._stamp_ns = stamp_ns
        pixels, metres = max(hand_size(both[:POINTS, :2]), 1.0), max(hand_size(both[POINTS:]), 0.01)
        units = np.array([pixels, metres]).repeat(POINTS)
        calm = self._filter(both, units, stamp_ns).astype(np.float32)
        return HandLandmarks(calm[:POINTS], calm[POINTS:], landmarks.presence, landmarks.right)


def hand_size(points: Floats) -> float:
    """The longest of the lengths across the palm, however the fingers are bent and the hand is turned.

    Args:
        points: 21xD.

    Returns:
        In the unit of the points; of an adult's hand 0.1 m.
    """
    places = points.tolist()
    return max(math.dist(places[start], places[end]) for start, end in _LENGTHS)
