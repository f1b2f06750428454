"""How far points that were found lie from the true ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class PointErrors:
    """Errors of many faces.

    Attributes:
        faces: How many, those that were not found among them.
        mean: Of those that were found; NaN where none was.
        median: Likewise.
        failure_rate: Share of all with an error above the limit; what was not found is among them.
        auc: Area below the cumulative distribution of the errors up to the limit, in shares of the limit: 1 where all
            errors are 0, 0 where all are failures.
    """

    faces: int
    mean: float
    median: float
    failure_rate: float
    auc: float


def normalised_error(found: ArrayLike, truth: ArrayLike, left: int, right: int) -> float:
    """Mean distance of the points in distances between two of the true ones.

    Args:
        found: Nx2 pixels.
        truth: Nx2 pixels.
        left: Which two measure the face; for the inter-ocular distance the outer corners of the eyes.
        right: The other.

    Returns:
        NaN where the two coincide or a number is not finite.
    """
    points, true_points = np.asarray(found, np.float64), np.asarray(truth, np.float64)
    unit = float(np.linalg.norm(true_points[left] - true_points[right]))
    return float(np.linalg.norm(points - true_points, axis=1).mean()) / unit if unit > 0 else math.nan


def summary(errors: Sequence[float], limit: float = 0.1) -> PointErrors:
    """What is usually said of many errors.

    Args:
        errors: One per face; infinite where it was not found.
        limit: A larger error is a failure.
    """
    every = np.asarray(errors, np.float64)
    if not every.size:
        return PointErrors(0, math.nan, math.nan, math.nan, math.nan)
    found = every[np.isfinite(every)]
    mean, median = (float(found.mean()), float(np.median(found))) if found.size else (math.nan, math.nan)
    # Every face adds 1 to the distribution from its error on: the area is what is left of the limit then.
    area = np.clip(1 - every / limit, 0, 1).mean()
    return PointErrors(len(every), mean, median, float((every > limit).mean()), float(area))
