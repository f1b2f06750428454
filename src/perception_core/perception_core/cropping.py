"""Cutting a turned square out of a picture."""

from __future__ import annotations

import math

import cv2
import numpy as np

from perception_core.frame import ColourImage
from perception_core.geometry import RotatedRegion

_MOST_SAMPLES = 8  # per pixel of the crop and direction


def cut(colour: ColourImage, region: RotatedRegion, size: int) -> ColourImage:
    """The region as a picture of `size` x `size` pixels.

    A large region is sampled several times per pixel: fine lines would else come and go with its exact place.

    Args:
        colour: HxWx3 uint8; beyond its border it is continued by it.
        region: Finite, of a size above 0.
        size: Pixels.
    """
    samples = min(max(1, math.floor(region.side / size)), _MOST_SAMPLES)
    fine = size * samples
    crop = cv2.warpAffine(colour, region.to_crop(fine), (fine, fine), borderMode=cv2.BORDER_REPLICATE)
    if samples > 1:
        crop = cv2.resize(crop, (size, size), interpolation=cv2.INTER_AREA)
    return np.asarray(crop, np.uint8)
