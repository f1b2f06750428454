"""What is known of one hand in one frame."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from perception_core.depth import Position3D
from perception_core.frame import Point3
from perception_core.geometry import Box

NO_GESTURE = "None"


class Side(Enum):
    """Whose hand it is, the person's own left or right one."""

    UNKNOWN = "unknown"
    LEFT = "left"
    RIGHT = "right"


class Origin(Enum):
    """What recognised a gesture; the value is what messages carry."""

    NOTHING = ""
    NETWORK = "network"
    GEOMETRY = "geometry"
    MOTION = "motion"
    TAUGHT = "taught"


@dataclass(frozen=True, slots=True)
class Gesture:
    """What a hand shows.

    Attributes:
        label: Such as Open_Palm; None where it shows nothing that is known, empty where it was not examined.
        score: 0 to 1; NaN where it was not examined.
        origin: What recognised it.
        fingers: How many are raised, 0 to 5; -1 where that is not known.
    """

    label: str
    score: float
    origin: Origin = Origin.NOTHING
    fingers: int = -1

    @property
    def shown(self) -> bool:
        """Whether it is a gesture at all."""
        return self.label not in ("", NO_GESTURE)


NOT_EXAMINED = Gesture("", math.nan)


@dataclass(frozen=True, slots=True, eq=False)
class HandLandmarks:
    """The points of one hand in one image; see `hand_points` for their order.

    Attributes:
        points: 21x3 float32: column and row in pixels of the whole image, and depth relative to the wrist in the same
            unit, smaller is nearer.
        metric: 21x3 float32, metres about the hand's centre, in axes parallel to the image's: right, down, away.
        presence: How surely there is a hand, 0 to 1.
        right: How surely it is a person's own right hand, 0 to 1.
    """

    points: NDArray[np.float32]
    metric: NDArray[np.float32]
    presence: float
    right: float


@dataclass(frozen=True, slots=True)
class Pointing:
    """Where a finger points.

    Attributes:
        origin: Metres in the camera's optical frame.
        direction: Of length one.
        target: Where the ray meets the depth image; of source NONE where it meets nothing.
    """

    origin: Point3
    direction: Point3
    target: Position3D


@dataclass(frozen=True, slots=True)
class Hand:
    """One hand in one frame.

    Attributes:
        track_id: The same from frame to frame, never used for another hand; 1 or more.
        score: Presence, 0 to 1; the last one where the hand is bridged.
        bridged: Not found in this frame; predicted from those before.
        side: Whose own hand it is.
        side_score: Certainty of the side, 0.5 to 1; NaN where the side is unknown.
        box: Around its points, pixels; may reach beyond the image's border.
        position: Of the wrist.
        landmarks: None where the hand is bridged.
        in_camera: 21x3 float32, metres in the camera's optical frame; None without depth.
        gesture: The pose.
        motion: The movement that goes on.
        pointing: None unless it points.
    """

    track_id: int
    score: float
    bridged: bool
    side: Side
    side_score: float
    box: Box
    position: Position3D
    landmarks: HandLandmarks | None = None
    in_camera: NDArray[np.float32] | None = field(default=None, compare=False)
    gesture: Gesture = NOT_EXAMINED
    motion: Gesture = NOT_EXAMINED
    pointing: Pointing | None = None
