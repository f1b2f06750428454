"""The same hand as it would look from elsewhere.

MediaPipe's gesture network sees landmarks only, and was shown hands that are held up with the palm to the camera. It
says None to the same pose seen from the side or from behind. Landmarks have depth, so that a hand can be turned before
the network looks at it: upright in the image, wholly to the front, or so that its thumb points up.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gesture_perception.hand_points import INDEX_MCP, LITTLE_MCP, MIDDLE_MCP, THUMB_MCP, THUMB_TIP, WRIST

Floats = NDArray[np.float64]

_SHARE = 0.5  # of a picture that a turned hand fills; how much it is does not count for the network


def upright(points: Floats) -> Floats:
    """The turns in the image that put the root of the middle finger straight above the wrist: Nx21x3 -> Nx3x3."""
    return _upwards(points[:, MIDDLE_MCP] - points[:, WRIST])


def thumb_up(points: Floats) -> Floats:
    """The turns in the image that let the thumb point up: Nx21x3 -> Nx3x3."""
    return _upwards(points[:, THUMB_TIP] - points[:, THUMB_MCP])


def to_front(points: Floats, right: Floats) -> Floats:
    """The turns in space after which a hand stands upright with its palm to the camera.

    Args:
        points: Nx21x3.
        right: N, how surely each is a right hand; a hand that is taken for the other one is turned back to front.

    Returns:
        Nx3x3.
    """
    down = _unit(points[:, WRIST] - points[:, MIDDLE_MCP])
    across = points[:, LITTLE_MCP] - points[:, INDEX_MCP]
    across = _unit(across - np.einsum("ni,ni->n", across, down)[:, None] * down)
    across *= np.where(right > 0.5, -1.0, 1.0)[:, None]  # a raised right palm has its little finger on the left
    # the third axis is the cross product of the first two, into the picture
    away = across[:, [1, 2, 0]] * down[:, [2, 0, 1]] - across[:, [2, 0, 1]] * down[:, [1, 2, 0]]
    return np.stack([across, down, away], axis=1)


def turned(points: Floats, turns: Floats) -> Floats:
    """Hands after their turns, each in the middle of a square picture.

    Args:
        points: Nx21x3, in any unit.
        turns: Nx3x3.

    Returns:
        Nx21x3, in sides of the picture; depth relative to the wrist.
    """
    seen: Floats = np.matmul(points, turns.transpose(0, 2, 1))
    low, high = seen[:, :, :2].min(axis=1), seen[:, :, :2].max(axis=1)
    size = (high - low).max(axis=1)
    seen[:, :, :2] -= (low + high)[:, None] / 2
    seen *= (_SHARE / np.where(size > 0, size, 1.0))[:, None, None]
    seen[:, :, :2] += 0.5
    seen[:, :, 2] -= seen[:, WRIST, None, 2]
    return seen


def _upwards(direction: Floats) -> Floats:
    turn = np.zeros((len(direction), 3, 3))
    x, y = _unit(direction[:, :2]).T
    turn[:, 0, 0], turn[:, 0, 1], turn[:, 1, 0], turn[:, 1, 1], turn[:, 2, 2] = -y, x, -x, -y, 1.0
    return turn


def _unit(vectors: Floats) -> Floats:
    lengths = np.sqrt(np.einsum("ni,ni->n", vectors, vectors))
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1.0)[:, None])
