"""Whose turn it is when not everything can be done for everybody in every frame.

A crowd must not cost much more than a few people do: together, all are served at most as often as so many of them would
be, and who has waited longest is next. A crowd also costs what is done for everybody in every frame, so it has fewer
turns than a few people have together, down to half of them. Where two are each served ten times a second, it is 5.3
times for three, and 1.7 times for six.
"""

from __future__ import annotations

import math
from collections.abc import Collection

_EARLY = 0.1  # of the period: stamps tremble, and a frame later would be too late
_LEAST_SHARE = 0.5  # of the turns that are left to a crowd


class Turns:
    """Shares out turns; starts anew when time jumps back."""

    def __init__(self, period: float, many: int, at_once: int) -> None:
        """Begins with nobody.

        Args:
            period: So long after a turn nobody has another; seconds or frames, as the time that is given later.
            many: So many are served in every period, if there are no more of them.
            at_once: So many at most at one time.
        """
        self.change(period, many, at_once)
        self.reset()

    def change(self, period: float, many: int, at_once: int) -> None:
        """Shares out otherwise from now on; the arguments are those of the constructor."""
        if not (period > 0 and many > 0 and at_once > 0):
            raise ValueError(f"needs numbers above 0, got {period}, {many}, {at_once}")
        self._period, self._many, self._at_once = period, many, at_once

    def reset(self) -> None:
        """Forgets who had turns."""
        self._now = -math.inf
        self._credit = math.inf
        self._served: dict[int, float] = {}

    def __call__(self, waiting: Collection[int], now: float) -> list[int]:
        """Who has a turn now: newcomers first, then who has waited longest.

        Args:
            waiting: Everybody who may have one.
            now: The time.
        """
        if now < self._now:
            self.reset()
        gained = (now - self._now) * self._many / self._period * self._share(len(waiting))
        self._credit = min(self._many, self._credit + gained)
        self._now = now
        latest = now - (1 - _EARLY) * self._period
        self._served = {one: at for one, at in self._served.items() if at > latest or one in waiting}
        due = [one for one in waiting if self._served.get(one, -math.inf) <= latest]
        due.sort(key=lambda one: self._served.get(one, -math.inf))
        turns = due[: min(self._at_once, int(self._credit + _EARLY))]
        self._credit -= len(turns)
        self._served.update(dict.fromkeys(turns, now))
        return turns

    def _share(self, waiting: int) -> float:
        return min(1.0, max(_LEAST_SHARE, 2 * self._many / (self._many + waiting)))
