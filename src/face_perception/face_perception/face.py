"""What is known of one face in one frame."""

from __future__ import annotations

from dataclasses import dataclass

from face_perception.blendshapes import Blendshapes
from face_perception.detection import FaceKeypoints
from face_perception.expression_evidence import UNKNOWN, Expression
from face_perception.eyes import Eyes
from face_perception.gaze import Gaze
from face_perception.head_pose import HeadPose
from face_perception.identity import NOT_EXAMINED, Identity
from face_perception.landmarks import Landmarks
from face_perception.liveness import Liveness
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
        landmarks: None where they are not looked for, or the face is bridged.
        pose: Of the head; None where it is not known.
        gaze: None where it is not known.
        looking_at_camera: None where it is not known.
        eyes: None where they are not known.
        expression: What the face shows.
        blendshapes: None where they are not known.
        identity: Whose face it is.
        liveness: Whether the depth has a head's relief.
    """

    track_id: int
    score: float
    bridged: bool
    box: Box
    keypoints: FaceKeypoints | None
    position: Position3D
    landmarks: Landmarks | None = None
    pose: HeadPose | None = None
    gaze: Gaze | None = None
    looking_at_camera: bool | None = None
    eyes: Eyes | None = None
    expression: Expression = UNKNOWN
    blendshapes: Blendshapes | None = None
    identity: Identity = NOT_EXAMINED
    liveness: Liveness = Liveness.UNKNOWN
