"""Pictures as things in the virtual room: colour, transparency and relief, at the sizes in which they are shown."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from perception_core.frame import ColourImage
from perception_core.geometry import Affine

_LEVEL_STEP = 2**-0.5  # bilinear sampling of a picture shrunk by up to sqrt(2) shows no aliasing
_SMALLEST_LEVEL_PX = 12


@dataclass(frozen=True, slots=True)
class Level:
    """A sprite at one resolution.

    Attributes:
        scale: Pixels per pixel of the full resolution, across and down, at most 1; nearly but not quite the same,
            since a picture has a whole number of pixels.
        colour: HxWx4 uint8, BGR multiplied by the coverage, and the coverage.
        relief: HxW float32, metres behind the sprite's plane; None for a flat thing.
    """

    scale: tuple[float, float]
    colour: NDArray[np.uint8]
    relief: NDArray[np.float32] | None


class Sprite(Protocol):
    """A flat or nearly flat thing that faces the camera."""

    @property
    def pixels_per_metre(self) -> float:
        """Of the full resolution."""
        ...

    @property
    def anchor(self) -> tuple[float, float]:
        """The pixel at full resolution that lies on the position of the actor."""
        ...

    @property
    def behind(self) -> float:
        """Metres from the actor's position back to the sprite's plane."""
        ...

    def level(self, scale: float, frame: int) -> Level:
        """The coarsest picture that still has `scale` pixels per full-resolution pixel, at this frame of the scene."""
        ...


@dataclass(frozen=True, slots=True)
class StillSprite:
    """A photograph or a painted thing; see `Sprite`."""

    levels: tuple[Level, ...]
    pixels_per_metre: float
    anchor: tuple[float, float]
    behind: float = 0.0

    def level(self, scale: float, frame: int) -> Level:  # noqa: ARG002
        """See `Sprite`."""
        fine_enough = [level for level in self.levels if min(level.scale) >= scale]
        return fine_enough[-1] if fine_enough else self.levels[0]


@dataclass(frozen=True, slots=True)
class ClipSprite:
    """A clip that plays forwards to the middle of the scene and back to its end, so that the scene loops smoothly.

    Attributes:
        pictures: JPEG files, one per picture of the clip: a twentieth of the memory of the pixels.
        rate_hz: Pictures per second.
        scene_frames: Length of the scene.
        scene_rate_hz: Frames per second of the scene.
        scale: Pixels of the stored pictures per pixel of the clip's full resolution.
    """

    pictures: tuple[bytes, ...]
    rate_hz: float
    scene_frames: int
    scene_rate_hz: float
    scale: float
    pixels_per_metre: float
    anchor: tuple[float, float]
    behind: float = 0.0

    def picture_at(self, frame: int) -> int:
        """Which picture of the clip is shown at a frame of the scene."""
        phase = frame % self.scene_frames
        forwards = min(phase, self.scene_frames - phase)
        return min(int(forwards * self.rate_hz / self.scene_rate_hz), len(self.pictures) - 1)

    def level(self, scale: float, frame: int) -> Level:
        """See `Sprite`."""
        encoded = np.frombuffer(self.pictures[self.picture_at(frame)], np.uint8)
        colour = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
        stored = colour.shape[1], colour.shape[0]
        size = _shrunk(stored, min(1.0, scale / self.scale))
        if size != stored:
            colour = cv2.resize(colour, size, interpolation=cv2.INTER_AREA)
        opaque = np.asarray(cv2.cvtColor(colour, cv2.COLOR_BGR2BGRA), np.uint8)
        return Level((self.scale * size[0] / stored[0], self.scale * size[1] / stored[1]), opaque, None)


def pyramid(colour: ColourImage, coverage: NDArray[np.uint8], relief: NDArray[np.float32] | None) -> tuple[Level, ...]:
    """A picture in all the sizes in which it may be shown, finest first.

    Args:
        colour: HxWx3 uint8.
        coverage: HxW uint8, 255 where the thing is opaque.
        relief: HxW metres behind the plane, or None.
    """
    covered = cv2.merge([coverage] * 3)
    premultiplied = cv2.multiply(colour, covered, scale=1 / 255)
    full = np.dstack([premultiplied, coverage])
    full_size = full.shape[1], full.shape[0]
    levels = [Level((1.0, 1.0), full, relief)]
    while min(levels[-1].colour.shape[:2]) * _LEVEL_STEP >= _SMALLEST_LEVEL_PX:
        size = _shrunk(full_size, _LEVEL_STEP ** len(levels))
        scale = size[0] / full_size[0], size[1] / full_size[1]
        small = np.asarray(cv2.resize(full, size, interpolation=cv2.INTER_AREA), np.uint8)
        levels.append(Level(scale, small, None if relief is None else _shrunk_relief(relief, size)))
    return tuple(levels)


def _shrunk(size: tuple[int, int], scale: float) -> tuple[int, int]:
    return max(1, math.ceil(size[0] * scale)), max(1, math.ceil(size[1] * scale))


def _shrunk_relief(relief: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(relief, size, interpolation=cv2.INTER_AREA), np.float32)


def level_to_metres(level: Level, sprite: Sprite) -> Affine:
    """The transform from pixels of a level to metres beside and below the sprite's anchor.

    Pixel centres are whole numbers, so a change of resolution also moves the origin by half a pixel.
    """
    step_x, step_y = (1 / (scale * sprite.pixels_per_metre) for scale in level.scale)
    x, y = (
        ((1 / scale - 1) / 2 - anchor) / sprite.pixels_per_metre
        for scale, anchor in zip(level.scale, sprite.anchor, strict=True)
    )
    return np.array([[step_x, 0.0, x], [0.0, step_y, y]])
