"""Where in a picture there is room for a note that covers nothing else."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from enum import Enum

import numpy as np

from perception_core.geometry import Box

_CELLS = 160  # of the picture's longer side: finer than anything that is placed
_GAP_CELLS = 1.01  # boxes that are more than a cell apart share none


class Side(Enum):
    """Of a box."""

    ABOVE = "above"
    BELOW = "below"
    LEFT = "left"
    RIGHT = "right"


class FreeSpace:
    """The part of one picture that nothing lies on; what is placed takes its room."""

    def __init__(self, width: int, height: int) -> None:
        """Begins with all of it.

        Args:
            width: Of the picture, pixels.
            height: Likewise.
        """
        self._width, self._height = width, height
        self._cell = max(1.0, max(width, height) / _CELLS)
        self._taken = np.zeros((self._cells(height), self._cells(width)), np.bool_)

    def take(self, box: Box) -> None:
        """Nothing will be placed over the box; what lies outside the picture does not matter."""
        self._taken[self._touched(box)] = True

    def is_free(self, box: Box) -> bool:
        """Whether the box is inside the picture and lies over nothing that is taken."""
        inside = box.x >= 0 and box.y >= 0 and box.right <= self._width and box.bottom <= self._height
        return inside and not self._taken[self._touched(box)].any()

    def place_beside(self, box: Box, size: tuple[float, float], sides: Sequence[Side]) -> Box | None:
        """Takes room next to a box.

        Args:
            box: What the room shall be next to.
            size: Width and height of the room, pixels.
            sides: Of the box, the preferred one first.

        Returns:
            The room; None if there is none.
        """
        seen = box.clipped(self._width, self._height)
        for room in self._candidates(seen, *size, sides):
            if self.is_free(room):
                self.take(room)
                return room
        return None

    def _candidates(self, box: Box, width: float, height: float, sides: Sequence[Side]) -> Iterator[Box]:
        """On each side flush with the box's beginning, then with its end, then in its middle."""
        gap = _GAP_CELLS * self._cell
        lasts = (self._width - width, self._height - height)
        columns = (box.x, box.right - width, box.centre[0] - width / 2)
        rows = (box.y, box.bottom - height, box.centre[1] - height / 2)
        for side in sides:
            if side in (Side.ABOVE, Side.BELOW):
                y = box.y - gap - height if side is Side.ABOVE else box.bottom + gap
                yield from (Box(max(0.0, min(x, lasts[0])), y, width, height) for x in columns)
            else:
                x = box.x - gap - width if side is Side.LEFT else box.right + gap
                yield from (Box(x, max(0.0, min(y, lasts[1])), width, height) for y in rows)

    def _touched(self, box: Box) -> tuple[slice, slice]:
        inside = box.clipped(self._width, self._height)
        return (
            slice(math.floor(inside.y / self._cell), self._cells(inside.bottom)),
            slice(math.floor(inside.x / self._cell), self._cells(inside.right)),
        )

    def _cells(self, length: float) -> int:
        return math.ceil(length / self._cell)
