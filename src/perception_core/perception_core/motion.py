"""How many things move at once: constant-velocity Kalman filters side by side.

What is filtered are four quantities of each thing, independent of each other: the centre's column and row, the
logarithm of the size, the logarithm of the distance. So all filters are a few operations on arrays, and no matrix is
inverted. Noise of the centre is told in sizes of the thing, which makes the filter the same for near and far things.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

COLUMN, ROW, SIZE, DISTANCE = range(4)

# Standard deviations of a measurement: sizes for the centre, natural logarithms (relative errors) for the others.
_MEASUREMENT = np.array([0.06, 0.06, 0.06, 0.06])
_DOUBT = 5.0  # times the standard deviation, where a thing is covered in part or mistaken for another
# Spectral density of the acceleration: (sizes/s)^2 per s, (1/s)^2 per s. A head is 0.15 m: a person who starts to walk
# changes by ten sizes per second within half a second.
_ACCELERATION = np.array([6.0, 6.0, 0.08, 0.08])
# Standard deviation of the velocity of a thing seen once: a walking person moves 5 to 10 sizes per second.
_FIRST_VELOCITY = np.array([5.0, 4.0, 0.5, 0.5])
_UNKNOWN_DISTANCE = 4.0  # variance of the logarithm: 0.14 to 7 m
# Who is not seen walks on for a while, and then may have stopped; the size does not go on changing.
_MEMORY_OF_VELOCITY_S = np.array([1.0, 1.0, 0.2, 0.2])


class MotionFilters:
    """Filters in rows, one for each thing."""

    def __init__(self) -> None:
        self.position: Floats = np.empty((0, 4))
        self._velocity: Floats = np.empty((0, 4))
        self._variance: Floats = np.empty((0, 4))
        self._covariance: Floats = np.empty((0, 4))  # between position and velocity
        self._velocity_variance: Floats = np.empty((0, 4))

    def __len__(self) -> int:
        return len(self.position)

    def add(self, measured: Floats) -> None:
        """Adds a filter for each of Nx4 measurements; an unknown distance is NaN."""
        unknown = np.isnan(measured)
        unit = self._unit(measured)
        self.position = np.vstack([self.position, np.where(unknown, 0.0, measured)])
        self._velocity = np.vstack([self._velocity, np.zeros_like(measured)])
        variance = np.where(unknown, _UNKNOWN_DISTANCE, (_MEASUREMENT * unit) ** 2)
        self._variance = np.vstack([self._variance, variance])
        self._covariance = np.vstack([self._covariance, np.zeros_like(measured)])
        self._velocity_variance = np.vstack([self._velocity_variance, (_FIRST_VELOCITY * unit) ** 2])

    def keep(self, rows: Mask) -> None:
        """Keeps the marked filters and drops the others."""
        self.position = self.position[rows]
        self._velocity = self._velocity[rows]
        self._variance = self._variance[rows]
        self._covariance = self._covariance[rows]
        self._velocity_variance = self._velocity_variance[rows]

    def predict(self, seconds: float, seen: Mask) -> None:
        """Moves all filters on in time; those not seen of late slow down.

        Args:
            seconds: Not negative.
            seen: For each filter whether it was seen at the time from which it is moved on.
        """
        slower = np.exp(-seconds / _MEMORY_OF_VELOCITY_S)
        moves = np.where(seen[:, None], seconds, _MEMORY_OF_VELOCITY_S * (1.0 - slower))
        keeps = np.where(seen[:, None], 1.0, slower)
        noise = _ACCELERATION * self._unit(self.position) ** 2
        self.position = self.position + moves * self._velocity
        self._velocity = keeps * self._velocity
        self._variance = (
            self._variance + moves * (2 * self._covariance + moves * self._velocity_variance) + noise * (seconds**3 / 3)
        )
        self._covariance = keeps * (self._covariance + moves * self._velocity_variance) + noise * (seconds**2 / 2)
        self._velocity_variance = keeps**2 * self._velocity_variance + noise * seconds

    def correct(self, rows: list[int], measured: Floats, doubtful: Mask) -> None:
        """Takes in measurements.

        Args:
            rows: M filters, each at most once.
            measured: Mx4; an unknown distance is NaN.
            doubtful: M; whether the measurement may be far off or of something else, and shall change little.
        """
        variance, covariance = self._variance[rows], self._covariance[rows]
        unknown = np.isnan(measured)
        innovation = np.where(unknown, 0.0, measured - self.position[rows])
        trust = np.where(doubtful, _DOUBT, 1.0)[:, None]
        total = variance + (_MEASUREMENT * self._unit(measured) * trust) ** 2
        gain = np.where(unknown, 0.0, variance / total)
        velocity_gain = np.where(unknown, 0.0, covariance / total)
        self.position[rows] += gain * innovation
        self._velocity[rows] += velocity_gain * innovation
        self._velocity_variance[rows] -= velocity_gain * covariance
        self._covariance[rows] = (1 - gain) * covariance
        self._variance[rows] = (1 - gain) * variance

    def deviations(self, measured: Floats, doubtful: Mask) -> tuple[Floats, Floats]:
        """How well measurements go with the predictions.

        Args:
            measured: Mx4; an unknown distance is NaN.
            doubtful: N; whether a measurement of this thing may be far off.

        Returns:
            MxN squared Mahalanobis distances; N logarithms of the volume within which each filter expects its
            measurement, so that one that knows little does not win by knowing little.
        """
        unit = self._unit(self.position)
        trust = np.where(doubtful, _DOUBT, 1.0)[:, None]
        total = self._variance + (_MEASUREMENT * unit * trust) ** 2
        squared = (measured[:, None, :] - self.position) ** 2 / total
        squared[np.isnan(squared)] = 1.0  # what it is on average
        return squared.sum(axis=2), np.log(total / unit**2).sum(axis=1)

    @staticmethod
    def _unit(position: Floats) -> Floats:
        """In what the noise of each quantity is told: the size in pixels for the centre, 1 for logarithms."""
        unit = np.ones_like(position)
        unit[:, :SIZE] = np.exp(position[:, SIZE])[:, None]
        return unit
