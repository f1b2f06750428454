"""A drawn coat over the shoulders of a portrait: it hides arms that were photographed crossed, for those drawn."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from perception_core.sources.scene_hand_drawing import Tint
from perception_core.sources.scene_sprite import StillSprite, pyramid

_PIXELS_PER_METRE = 500.0
# metres below the sellion, and half of the coat's width there
_DOWN_M = (0.135, 0.150, 0.165, 0.185, 0.23, 0.40, 0.62, 0.86)
_HALF_WIDTH_M = (0.050, 0.080, 0.140, 0.195, 0.228, 0.215, 0.185, 0.215)
COAT_REACHES_M = max(_DOWN_M)
"""Below the sellion."""
_BEHIND_M, _DEPTH_M = 0.055, 0.10  # of the chest behind the sellion, and of its sides behind its middle
_PLACKET_M, _PLACKET_DARKNESS = 0.004, 0.35
_BUTTONS_M, _BUTTON_M = (0.36, 0.47, 0.58, 0.69), 0.008
# the part of a portrait that stays: the head, and a V of what is worn below
_CHEEK_M, _CHEEK_HALF_WIDTH_M, _JAW_HALF_WIDTH_M = 0.055, 0.100, 0.062
_CHIN_M, _NECK_HALF_WIDTH_M, _OPENING_END_M = 0.125, 0.072, 0.27


def coat(tint: Tint) -> StillSprite:
    """The coat; its anchor is the sellion of who wears it."""
    top, half = min(_DOWN_M), max(_HALF_WIDTH_M)
    height, width = round((COAT_REACHES_M - top) * _PIXELS_PER_METRE), 2 * round(half * _PIXELS_PER_METRE) + 1
    down = top + np.arange(height)[:, None] / _PIXELS_PER_METRE
    across = (np.arange(width)[None] - width // 2) / _PIXELS_PER_METRE
    wide = np.interp(down, _DOWN_M, _HALF_WIDTH_M)
    share = np.clip(across / wide, -1, 1)
    light = 0.55 + 0.45 * np.clip(np.cos(np.arcsin(share) + 0.6), 0, 1)
    light *= 1 - _PLACKET_DARKNESS * (np.abs(across) < _PLACKET_M / 2)
    colour = np.clip(light[..., None] * np.array(tint), 0, 255).astype(np.uint8)
    for button in _BUTTONS_M:
        centre = width // 2 + round(0.02 * _PIXELS_PER_METRE), round((button - top) * _PIXELS_PER_METRE)
        cv2.circle(colour, centre, round(_BUTTON_M * _PIXELS_PER_METRE), (40, 40, 44), cv2.FILLED, cv2.LINE_AA)
    coverage = 255 * np.clip((wide - np.abs(across)) * _PIXELS_PER_METRE + 0.5, 0, 1)
    relief = _BEHIND_M + _DEPTH_M * (1 - np.sqrt(1 - share**2))
    levels = pyramid(colour, coverage.astype(np.uint8), relief.astype(np.float32))
    return StillSprite(levels, _PIXELS_PER_METRE, (float(width // 2), -top * _PIXELS_PER_METRE))


def above_coat(size: tuple[int, int], sellion: tuple[float, float], pixels_per_metre: float) -> NDArray[np.uint8]:
    """HxW: 255 where a portrait is seen that wears a coat.

    Args:
        size: Width and height of the portrait.
        sellion: Its pixel.
        pixels_per_metre: Of the portrait.
    """
    down = (np.arange(size[1])[:, None] - sellion[1]) / pixels_per_metre
    across = np.abs(np.arange(size[0])[None] - sellion[0]) / pixels_per_metre
    opening = _NECK_HALF_WIDTH_M * np.clip((_OPENING_END_M - down) / (_OPENING_END_M - _CHIN_M), 0, 1)
    jaw = np.interp(down, (_CHEEK_M, _CHIN_M), (_CHEEK_HALF_WIDTH_M, _JAW_HALF_WIDTH_M))
    limit = np.select([down < _CHEEK_M, down < _CHIN_M], [np.full_like(down, np.inf), jaw], opening)
    inside = np.minimum(limit - across, 1) * pixels_per_metre
    return np.asarray(np.clip(inside + 0.5, 0, 1) * 255, np.float64).astype(np.uint8)
