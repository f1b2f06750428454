"""Boxes, rotated regions and similarity transforms in the image plane.

Pixel coordinates: x to the right, y down; the centre of the first pixel is 0, as OpenCV has it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Affine = NDArray[np.float64]


class GeometryError(ValueError):
    """Points from which no transform can be found."""


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle.

    Attributes:
        x: Left edge in pixels.
        y: Top edge in pixels.
        width: Pixels, not negative.
        height: Pixels, not negative.
    """

    x: float
    y: float
    width: float
    height: float

    @property
    def centre(self) -> tuple[float, float]:
        """Centre in pixels."""
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def area(self) -> float:
        """Square pixels."""
        return self.width * self.height

    @property
    def right(self) -> float:
        """Right edge in pixels."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Bottom edge in pixels."""
        return self.y + self.height

    @classmethod
    def around(cls, centre: tuple[float, float], width: float, height: float) -> Box:
        """The box of the given size with its centre there."""
        return cls(centre[0] - width / 2, centre[1] - height / 2, width, height)

    def scaled(self, factor: float) -> Box:
        """The box grown about its centre."""
        return Box.around(self.centre, self.width * factor, self.height * factor)

    def squared(self) -> Box:
        """The smallest square with the same centre that holds the box."""
        side = max(self.width, self.height)
        return Box.around(self.centre, side, side)

    def clipped(self, width: int, height: int) -> Box:
        """The part that lies inside an image; of zero size if there is none."""
        left, right = min(max(0.0, self.x), float(width)), min(max(0.0, self.right), float(width))
        top, bottom = min(max(0.0, self.y), float(height)), min(max(0.0, self.bottom), float(height))
        return Box(left, top, right - left, bottom - top)

    def slices(self) -> tuple[slice, slice]:
        """Rows and columns of the pixels that the box touches, for indexing an image; the box must be clipped."""
        return (
            slice(math.floor(self.y), math.ceil(self.bottom)),
            slice(math.floor(self.x), math.ceil(self.right)),
        )

    def overlap(self, other: Box) -> float:
        """Intersection over union, 0 to 1."""
        width = min(self.right, other.right) - max(self.x, other.x)
        height = min(self.bottom, other.bottom) - max(self.y, other.y)
        if width <= 0 or height <= 0:
            return 0.0
        shared = width * height
        return shared / (self.area + other.area - shared)


@dataclass(frozen=True, slots=True)
class RotatedRegion:
    """A square part of the image, turned about its centre.

    Attributes:
        centre: Pixels.
        side: Pixels.
        angle: Radians; the direction in the image that becomes the crop's x axis, clockwise from the image's x axis.
    """

    centre: tuple[float, float]
    side: float
    angle: float

    def to_crop(self, size: int) -> Affine:
        """The 2x3 transform from image pixels to pixels of a crop of `size` x `size`, as `cv2.warpAffine` takes it."""
        scale = size / self.side
        cos, sin = scale * math.cos(self.angle), scale * math.sin(self.angle)
        turn = np.array([[cos, sin], [-sin, cos]])
        shift = np.full(2, (size - 1) / 2) - turn @ np.array(self.centre)
        return np.column_stack([turn, shift])


def similarity_between(source: ArrayLike, target: ArrayLike) -> Affine:
    """The rotation, uniform scale and shift that bring points onto others with the least squared error.

    Umeyama, "Least-squares estimation of transformation parameters between two point patterns", PAMI 13(4), 1991.

    Args:
        source: Nx2 points, N >= 2, not all the same.
        target: Nx2 points they shall come to lie on.

    Returns:
        2x3 transform.

    Raises:
        GeometryError: All source points are the same, there are none, or a coordinate is not finite.
    """
    source, target = np.asarray(source, np.float64), np.asarray(target, np.float64)
    if source.size == 0:
        raise GeometryError("there are no points")
    if not (np.isfinite(source).all() and np.isfinite(target).all()):
        raise GeometryError(f"a coordinate is not finite: {source.tolist()} -> {target.tolist()}")
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    centred_source, centred_target = source - source_mean, target - target_mean
    variance = (centred_source**2).sum() / len(source)
    if variance == 0:
        raise GeometryError(f"all source points are the same: {source.tolist()}")
    left, singular, right = np.linalg.svd(centred_target.T @ centred_source / len(source))
    keep_orientation = np.array([1.0, np.sign(np.linalg.det(left) * np.linalg.det(right)) or 1.0])
    rotation = left @ np.diag(keep_orientation) @ right
    scale = (singular * keep_orientation).sum() / variance
    return np.column_stack([scale * rotation, target_mean - scale * rotation @ source_mean])


def inverse(transform: Affine) -> Affine:
    """The 2x3 transform that undoes another.

    Raises:
        GeometryError: The transform flattens the plane.
    """
    linear, shift = transform[:, :2], transform[:, 2]
    if np.linalg.det(linear) == 0:
        raise GeometryError(f"the transform cannot be undone: {transform.tolist()}")
    back = np.linalg.inv(linear)
    return np.column_stack([back, -back @ shift])


def bounds(points: NDArray[np.floating[Any]]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of points.

    numpy's own minimum along the first of such axes takes five times as long.

    Args:
        points: NxD, D >= 2, N >= 1.

    Returns:
        Not a number where a coordinate is none.
    """
    columns = np.ascontiguousarray(points[:, :2].T)
    (left, top), (right, bottom) = columns.min(axis=1).tolist(), columns.max(axis=1).tolist()
    return left, top, right, bottom


def box_around(points: NDArray[np.floating[Any]]) -> Box:
    """The upright box around points; see `bounds`."""
    left, top, right, bottom = bounds(points)
    return Box(left, top, right - left, bottom - top)


def transformed(points: ArrayLike, transform: Affine) -> NDArray[np.float64]:
    """Nx2 points after a 2x3 transform."""
    return np.asarray(points, np.float64) @ transform[:, :2].T + transform[:, 2]
