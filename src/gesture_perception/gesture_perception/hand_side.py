"""Whether a hand is somebody's left or right one, from many looks at it."""

from __future__ import annotations

import math

from gesture_perception.hand import Side

_LEAST, _MOST = 0.02, 0.98  # one look is not believed more than that: edgewise hands are taken for the other
_MEMORY = 8.0  # looks: the more that were taken before, the less a new one counts, down to one in so many
_CHANGE = 0.7  # certainty at which the side changes; it stays below that


class SideEvidence:
    """Weighs the looks at one hand."""

    def __init__(self) -> None:
        self._log_odds = 0.0
        self._looks = 0.0
        self._side = Side.UNKNOWN

    def update(self, right: float) -> tuple[Side, float]:
        """Takes in a look.

        Args:
            right: How surely it is a right hand, 0 to 1; NaN and 0.5 say nothing.

        Returns:
            The side and how certain it is, 0.5 to 1; UNKNOWN and NaN as long as nothing is known.
        """
        if math.isfinite(right) and right != 0.5:
            share = min(max(right, _LEAST), _MOST)
            self._looks = min(self._looks + 1, _MEMORY)
            self._log_odds += (math.log(share / (1 - share)) - self._log_odds) / self._looks
        return self.told

    @property
    def told(self) -> tuple[Side, float]:
        """The side and its certainty, as of the last look."""
        if not self._looks:
            return Side.UNKNOWN, math.nan
        is_right = 1 / (1 + math.exp(-self._log_odds))
        likelier, certainty = (Side.RIGHT, is_right) if is_right >= 0.5 else (Side.LEFT, 1 - is_right)
        if self._side is Side.UNKNOWN or certainty >= _CHANGE:
            self._side = likelier
        return self._side, certainty if self._side is likelier else 0.5
