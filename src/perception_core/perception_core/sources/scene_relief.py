"""How far each point of a portrait lies behind the sellion."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from perception_core.sources.scene_portraits import EYE_DISTANCE_M, Portrait, at_scale

# metres, of an adult
_HEAD_DEPTH = 0.10  # from the face back to where the head is widest
_NOSE_HEIGHT = 0.020
_NOSE_HALF_WIDTH_TOP, _NOSE_HALF_WIDTH_TIP = 0.006, 0.013
_SOCKET_DEPTH, _SOCKET_HALF_WIDTH, _SOCKET_HALF_HEIGHT = 0.007, 0.013, 0.011
_BROW_HEIGHT, _BROW_ABOVE_SELLION, _BROW_HALF_WIDTH, _BROW_HALF_HEIGHT = 0.006, 0.022, 0.05, 0.012
_CHEST_BEHIND, _SHOULDER_FALL, _SHOULDER_HALF_WIDTH = 0.06, 0.09, 0.25
_SMOOTHING = 0.004

_Field = NDArray[np.float32]


def head_relief(portrait: Portrait, scale: float, size: tuple[int, int]) -> NDArray[np.float32]:
    """An ellipsoid with eye sockets, brow and nose before a rounded chest.

    Args:
        portrait: Where the features are.
        scale: Pixels of the result per pixel of the picture file.
        size: Width and height of the result.

    Returns:
        HxW metres behind the sellion; negative for what is nearer, such as the nose.
    """
    per_metre = portrait.pixels_per_metre * scale
    columns, rows = np.meshgrid(np.arange(size[0], dtype=np.float32), np.arange(size[1], dtype=np.float32))
    sellion = at_scale(portrait.sellion, scale)
    x = np.asarray((columns - sellion[0]) / per_metre, np.float32)
    y = np.asarray((rows - sellion[1]) / per_metre, np.float32)
    chest = _CHEST_BEHIND + _SHOULDER_FALL * np.clip(np.abs(x) / _SHOULDER_HALF_WIDTH, 0, 1) ** 2
    features = np.subtract(_sockets_and_brow(x, y), _nose(portrait, x, y))
    face = np.add(_skull(portrait, scale, columns, rows), features)
    surface = cv2.GaussianBlur(np.minimum(face, chest), (0, 0), _SMOOTHING * per_metre)
    return np.asarray(surface - cv2.getRectSubPix(surface, (1, 1), sellion)[0, 0], np.float32)


def _skull(portrait: Portrait, scale: float, columns: _Field, rows: _Field) -> _Field:
    head = portrait.head
    centre = at_scale(head.centre, scale)
    across = (columns - centre[0]) / (head.width * scale / 2)
    down = (rows - centre[1]) / (head.height * scale / 2)
    return np.asarray(_HEAD_DEPTH * (1 - np.sqrt(np.clip(1 - across**2 - down**2, 0, None))), np.float32)


def _sockets_and_brow(x: _Field, y: _Field) -> _Field:
    beside_eye = (np.abs(x) - EYE_DISTANCE_M / 2) / _SOCKET_HALF_WIDTH
    sockets = _SOCKET_DEPTH * np.exp(-(beside_eye**2) - (y / _SOCKET_HALF_HEIGHT) ** 2)
    below_brow = (y + _BROW_ABOVE_SELLION) / _BROW_HALF_HEIGHT
    brow = _BROW_HEIGHT * np.exp(-((x / _BROW_HALF_WIDTH) ** 2) - below_brow**2)
    return np.asarray(sockets - brow, np.float32)


def _nose(portrait: Portrait, x: _Field, y: _Field) -> _Field:
    """A ridge that rises from the sellion to the tip; a turned face has a turned nose."""
    bridge_x = (portrait.nose_tip[0] - portrait.sellion[0]) / portrait.pixels_per_metre
    bridge_y = (portrait.nose_tip[1] - portrait.sellion[1]) / portrait.pixels_per_metre
    length = float(np.hypot(bridge_x, bridge_y))
    along = (x * bridge_x + y * bridge_y) / length**2
    beside = (x * bridge_y - y * bridge_x) / length
    on_bridge = np.clip(along, 0, 1)
    below_tip = np.exp(-(((along - 1) / 0.18) ** 2))
    half_width = _NOSE_HALF_WIDTH_TOP + (_NOSE_HALF_WIDTH_TIP - _NOSE_HALF_WIDTH_TOP) * on_bridge
    height = _NOSE_HEIGHT * np.where(along < 1, on_bridge, below_tip)
    return np.asarray(height * np.exp(-((beside / half_width) ** 2)), np.float32)
