"""Which faces are worth attention: near enough, large enough, and not too many."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np

from perception_core.depth import Position3D, PositionSource
from perception_core.frame import ColourImage, RgbdFrame
from perception_core.geometry import Box

_GREY = 128
_FARTHEST_M = 60.0  # no depth camera sees further: it is a code for "no data", such as 65.535
_HOLD = 0.9  # who is among the chosen stays so until another is nearer, or larger, by more than a tenth


class Preference(Enum):
    """Who comes first where not all can."""

    NEAREST = "nearest"
    LARGEST = "largest"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a face is, for choosing.

    Attributes:
        track_id: Whose.
        box: Pixels.
        position: May be unknown.
    """

    track_id: int
    box: Box
    position: Position3D


@dataclass(frozen=True, slots=True)
class RangeOfInterest:
    """What is looked at; the defaults leave nothing out.

    Attributes:
        max_distance: Faces further away are left out, metres; 0 leaves none out, nor is one whose distance is unknown.
        mask_beyond: Whether what is further away is made grey before anything looks at the picture.
        min_face_size: Faces whose box's longer side is shorter are left out, pixels.
        max_faces: So many at most; 0 for all.
        prefer: Who they are.
    """

    max_distance: float = 0.0
    mask_beyond: bool = False
    min_face_size: int = 0
    max_faces: int = 0
    prefer: Preference = Preference.NEAREST

    def masked(self, frame: RgbdFrame) -> ColourImage:
        """The picture, grey where the depth says that it is further away; what has no depth stays."""
        depth = frame.depth
        if not (self.mask_beyond and self.max_distance > 0) or depth is None or depth.size != frame.size:
            return frame.colour
        nearest, farthest = self.max_distance / depth.metres_per_unit, _FARTHEST_M / depth.metres_per_unit
        beyond = cv2.inRange(depth.raw, np.array([nearest]), np.array([farthest]))
        picture = frame.colour.copy()
        picture[beyond > 0] = _GREY
        return picture

    def admits(self, box: Box, position: Position3D) -> bool:
        """Whether a face is near and large enough."""
        too_far = 0 < self.max_distance < distance_of(position)
        known = position.source is not PositionSource.NONE
        return not (too_far and known) and max(box.width, box.height) >= self.min_face_size

    def chosen(self, places: Sequence[Place], before: Collection[int]) -> list[int]:
        """The ids of those who are shown, in the order of preference.

        Args:
            places: Of all that are admitted.
            before: Who was chosen last.
        """
        ordered = sorted(places, key=lambda place: self._rank(place, place.track_id in before))
        return [place.track_id for place in ordered[: self.max_faces or None]]

    def _rank(self, place: Place, was_chosen: bool) -> tuple[float, float]:
        hold = _HOLD if was_chosen else 1.0
        size = hold / max(place.box.area, 1.0)
        distance = distance_of(place.position) * hold if self.prefer is Preference.NEAREST else 0.0
        return distance, size


def distance_of(position: Position3D) -> float:
    """Metres; infinite where it is not known."""
    return math.inf if position.source is PositionSource.NONE else position.xyz[2]
