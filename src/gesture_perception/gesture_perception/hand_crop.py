"""What part of the picture a network gets that looks at hands themselves."""

from __future__ import annotations

import math

from gesture_perception.hand import HandLandmarks
from perception_core.geometry import Box, RotatedRegion, box_around
from perception_core.zoo.spec import HandCrop

_LEAST_INSIDE = 0.5  # of the box; less of a hand is not enough to read it
_LEAST_SIDE = 2.0  # pixels: less is no picture of anything


def box_of_hand(hand: HandLandmarks) -> Box:
    """The upright box around all points; not finite where a point is not."""
    return box_around(hand.points)


def hand_square(hand: HandLandmarks, crop: HandCrop, width: int, height: int) -> RotatedRegion | None:
    """The part of the picture that a network wants of a hand.

    Args:
        hand: Where it is.
        crop: What the network wants.
        width: Of the picture, pixels.
        height: Of the picture, pixels.

    Returns:
        None if there is no hand to be read: not finite, of no size, or most of it outside the picture.
    """
    box = box_of_hand(hand)
    longer = max(box.width, box.height)
    if not all(map(math.isfinite, (box.x, box.y, box.width, box.height))) or longer < _LEAST_SIDE:
        return None
    seen = box.squared().clipped(width, height)
    if seen.area < _LEAST_INSIDE * longer**2:
        return None
    return RotatedRegion(box.centre, longer * (1 + 2 * crop.margin) + 2 * crop.margin_px, 0.0)
