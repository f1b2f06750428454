"""Where the hands of people are whose faces are seen: within an arm's reach.

A hand that is far away is too small for the palm detector in the whole image, and is found in the part of it that the
arms of its owner can reach.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from perception_core.geometry import Box

# In heights of a face as detectors frame it, 0.2 m. An arm with its hand is 0.75 m long and begins at a shoulder 0.2 m
# beside and 0.25 m below the face's centre: A. Tilley, "The Measure of Man and Woman", 2002. Raised arms are seldom
# straight.
_ASIDE = 4.0
_ABOVE = 2.5
_BELOW = 4.5
_KEPT = 4  # messages: the node of the faces may be an image or two ahead
_FRESH_NS = 500_000_000  # people walk; older faces say nothing of where they are


def reach_of(face: Box) -> Box:
    """Where somebody's hands can be.

    Args:
        face: Box of the face, pixels.

    Returns:
        Pixels; may reach beyond the image.
    """
    x, y = face.centre
    height = max(face.width, face.height)
    return Box(x - _ASIDE * height, y - _ABOVE * height, 2 * _ASIDE * height, (_ABOVE + _BELOW) * height)


class Reaches:
    """The reaches of who was seen of late. One thread may put faces in while another asks."""

    def __init__(self) -> None:
        self._seen: deque[tuple[int, tuple[Box, ...]]] = deque(maxlen=_KEPT)

    def forget(self) -> None:
        """Nobody was seen."""
        self._seen.clear()

    def put(self, stamp_ns: int, faces: Sequence[Box]) -> None:
        """Takes in the faces of an image.

        Args:
            stamp_ns: Of the image.
            faces: Boxes in pixels; the first are looked at first.
        """
        self._seen.append((stamp_ns, tuple(faces)))

    def at(self, stamp_ns: int) -> list[Box]:
        """The reaches of those who were seen shortly before; pixels.

        Args:
            stamp_ns: Of an image of the same camera. The faces of that very image do not count: it is a matter of
                chance whether they are known already, and a recording has to give the same hands every time.
        """
        for seen_ns, faces in reversed(tuple(self._seen)):
            if 0 < stamp_ns - seen_ns <= _FRESH_NS:
                return [reach_of(face) for face in faces]
        return []
