"""What is known of one person in one frame, and what of faces and hands tells who belongs together."""

from __future__ import annotations

from dataclasses import dataclass

from face_perception.identity import Identity
from gesture_perception.hand import Side
from perception_core.depth import Position3D
from perception_core.frame import Point3
from perception_core.geometry import Box


@dataclass(frozen=True, slots=True)
class SeenFace:
    """A face, as far as it tells whose hands are whose.

    Attributes:
        track_id: The same from frame to frame.
        box: Pixels; may reach beyond the image's border.
        position: Of the sellion.
        bridged: Not found in this frame; predicted from those before.
        identity: Whose face it is.
        looking_at_camera: None where it is not known.
    """

    track_id: int
    box: Box
    position: Position3D
    bridged: bool
    identity: Identity
    looking_at_camera: bool | None


@dataclass(frozen=True, slots=True)
class SeenHand:
    """A hand, as far as it tells whose it is.

    Attributes:
        track_id: The same from frame to frame.
        box: Pixels; may reach beyond the image's border.
        position: Of the wrist.
        bridged: Not found in this frame; predicted from those before.
        side: Whose own hand it is.
        side_score: Certainty of the side, 0.5 to 1; NaN where the side is unknown.
        wrist: Pixel; None where it is not known.
        elbow_in_image: Direction in the image from the root of the middle finger to the wrist, that is towards the
            elbow, of length one; None where it is not known.
        elbow_in_space: The same direction in the camera's optical frame, of length one.
    """

    track_id: int
    box: Box
    position: Position3D
    bridged: bool
    side: Side
    side_score: float
    wrist: tuple[float, float] | None
    elbow_in_image: tuple[float, float] | None
    elbow_in_space: Point3 | None


@dataclass(frozen=True, slots=True)
class Person:
    """The face and the hands of one person in one frame.

    Attributes:
        track_id: The same for one person from frame to frame, never used for another; 1 or more.
        face: None where it is not seen.
        hands: At most two, a right one before a left one.
        position: Of the sellion where the face is seen, also bridged; else of the best seen hand's wrist.
        distance: From the camera, metres; NaN where the position is not known.
        identity: The last one of the face.
        looking_at_camera: None where it is not known, as while the face is not seen.
    """

    track_id: int
    face: SeenFace | None
    hands: tuple[SeenHand, ...]
    position: Position3D
    distance: float
    identity: Identity
    looking_at_camera: bool | None
