"""The room from wherever the robot's camera stands: its six sides as pictures, seen in perspective."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from perception_core.frame import ColourImage, Intrinsics
from perception_core.sources.scene_noise import disparity_of
from perception_core.sources.scene_robot import RobotPose
from perception_core.sources.scene_room import (
    BACK_WALL_M,
    CEILING_M,
    FLOOR_M,
    SIDE_M,
    PlankShades,
    lit,
    plank_shades,
    plaster,
)

BEHIND_M = 3.0
"""From where the camera stands at rest to the wall behind it."""

_PER_METRE = 125  # pixels of the sides' pictures, which take a second or two to paint
_SOFT_PX = 0.6  # points are painted, not areas: without, edges are stairs
_BAND_ROWS = 100
_NOT_OUTSIDE_M = 0.05
_NEVER = 1e-6  # of an inverse distance: what lies behind the camera is not seen

Field = NDArray[np.float64]
_Axis = tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """One side of the room, as it is looked at from within.

    Attributes:
        picture: HxWx3.
        origin: Its first pixel's corner, metres.
        right: Along its rows.
        down: Along its columns.
    """

    picture: ColourImage
    origin: Field
    right: Field
    down: Field


class Walls:
    """All sides; painted when they are first looked at."""

    def __init__(self, seed: int = 0) -> None:
        """Remembers the seed of the texture."""
        self._seed = seed
        self._sides: Sequence[_Side] = ()
        self._last: tuple[RobotPose, ColourImage, NDArray[np.float32]] | None = None

    def paint(self) -> None:
        """Paints the sides, unless that has been done."""
        if not self._sides:
            self._sides = _painted_sides(self._seed)

    def seen(
        self, robot: RobotPose, intrinsics: Intrinsics, columns_left: int
    ) -> tuple[ColourImage, NDArray[np.float32]]:
        """The empty room.

        Args:
            robot: Where the camera stands; one outside the room sees it from the wall.
            intrinsics: Of the camera.
            columns_left: How many columns to add to the left of its image.

        Returns:
            Colour (HxWx3 uint8, BGR) and disparity (HxW float32, pixels); not to be written to.
        """
        if self._last is None or self._last[0] != robot:
            self._last = robot, *self._painted(robot, intrinsics, columns_left)
        return self._last[1:]

    def _painted(
        self, robot: RobotPose, intrinsics: Intrinsics, columns_left: int
    ) -> tuple[ColourImage, NDArray[np.float32]]:
        self.paint()
        to_camera, place = _view(robot)
        width, height = intrinsics.width + columns_left, intrinsics.height
        x = ((np.arange(width) - columns_left - intrinsics.cx) / intrinsics.fx).astype(np.float32)
        y = ((np.arange(height) - intrinsics.cy) / intrinsics.fy).astype(np.float32)
        inverse, foremost = _foremost([_nearness(side, to_camera, place, x, y) for side in self._sides])
        colour = np.zeros((height, width, 3), np.uint8)
        matrix = np.array(
            [[intrinsics.fx, 0, intrinsics.cx + columns_left], [0, intrinsics.fy, intrinsics.cy], [0, 0, 1.0]]
        )
        for number, side in enumerate(self._sides):
            _paint(colour, foremost == number, side, matrix @ _to_image(side, to_camera, place))
        return colour, np.asarray(disparity_of(np.float32(1) / inverse), np.float32)


def _view(robot: RobotPose) -> tuple[Field, Field]:
    """The rotation from the room's axes to the camera's, and where the camera is in the room."""
    cos, sin = math.cos(robot.heading), math.sin(robot.heading)
    inside = SIDE_M - _NOT_OUTSIDE_M
    ahead = min(max(robot.x, _NOT_OUTSIDE_M - BEHIND_M), BACK_WALL_M - _NOT_OUTSIDE_M)
    place = np.array([min(max(-robot.y, -inside), inside), 0.0, ahead])
    return np.array([[cos, 0.0, sin], [0.0, 1.0, 0.0], [-sin, 0.0, cos]]), place


def _nearness(
    side: _Side, to_camera: Field, place: Field, x: NDArray[np.float32], y: NDArray[np.float32]
) -> NDArray[np.float32]:
    """HxW: the inverse distance of a plane along the optical axis; of all that surround the camera the largest counts.

    A plane n * X = d is seen along the ray (x, y, 1) at the distance d / (n * (x, y, 1)).
    """
    outwards = np.cross(side.right, side.down)
    normal = to_camera @ outwards
    distance = float(outwards @ (side.origin - place))
    across, down, away = (np.float32(value / distance) for value in normal)
    return np.asarray(across * x[None] + (down * y[:, None] + away), np.float32)


def _foremost(nearness: Sequence[NDArray[np.float32]]) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """HxW: the largest of several inverse distances, and which it is."""
    largest = np.full_like(nearness[0], _NEVER)
    which = np.zeros(largest.shape, np.uint8)
    for number, values in enumerate(nearness):
        np.copyto(which, np.uint8(number), where=values > largest)
        np.maximum(largest, values, out=largest)
    return largest, which


def _to_image(side: _Side, to_camera: Field, place: Field) -> Field:
    """3x3, from pixels of the side's picture to the camera's axes."""
    step = 1 / _PER_METRE
    first = side.origin + (side.right + side.down) * (step / 2) - place
    return np.column_stack([to_camera @ side.right * step, to_camera @ side.down * step, to_camera @ first])


def _paint(colour: ColourImage, seen: NDArray[np.bool_], side: _Side, to_image: Field) -> None:
    """Paint one side where it is the foremost, in place."""
    mask = seen.view(np.uint8)
    left, top, width, height = cv2.boundingRect(mask)
    if width == 0 or height == 0:
        return
    shifted = np.array([[1.0, 0.0, -left], [0.0, 1.0, -top], [0.0, 0.0, 1.0]]) @ to_image
    painted = cv2.warpPerspective(
        side.picture, shifted, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    rows, columns = slice(top, top + height), slice(left, left + width)
    cv2.copyTo(painted, mask[rows, columns], colour[rows, columns])


@lru_cache(maxsize=2)
def _painted_sides(seed: int) -> tuple[_Side, ...]:
    rng = np.random.default_rng(seed)
    shades = plank_shades(rng)
    deep, wide, high = BACK_WALL_M + BEHIND_M, 2 * SIDE_M, FLOOR_M - CEILING_M
    ahead, back, right, left, down = (0, 0, 1.0), (0, 0, -1.0), (1.0, 0, 0), (-1.0, 0, 0), (0, 1.0, 0)
    # what it is for `lit`, where it begins, along its rows, along its columns, and how far either goes
    layout: list[tuple[int, _Axis, _Axis, _Axis, tuple[float, float]]] = [
        (0, (-SIDE_M, CEILING_M, BACK_WALL_M), right, down, (wide, high)),
        (1, (-SIDE_M, FLOOR_M, BACK_WALL_M), right, back, (wide, deep)),
        (2, (-SIDE_M, CEILING_M, -BEHIND_M), right, ahead, (wide, deep)),
        (3, (-SIDE_M, CEILING_M, -BEHIND_M), ahead, down, (deep, high)),
        (3, (SIDE_M, CEILING_M, BACK_WALL_M), back, down, (deep, high)),
        (3, (SIDE_M, CEILING_M, -BEHIND_M), left, down, (wide, high)),
    ]
    sides = []
    for surface, start, along, downwards, (width, height) in layout:
        origin, rows, columns = np.array(start), np.array(along), np.array(downwards)
        bare = _picture(surface, (origin, rows, columns), (width, height), shades)
        soft = cv2.GaussianBlur(bare, (0, 0), _SOFT_PX)
        grain = plaster(bare.shape[:2], rng)
        sides.append(_Side(np.clip(np.rint(soft * grain[..., None]), 0, 255).astype(np.uint8), origin, rows, columns))
    return tuple(sides)


def _picture(
    surface: int, axes: tuple[Field, Field, Field], size: tuple[float, float], shades: PlankShades
) -> NDArray[np.float32]:
    """HxWx3; in bands, since all at once would take some 500 MB."""
    origin, right, down = axes
    width, height = (round(metres * _PER_METRE) for metres in size)
    across = ((np.arange(width) + 0.5) / _PER_METRE)[None, :, None] * right
    bands = []
    for top in range(0, height, _BAND_ROWS):
        rows = (np.arange(top, min(top + _BAND_ROWS, height)) + 0.5) / _PER_METRE
        points = origin + across + rows[:, None, None] * down
        bands.append(lit(points, np.full(points.shape[:2], surface, np.intp), shades).astype(np.float32))
    return np.concatenate(bands)
