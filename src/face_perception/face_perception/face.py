"""What is known of one face in one frame."""

from __future__ import annotations

from dataclasses import dataclass

from face_perception.detection import FaceKeypoints
from perception_core.depth import Position3D
from perception_core.geometry import Box


@dataclass(frozen=True, slots=True)
class Face:
    """One face in one frame.

    Attributes:
        track_id: The same from frame to frame, never used for another face; 1 or more.
        score: Of the detection, 0 to 1; the last one where the face is bridged.
        bridged: Not found in this frame; predicted from those before.
        box: Pixels; may reach beyond the image's border.
        keypoints: Pixels; None where the face is bridged.
        position: Of the sellion, the bridge of the nose between the eyes.
    """

    track_id: int
    score: float
    bridged: bool
    box: Box
    keypoints: FaceKeypoints | None
    position: Position3D
