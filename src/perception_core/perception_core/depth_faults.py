"""Depth images that hold no distance, or distances in another unit than their encoding means."""

from __future__ import annotations

from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perception_core.frame import DepthImage

_GRID = 16  # every so many rows and columns are looked at first: 1200 pixels of 640x480 take 20 microseconds
_FARTHEST_M = 100.0  # no depth camera measures so far, and half an image never lies beyond
_NEAREST_UNITS = 20  # no depth camera measures nearer than 20 mm, and a room in metres is smaller


class DepthFault(Enum):
    """What is wrong with a depth image as a whole."""

    EMPTY = "empty"
    MILLIMETRES_AS_METRES = "millimetres as metres"
    METRES_AS_MILLIMETRES = "metres as millimetres"


def find_fault(depth: DepthImage) -> DepthFault | None:
    """What is wrong with a depth image as a whole; None for a good one, which costs a look at a coarse grid only."""
    units = _usable(depth.raw[::_GRID, ::_GRID])
    if not units.size:
        units = _usable(depth.raw)
    if not units.size:
        return DepthFault.EMPTY
    if depth.raw.dtype == np.uint16:
        nearer = units.max() < _NEAREST_UNITS and depth.raw.max() < _NEAREST_UNITS
        return DepthFault.METRES_AS_MILLIMETRES if nearer else None
    return DepthFault.MILLIMETRES_AS_METRES if np.median(units) > _FARTHEST_M else None


def _usable(units: NDArray[Any]) -> NDArray[Any]:
    usable: NDArray[Any] = units[np.isfinite(units) & (units > 0)]
    return usable
