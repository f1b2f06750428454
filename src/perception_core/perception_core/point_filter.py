"""Calms points that belong to one thing, such as the landmarks of a face or of a hand."""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Cutoff = TypeVar("Cutoff", float, Floats)

_SPEED_CUTOFF_HZ = 1.0


class PointFilter:
    """A One-Euro filter for points: the speed that counts is the point's, in sizes of what it belongs to.

    Casiez, Roussel, Vogel, "1 EUR filter: a simple speed-based low-pass filter for noisy input in interactive systems",
    CHI 2012. What is far is filtered like what is near, and a point alike in all directions.
    """

    def __init__(self, min_cutoff_hz: float, beta: float) -> None:
        """Begins with nothing.

        Args:
            min_cutoff_hz: Cutoff at rest.
            beta: Rise of the cutoff, Hz per unit and second.
        """
        if not (min_cutoff_hz > 0 and beta >= 0):
            raise ValueError(f"needs a cutoff above 0 Hz and beta of at least 0, got {min_cutoff_hz}, {beta}")
        self._min_cutoff_hz, self._beta = min_cutoff_hz, beta
        self.reset()

    def reset(self) -> None:
        """Forgets all points."""
        self._stamp_ns: int | None = None
        self._points: Floats = np.empty((0, 0))
        self._velocity: Floats = np.empty((0, 0))

    @property
    def velocity(self) -> Floats:
        """D units per second, of all points together."""
        return np.asarray(self._velocity.sum(axis=0) / len(self._velocity), np.float64)

    def __call__(self, points: Floats, unit: float | Floats, stamp_ns: int) -> Floats:
        """Filters one sample.

        Args:
            points: NxD, finite.
            unit: Size of what they belong to, in the same unit as the points; N where it is not the same for all.
            stamp_ns: Time of the sample; a jump back, or another shape, begins anew.
        """
        if self._stamp_ns is None or stamp_ns < self._stamp_ns or points.shape != self._points.shape:
            self._points, self._velocity = points.copy(), np.zeros_like(points)
        elif stamp_ns > self._stamp_ns:
            seconds = (stamp_ns - self._stamp_ns) / 1e9
            way = points - self._points
            self._velocity += _share(_SPEED_CUTOFF_HZ, seconds) * (way / seconds - self._velocity)
            speed = np.sqrt(np.einsum("nd,nd->n", self._velocity, self._velocity)) / unit
            share = _share(self._min_cutoff_hz + self._beta * speed, seconds)
            self._points = self._points + share[:, None] * way
        self._stamp_ns = stamp_ns
        return self._points


def _share(cutoff_hz: Cutoff, seconds: float) -> Cutoff:
    """How much of a new sample a first-order low-pass filter takes in."""
    phase = cutoff_hz * (2 * math.pi * seconds)
    return phase / (1 + phase)
