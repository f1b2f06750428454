"""What is kept of one hand from frame to frame."""

from __future__ import annotations

from gesture_perception.hand import HandLandmarks
from gesture_perception.hand_side import SideEvidence
from gesture_perception.hand_smoothing import HandSmoother
from gesture_perception.motions import HandMotions


class HandState:
    """One track's points, side and motions.

    Attributes:
        side: Whose own hand it is, so far.
        motions: What it does.
    """

    def __init__(self, min_cutoff_hz: float, beta: float) -> None:
        """Begins with nothing seen; the arguments are those of `HandSmoother`."""
        self.change(min_cutoff_hz, beta)
        self.side = SideEvidence()
        self.motions = HandMotions()

    def change(self, min_cutoff_hz: float, beta: float) -> None:
        """Smooths otherwise from now on."""
        self._smoothing = HandSmoother(min_cutoff_hz, beta)

    def smoothed(self, landmarks: HandLandmarks, stamp_ns: int) -> HandLandmarks:
        """The landmarks of an image without their jitter; takes in what they say of the side."""
        self.side.update(landmarks.right)
        return self._smoothing(landmarks, stamp_ns)
