"""Calming what flickers: numbers that jitter, scores that hover about a threshold.

Both take the time from stamps, so that they behave the same at 10 and at 60 frames per second, and start anew when the
stamps jump back.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


class OneEuroFilter:
    """Low-pass filter whose cutoff rises with the speed: still things do not jitter, quick ones do not lag.

    Casiez, Roussel, Vogel, "1 EUR filter: a simple speed-based low-pass filter for noisy input in interactive systems",
    CHI 2012. Each element of the array is filtered by itself.

    Args:
        min_cutoff_hz: Cutoff at rest; lower means calmer.
        beta: Rise of the cutoff with the speed, Hz per unit per second; higher means less lag.
        speed_cutoff_hz: Cutoff of the speed's own low-pass filter.
        longest_gap_s: An element not seen for longer starts anew.
    """

    def __init__(
        self,
        min_cutoff_hz: float = 1.0,
        beta: float = 0.05,
        speed_cutoff_hz: float = 1.0,
        longest_gap_s: float = 1.0,
    ) -> None:
        _require(min_cutoff_hz > 0 and speed_cutoff_hz > 0, "cutoffs above 0 Hz", (min_cutoff_hz, speed_cutoff_hz))
        _require(beta >= 0 and longest_gap_s > 0, "beta >= 0 and longest_gap_s > 0", (beta, longest_gap_s))
        self._min_cutoff_hz, self._beta, self._speed_cutoff_hz = min_cutoff_hz, beta, speed_cutoff_hz
        self._longest_gap_s = longest_gap_s
        self._stamp_ns: int | None = None
        self._value: Floats = np.empty(0)
        self._speed: Floats = np.empty(0)
        self._unseen_s: Floats = np.empty(0)

    def reset(self) -> None:
        """Forgets all that was seen."""
        self._stamp_ns = None

    def __call__(self, values: ArrayLike, stamp_ns: int) -> Floats:
        """Filters one sample.

        Args:
            values: Array of any shape, the same at every call; NaN where nothing is known.
            stamp_ns: Time of the sample. Jumps back start anew; at an equal stamp the last answer is repeated.

        Returns:
            Array of the same shape; NaN where `values` is NaN, which does not disturb what comes later.

        Raises:
            ValueError: The shape has changed since the last call; call `reset` before.
        """
        sample = np.array(values, np.float64)
        if self._stamp_ns is None or stamp_ns < self._stamp_ns:
            self._start(sample, stamp_ns)
            return sample
        if sample.shape != self._value.shape:
            raise ValueError(f"the filter was given shape {self._value.shape}, now {sample.shape}: reset it before")
        self._unseen_s += (stamp_ns - self._stamp_ns) / 1e9
        self._stamp_ns = stamp_ns
        known = np.isfinite(sample)
        started = known & (np.isnan(self._value) | (self._unseen_s > self._longest_gap_s))
        moved = known & ~started & (self._unseen_s > 0)
        self._filter(sample, moved)
        self._value[started], self._speed[started] = sample[started], 0.0
        self._unseen_s[known] = 0.0
        return np.where(known, self._value, np.nan)

    def _start(self, sample: Floats, stamp_ns: int) -> None:
        self._stamp_ns = stamp_ns
        self._value = np.where(np.isfinite(sample), sample, np.nan)
        self._speed = np.zeros(sample.shape)
        self._unseen_s = np.zeros(sample.shape)

    def _filter(self, sample: Floats, moved: NDArray[np.bool_]) -> None:
        seconds, value = self._unseen_s[moved], self._value[moved]
        speed = self._speed[moved]
        speed += _share(self._speed_cutoff_hz, seconds) * ((sample[moved] - value) / seconds - speed)
        cutoff_hz = self._min_cutoff_hz + self._beta * np.abs(speed)
        self._value[moved] = value + _share(cutoff_hz, seconds) * (sample[moved] - value)
        self._speed[moved] = speed


def _share(cutoff_hz: float | Floats, seconds: Floats) -> Floats:
    """How much of a new sample a first-order low-pass filter takes in."""
    phase = 2 * math.pi * cutoff_hz * seconds
    return np.asarray(phase / (1 + phase), np.float64)


class Hysteresis:
    """A score becomes a yes or no that does not flicker.

    Args:
        on: From this score on it may become yes.
        off: From this score down it may become no; not above `on`.
        on_after_s: So long the score must have been at least `on`.
        off_after_s: So long the score must have been at most `off`.
    """

    def __init__(self, on: float, off: float, on_after_s: float = 0.0, off_after_s: float = 0.0) -> None:
        _require(off <= on, "off <= on", (off, on))
        _require(on_after_s >= 0 and off_after_s >= 0, "durations of at least 0 s", (on_after_s, off_after_s))
        self._on, self._off = on, off
        self._on_after_ns, self._off_after_ns = round(on_after_s * 1e9), round(off_after_s * 1e9)
        self._stamp_ns: int | None = None
        self.reset()

    def reset(self) -> None:
        """Back to no."""
        self.active = False
        self._since_ns: int | None = None
        self._stamp_ns = None

    def update(self, score: float, stamp_ns: int) -> bool:
        """Takes in a score and answers.

        Args:
            score: NaN or between the thresholds speaks for staying.
            stamp_ns: Time of the score; a jump back begins with no.
        """
        if self._stamp_ns is not None and stamp_ns < self._stamp_ns:
            self.reset()
        self._stamp_ns = stamp_ns
        against = score <= self._off if self.active else score >= self._on
        if not against:
            self._since_ns = None
            return self.active
        if self._since_ns is None:
            self._since_ns = stamp_ns
        if stamp_ns - self._since_ns >= (self._off_after_ns if self.active else self._on_after_ns):
            self.active, self._since_ns = not self.active, None
        return self.active


def _require(condition: bool, wanted: str, got: tuple[float, ...]) -> None:
    if not condition:
        raise ValueError(f"needs {wanted}, got {', '.join(map(str, got))}")
