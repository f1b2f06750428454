"""How much is done about each image, so that a machine that is too slow for all of it keeps up with the camera."""

from __future__ import annotations

import time
from collections.abc import Callable

# An image that lay waiting when the last one was done is a sign that work takes longer than the camera's interval. One
# alone is none: some images take more work than others, and the next one catches up.
_TOO_OFTEN = 0.5  # of the last images: then less is done
_SELDOM = 0.05  # then more is tried, if there is time for it
_IDLE = 0.35  # of the time, at least, for that
_WEIGHT = 0.1  # of one image in that share
_SETTLING_S = 0.7  # until it shows what a change has brought
_PATIENCE_S = 5.0  # before more is tried; doubled each time that it proves too much
_LONGEST_PATIENCE_S = 80.0


class Effort:
    """Steps down where images wait, and up again where they no longer do.

    Attributes:
        level: 0 does everything; each step does less.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Begins with everything.

        Args:
            most: The last level.
            clock: Seconds of a clock that runs evenly.
        """
        self._most, self._clock = most, clock
        self.level = 0
        self._share = 0.0
        self._busy_s = self._interval_s = 0.0
        self._last_s = clock()
        self._changed_s = clock()
        self._raised_s: float | None = None
        self._patience_s = _PATIENCE_S

    def image_taken(self, *, waited: bool) -> int:
        """An image is about to be worked on.

        Args:
            waited: It was there before the last one was done.

        Returns:
            The level for it.
        """
        now_s = self._clock()
        self._share += (waited - self._share) * _WEIGHT
        self._interval_s += (now_s - self._last_s - self._interval_s) * _WEIGHT
        self._last_s = now_s
        since_s = now_s - self._changed_s
        if self._share > _TOO_OFTEN and since_s >= _SETTLING_S and self.level < self._most:
            self._step(1, now_s)
        elif self._share < _SELDOM and since_s >= self._patience_s and self.level > 0 and self._is_idle():
            self._step(-1, now_s)
        return self.level

    def image_done(self) -> None:
        """It has been worked on."""
        self._busy_s += (self._clock() - self._last_s - self._busy_s) * _WEIGHT

    def _is_idle(self) -> bool:
        return self._busy_s <= (1 - _IDLE) * self._interval_s

    def _step(self, down: int, now_s: float) -> None:
        if down > 0 and self._raised_s is not None:
            proved_too_much = now_s - self._raised_s < self._patience_s
            self._patience_s = min(2 * self._patience_s, _LONGEST_PATIENCE_S) if proved_too_much else _PATIENCE_S
        self._raised_s = now_s if down < 0 else None
        self.level += down
        self._changed_s = now_s
