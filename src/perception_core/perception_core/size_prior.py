"""How far away something is, judged by how large it looks.

A length of the body is known from anatomy to a few per cent; how many pixels it spans tells the distance. A length that
is turned away from the camera looks too short, never too long: of several lengths those that look largest are believed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from perception_core.frame import Intrinsics

Pixel = tuple[float, float]

_LEAST_PIXELS = 2.0  # a shorter length is all landmark noise
_LANDMARK_SHARE = 0.02  # landmarks are off by a share of the length that they mark, however large it is in the image
_TURN_SIGMA = 0.03  # what remains when all lengths are turned a little: 1 - cos(14 degrees)


@dataclass(frozen=True, slots=True)
class KnownLength:
    """A distance between two points of the body.

    Attributes:
        metres: Mean of the population.
        sigma: Standard deviation of the population, metres.
    """

    metres: float
    sigma: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A known length as it is seen in the image.

    Attributes:
        start: Pixel of one end.
        end: Pixel of the other end.
        length: What it measures in the world.
    """

    start: Pixel
    end: Pixel
    length: KnownLength


@dataclass(frozen=True, slots=True)
class SizePrior:
    """A distance judged by size.

    Attributes:
        distance: Metres along the optical axis.
        sigma: Standard deviation of `distance`, metres.
    """

    distance: float
    sigma: float


def size_prior(segments: Sequence[Segment], intrinsics: Intrinsics, pixel_sigma: float = 1.0) -> SizePrior | None:
    """The distance at which known lengths look as large as they do.

    Each length tells the logarithm of its magnification, 1 / distance. The estimate is their mean, weighted by
    precision and by how well each agrees with the largest: a foreshortened one drops out softly.

    Args:
        segments: Lengths seen in the image, all at about the same distance.
        intrinsics: Of the image.
        pixel_sigma: Standard deviation of a landmark's coordinate, pixels.

    Returns:
        The distance; None if no segment spans enough pixels.
    """
    sightings = [_magnification(segment, intrinsics, pixel_sigma) for segment in segments]
    usable = [sighting for sighting in sightings if sighting is not None]
    if not usable:
        return None
    largest, its_variance = max(usable)
    weights = [
        math.exp(-0.5 * (largest - value) ** 2 / (its_variance + variance)) / variance for value, variance in usable
    ]
    total = sum(weights)
    mean = sum(weight * value for weight, (value, _) in zip(weights, usable, strict=True)) / total
    variance = sum(weight**2 * variance for weight, (_, variance) in zip(weights, usable, strict=True)) / total**2
    distance = math.exp(-mean)
    return SizePrior(distance, distance * math.sqrt(variance + _TURN_SIGMA**2))


def _magnification(segment: Segment, intrinsics: Intrinsics, pixel_sigma: float) -> tuple[float, float] | None:
    """Logarithm of 1 / distance and its variance."""
    if not all(math.isfinite(value) for value in (*segment.start, *segment.end)):
        return None
    start, end = intrinsics.deproject(*segment.start, 1.0), intrinsics.deproject(*segment.end, 1.0)
    span = math.hypot(start[0] - end[0], start[1] - end[1])
    pixels = span * math.sqrt(intrinsics.fx * intrinsics.fy)
    if not pixels >= _LEAST_PIXELS:
        return None
    length = segment.length
    variance = (length.sigma / length.metres) ** 2 + 2 * (pixel_sigma / pixels) ** 2 + _LANDMARK_SHARE**2
    return math.log(span / length.metres), variance
