"""Where a point of a body is in metres, from the depth around it, or from its size where there is no depth.

A patch of the depth image around the point holds the body and whatever else: a hand before it, the wall behind it,
holes, and flying pixels in between. The surface is the distance around which most pixels lie, where the size of the
body in the image speaks softly for one or the other; its median is the distance.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from perception_core.frame import DepthImage, Point3, RgbdFrame
from perception_core.geometry import Box
from perception_core.size_prior import Pixel, SizePrior

_STEREO_NOISE = 0.15 / (615 * 0.05)  # per metre: 0.15 px of disparity at 615 px focal length and 50 mm baseline (D435)
_INDEPENDENT_PX = 25  # stereo matches windows: so many neighbouring pixels share one error
_MISREGISTRATION_PX = 1.5  # typical offset between colour and aligned depth
_SLOPE = 0.35  # typical change of a face's depth per metre across it: what misregistration costs

_FARTHEST = np.float32(60.0)  # no depth camera sees further: it is a code for "no data", such as 65.535

_LEAST_PATCH_PX = 13  # noise is averaged over so many pixels at least ...
_LEAST_BODY_PX = 5  # ... unless the body itself is smaller
_WIDER = (1.0, 2.0, 3.5)  # patches tried in turn while nothing that can be the body is found

_HALF_RELIEF = 0.015  # metres before and behind the middle of a surface: a nose, the eye sockets
_LEAST_PIXELS = 6  # a surface of fewer pixels is an accident
_LEAST_SHARE = 0.15  # of a patch: holes, an occluder and the wall may take the rest
_SOLID_SHARE = 0.5  # a surface this large is believed even against the size prior: a child, a photograph
_WRONG_UNIT = 10.0  # so many times nearer or farther than the size says, it is no body: depth in another unit
_NEAREST = 0.1  # metres; no depth camera sees nearer
_FAR_FROM_PRIOR = 3.0  # standard deviations of the prior
_PRIOR_FLOOR = 0.05  # plausibility of a surface at a distance that contradicts the size


class PositionSource(Enum):
    """What a distance was taken from."""

    DEPTH = "depth"
    SIZE_PRIOR = "size_prior"
    PREDICTED = "predicted"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Position3D:
    """A point in the camera's optical frame.

    Attributes:
        xyz: Metres; x right, y down, z forward. NaN if the source is NONE.
        sigma: Standard deviation of z, metres. NaN if the source is NONE.
        valid_share: Share of the depth pixels around the point that held data, 0 to 1.
        source: What the distance was taken from.
    """

    xyz: Point3
    sigma: float
    valid_share: float
    source: PositionSource


@dataclass(frozen=True, slots=True)
class BodySite:
    """A point of the body and the surface around it.

    Attributes:
        patch: Side of the square around the point that lies at nearly the same depth, metres.
        width: Side of the largest square that is still on the body, metres.
        behind: How far the median of a patch lies behind the point, per metre of half the patch's side.
        relief: Standard deviation of that, in the same unit.
    """

    patch: float
    width: float
    behind: float
    relief: float


@dataclass(frozen=True, slots=True)
class _Surface:
    distance: float
    scatter: float
    pixels: int
    share: float


def locate(frame: RgbdFrame, point: Pixel, prior: SizePrior | None, site: BodySite) -> Position3D:
    """Where a point of the body is.

    Args:
        frame: Depth and intrinsics may be missing; depth of another size than the colour image is not aligned with it
            and is not used.
        point: Pixel of the colour image; may lie outside of it.
        prior: Distance judged by size; None if nothing is known.
        site: What surrounds the point.

    Returns:
        From depth if a surface is found that can be the body, else from size, else with the source NONE: without
        intrinsics nothing can be said in metres.
    """
    intrinsics = frame.intrinsics
    if intrinsics is None or not (math.isfinite(point[0]) and math.isfinite(point[1])):
        return _unknown(0.0)
    valid_share = 0.0
    if frame.depth is not None and frame.depth.size == frame.size:
        distance, sigma, valid_share = _measured(frame.depth, point, prior, site, intrinsics.fx)
        if not math.isnan(distance):
            xyz = intrinsics.deproject(*point, distance)
            return Position3D(xyz, sigma, valid_share, PositionSource.DEPTH)
    if prior is None:
        return _unknown(valid_share)
    xyz = intrinsics.deproject(*point, prior.distance)
    return Position3D(xyz, prior.sigma, valid_share, PositionSource.SIZE_PRIOR)


def _unknown(valid_share: float) -> Position3D:
    return Position3D((math.nan, math.nan, math.nan), math.nan, valid_share, PositionSource.NONE)


def _measured(
    depth: DepthImage, point: Pixel, prior: SizePrior | None, site: BodySite, focal_length: float
) -> tuple[float, float, float]:
    """Distance and its standard deviation, NaN if no surface is found, and the share of valid pixels."""
    valid_share: float | None = None
    contradicting: tuple[float, float] | None = None
    for side in _patch_sides(prior, site, focal_length):
        patch = depth.patch(Box.around(point, side, side))
        usable = np.sort(patch, axis=None)
        usable = usable[np.searchsorted(usable, _NEAREST) : np.searchsorted(usable, _FARTHEST)]  # NaN come last
        if valid_share is None:
            valid_share = usable.size / patch.size if patch.size else 0.0
        surface = _surface(usable, patch.size, prior, side / 2 / focal_length)
        if surface is None:
            continue
        found = _distance_of(surface, side, site, focal_length)
        if prior is None or abs(found[0] - prior.distance) <= _FAR_FROM_PRIOR * prior.sigma:
            return *found, valid_share
        possible = 1 / _WRONG_UNIT < found[0] / prior.distance < _WRONG_UNIT
        if contradicting is None and surface.share >= _SOLID_SHARE and possible:
            contradicting = found
    return *(contradicting or (math.nan, math.nan)), valid_share or 0.0


def _patch_sides(prior: SizePrior | None, site: BodySite, focal_length: float) -> Iterator[float]:
    """Pixels; growing, at most as large as the body looks."""
    if prior is None:
        yield _LEAST_PATCH_PX
        return
    pixels_per_metre = focal_length / prior.distance
    body = max(site.width * pixels_per_metre, _LEAST_BODY_PX)
    least = max(site.patch * pixels_per_metre, _LEAST_PATCH_PX)
    last = 0.0
    for factor in _WIDER:
        side = min(factor * least, body)
        if side > last:
            yield side
        last = side


def _surface(
    usable: NDArray[np.float32], pixels_in_patch: int, prior: SizePrior | None, half_side_per_metre: float
) -> _Surface | None:
    """The most plausible surface among sorted distances, or None."""
    if usable.size < _LEAST_PIXELS:
        return None
    reach = _reach(usable, half_side_per_metre)
    first = np.searchsorted(usable, usable - reach)
    last = np.searchsorted(usable, usable + reach, side="right")
    support = (last - first).astype(np.float32)
    if prior is not None:
        deviation = (usable - prior.distance) / prior.sigma
        support *= _PRIOR_FLOOR + np.exp(-0.5 * np.minimum(deviation * deviation, 50.0))
    best = int(support.argmax())
    middle = usable[(first[best] + last[best]) // 2]
    reach_there = _reach(middle, half_side_per_metre)
    bounds = np.searchsorted(usable, np.array([middle - reach_there, middle + reach_there]))
    members = usable[bounds[0] : bounds[1]]
    share = members.size / pixels_in_patch
    if members.size < _LEAST_PIXELS or share < _LEAST_SHARE:
        return None
    return _Surface(float(members[members.size // 2]), float(members.std()), members.size, share)


def _reach(distance: NDArray[np.float32] | np.float32, half_side_per_metre: float) -> NDArray[np.float32]:
    """How far before and behind its middle a surface may reach: its relief, a slope across the patch, and noise."""
    slope, noise = np.float32(0.5 * half_side_per_metre), np.float32(2.5 * _STEREO_NOISE)
    return np.asarray(np.float32(_HALF_RELIEF) + distance * (slope + distance * noise))


def _distance_of(surface: _Surface, side: float, site: BodySite, focal_length: float) -> tuple[float, float]:
    """Distance of the point itself and its standard deviation, metres."""
    metres_per_pixel = surface.distance / focal_length
    half_side = side / 2 * metres_per_pixel
    noise = max(surface.scatter, _STEREO_NOISE * surface.distance**2)
    variance = noise**2 / max(1.0, surface.pixels / _INDEPENDENT_PX)
    variance += (site.relief * half_side) ** 2 + (_SLOPE * _MISREGISTRATION_PX * metres_per_pixel) ** 2
    return surface.distance - site.behind * half_side, math.sqrt(variance)
