"""Whether a series of measurements grows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BATCHES = 10
_T_QUANTILE = 2.306  # Student's t, two-sided 95 %, BATCHES - 2 degrees of freedom


@dataclass(frozen=True, slots=True)
class Trend:
    """A slope and its 95 % confidence interval, in units of the series per second."""

    slope: float
    low: float
    high: float

    @property
    def flat(self) -> bool:
        """Whether the slope cannot be told from zero."""
        return self.low <= 0.0 <= self.high


def trend(seconds: Sequence[float], values: Sequence[float]) -> Trend:
    """The slope by least squares on the means of batches.

    Neighbouring samples of memory are alike, so that an interval from the samples themselves would be far too narrow;
    means of batches that are long against what makes neighbours alike are nearly independent (the method of batch
    means: A. M. Law, "Simulation Modeling and Analysis", 2015, 9.5.3).

    Args:
        seconds: When each value was taken, ascending.
        values: As many; at least two for each of the `BATCHES`.

    Raises:
        ValueError: There are too few values.
    """
    if len(values) < 2 * BATCHES or len(values) != len(seconds):
        raise ValueError(f"a trend needs at least {2 * BATCHES} values and a time for each, got {len(values)}")
    x = np.array([batch.mean() for batch in np.array_split(np.asarray(seconds, float), BATCHES)])
    y = np.array([batch.mean() for batch in np.array_split(np.asarray(values, float), BATCHES)])
    spread = float(((x - x.mean()) ** 2).sum())
    slope = float(((x - x.mean()) * (y - y.mean())).sum()) / spread
    residuals = y - y.mean() - slope * (x - x.mean())
    half = _T_QUANTILE * math.sqrt(float((residuals**2).sum()) / (BATCHES - 2) / spread)
    return Trend(slope, slope - half, slope + half)
