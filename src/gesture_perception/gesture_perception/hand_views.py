"""The same hand as it would look from elsewhere.

MediaPipe's gesture network sees landmarks only, and was shown hands that are held up with the palm to the camera. It
says None to the same pose seen from the side or from behind. Landmarks have depth, so that a hand can be turned before
the network looks at it: upright in the image, wholly to the front, or so that its thumb points up. A turn is made of a
few numbers, which Python works out sooner than numpy.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from gesture_perception.hand_points import INDEX_MCP, LITTLE_MCP, MIDDLE_MCP, THUMB_MCP, THUMB_TIP, WRIST

Vector = Sequence[float]

Turn = tuple[Vector, Vector, Vector]
"""A rotation: rows of points are multiplied by it from the right."""


def upright(points: Sequence[Vector]) -> Turn:
    """The turn in the image that puts the root of the middle finger straight above the wrist.

    Args:
        points: 21 x 3.
    """
    return _upwards(_way(points[WRIST], points[MIDDLE_MCP]))


def thumb_up(points: Sequence[Vector]) -> Turn:
    """The turn in the image that lets the thumb point up; see `upright`."""
    return _upwards(_way(points[THUMB_MCP], points[THUMB_TIP]))


def to_front(points: Sequence[Vector], right: float) -> Turn:
    """The turn in space after which a hand stands upright with its palm to the camera.

    Args:
        points: 21 x 3.
        right: How surely it is a right hand; one that is taken for the other is turned back to front.
    """
    down = _unit(_way(points[MIDDLE_MCP], points[WRIST]))
    index, little = points[INDEX_MCP], points[LITTLE_MCP]
    # a raised right palm has its little finger on the left
    across = _way(little, index) if right > 0.5 else _way(index, little)
    along = sum(one * two for one, two in zip(across, down, strict=True))
    x = _unit([one - along * two for one, two in zip(across, down, strict=True)])
    away = (x[1] * down[2] - x[2] * down[1], x[2] * down[0] - x[0] * down[2], x[0] * down[1] - x[1] * down[0])
    return (x[0], down[0], away[0]), (x[1], down[1], away[1]), (x[2], down[2], away[2])


def _upwards(direction: Vector) -> Turn:
    x, y = _unit(direction[:2])
    return (-y, -x, 0.0), (x, -y, 0.0), (0.0, 0.0, 1.0)


def _way(start: Vector, end: Vector) -> Vector:
    return [there - here for here, there in zip(start, end, strict=True)]


def _unit(vector: Vector) -> Vector:
    length = math.hypot(*vector)
    return [value / length for value in vector] if length > 0 else vector
