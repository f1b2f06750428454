"""Painted things of the virtual room: stands and pillars."""

from __future__ import annotations

import numpy as np

from perception_core.sources.scene_sprite import StillSprite, pyramid

_PIXELS_PER_METRE = 250.0  # smooth things need no more
_POLE_WIDTH_M = 0.036
_POLE_BEHIND_M = 0.12  # behind the actor's position, so that it carries the thing from behind
_DARK_STEEL = (70.0, 68.0, 66.0)  # BGR
_WHITE_PLASTER = (206.0, 214.0, 218.0)


def pole(top_m: float, bottom_m: float) -> StillSprite:
    """A slim stand from `top_m` to `bottom_m` metres below the actor's position."""
    return _column(_POLE_WIDTH_M, top_m, bottom_m, _DARK_STEEL, _POLE_BEHIND_M)


def pillar(width_m: float, top_m: float, bottom_m: float) -> StillSprite:
    """A round white pillar from `top_m` to `bottom_m` metres below the actor's position."""
    return _column(width_m, top_m, bottom_m, _WHITE_PLASTER, 0.0)


def _column(
    width_m: float, top_m: float, bottom_m: float, tint: tuple[float, float, float], behind_m: float
) -> StillSprite:
    """An upright cylinder, lit from the left; its foremost line is at the sprite's plane."""
    height, width = (round(metres * _PIXELS_PER_METRE) for metres in (bottom_m - top_m, width_m))
    across = (np.arange(width) + 0.5) / width * 2 - 1
    light = 0.55 + 0.45 * np.clip(np.cos(np.arcsin(across) + 0.6), 0, 1)
    colour = np.broadcast_to((light[:, None] * tint).astype(np.uint8), (height, width, 3))
    relief = np.broadcast_to((width_m / 2 * (1 - np.sqrt(1 - across**2))).astype(np.float32), (height, width))
    levels = pyramid(colour.copy(), np.full((height, width), 255, np.uint8), relief.copy())
    return StillSprite(levels, _PIXELS_PER_METRE, (width / 2 - 0.5, -top_m * _PIXELS_PER_METRE - 0.5), behind_m)
