"""The room in which the virtual camera stands: what it sees when nobody is there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from perception_core.frame import ColourImage, Intrinsics

# metres in the camera's frame: x right, y down, z forward
BACK_WALL_M = 5.0
FLOOR_M = 1.45
CEILING_M = -1.15
SIDE_M = 2.0
_LAMP = np.array([-0.4, -0.9, 2.6])

_WALL = np.array([172.0, 184.0, 178.0])  # BGR
_SIDE_WALL = np.array([160.0, 174.0, 170.0])
_CEILING = np.array([218.0, 224.0, 226.0])
_SKIRTING = np.array([206.0, 212.0, 214.0])
_OAK = np.array([92.0, 130.0, 164.0])
_PRINT_Y_M, _PRINT_REACH_M = -0.32, 0.45  # middle of the prints, and farther than they and their shadows reach
_OVERSAMPLING = 2  # each pixel is the mean of 2x2 rays

_BAND_ROWS = 60  # painting the whole room at once would take 300 MB

Field = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PlankShades:
    """Where the planks of each board begin, and how bright each plank is."""

    offset: Field
    tone: Field


def plank_shades(rng: np.random.Generator) -> PlankShades:
    """Those of one room."""
    return PlankShades(rng.random(64), 0.9 + 0.2 * rng.random((64, 16)))


def paint_room(intrinsics: Intrinsics, columns_left: int, seed: int) -> tuple[ColourImage, NDArray[np.float32]]:
    """The empty room.

    Args:
        intrinsics: Of the camera.
        columns_left: How many columns to add to the left of its image.
        seed: Of the texture.

    Returns:
        Colour (HxWx3 uint8, BGR) and distance along the optical axis (HxW float32, metres).
    """
    rng = np.random.default_rng(seed)
    shades = plank_shades(rng)
    width, height = intrinsics.width + columns_left, intrinsics.height
    column = _finely(0, width) - columns_left
    bands = []
    for top in range(0, height, _BAND_ROWS):
        rows = min(_BAND_ROWS, height - top)
        u, v = np.meshgrid(column, _finely(top, rows))
        lit, z = _seen(((u - intrinsics.cx) / intrinsics.fx), (v - intrinsics.cy) / intrinsics.fy, shades)
        fine = np.dstack([lit, z]).astype(np.float32)
        bands.append(cv2.resize(fine, (width, rows), interpolation=cv2.INTER_AREA))
    room = np.concatenate(bands)
    colour = room[..., :3] * plaster((height, width), rng)[..., None]
    return np.clip(np.rint(colour), 0, 255).astype(np.uint8), np.array(room[..., 3], np.float32)


def _finely(start: int, count: int) -> Field:
    """Places of the rays of `count` pixels from pixel `start` on."""
    return start + (np.arange(count * _OVERSAMPLING) + 0.5) / _OVERSAMPLING - 0.5


def _seen(x: Field, y: Field, shades: PlankShades) -> tuple[Field, Field]:
    """Colour and distance along rays (x, y, 1)."""
    with np.errstate(divide="ignore"):
        distances = np.stack(
            [
                np.full_like(x, BACK_WALL_M),
                np.where(y > 0, FLOOR_M / y, np.inf),
                np.where(y < 0, CEILING_M / y, np.inf),
                SIDE_M / np.abs(x),
            ]
        )
    surface, z = distances.argmin(axis=0), distances.min(axis=0)
    return lit(np.stack([x * z, y * z, z], axis=-1), surface, shades), z


def lit(point: Field, surface: NDArray[np.intp], shades: PlankShades) -> Field:
    """Colour of points of the room.

    Args:
        point: ...x3 metres.
        surface: On which it is: 0 is the back wall, 1 the floor, 2 the ceiling, 3 a wall at the side.
        shades: Of the floor.

    Returns:
        ...x3, BGR.
    """
    material = np.broadcast_to(_CEILING, point.shape).copy()
    for number, paint in ((0, _back_wall), (1, partial(_planks, shades)), (3, _side_wall)):
        there = surface == number
        material[there] = paint(point[there])
    return np.asarray(material * _light(point, surface)[..., None])


def _back_wall(point: Field) -> Field:
    x, y = point[..., 0], point[..., 1]
    wall: Field = np.where((y > FLOOR_M - 0.1)[..., None], _SKIRTING, _WALL)
    for centre_x, tint in ((-1.05, (120.0, 118.0, 66.0)), (1.2, (78.0, 128.0, 176.0))):
        there = (np.abs(x - centre_x) < _PRINT_REACH_M) & (np.abs(y - _PRINT_Y_M) < _PRINT_REACH_M)
        wall[there] = _hang_print(wall[there], x[there] - centre_x, y[there] - _PRINT_Y_M, np.array(tint))
    return wall


def _hang_print(wall: Field, x: Field, y: Field, tint: Field) -> Field:
    """A quiet framed print: hills under a round sun."""

    def inside(half_width: float, half_height: float) -> NDArray[np.bool_]:
        return ((np.abs(x) < half_width) & (np.abs(y) < half_height))[..., None]

    shadow = ((np.abs(x - 0.015) < 0.30) & (np.abs(y - 0.025) < 0.38))[..., None]
    hills = 0.08 + 0.06 * np.sin(9 * x + 0.8), 0.17 + 0.04 * np.sin(14 * x + 2.2)
    paper = np.array([214.0, 224.0, 228.0])
    picture = np.where((np.hypot(x - 0.06, y + 0.08) < 0.075)[..., None], 0.45 * tint + 0.55 * paper, paper)
    picture = np.where((y > hills[0])[..., None], 0.7 * tint + 0.3 * paper, picture)
    picture = np.where((y > hills[1])[..., None], tint, picture)
    wall = np.where(shadow, 0.86 * wall, wall)
    wall = np.where(inside(0.29, 0.37), np.array([52.0, 62.0, 72.0]), wall)
    wall = np.where(inside(0.27, 0.35), np.array([226.0, 232.0, 234.0]), wall)
    return np.where(inside(0.20, 0.28), picture, wall)


def _side_wall(point: Field) -> Field:
    return np.where((point[..., 1] > FLOOR_M - 0.1)[..., None], 0.95 * _SKIRTING, _SIDE_WALL)


def _planks(shades: PlankShades, point: Field) -> Field:
    board = np.floor(point[..., 0] / 0.14).astype(np.int64)
    piece = np.floor(point[..., 2] / 1.2 + shades.offset[board % 64]).astype(np.int64)
    tone = shades.tone[board % 64, piece % 16]
    across = np.abs(point[..., 0] / 0.14 - board - 0.5)
    gap = np.where(across > 0.47, 0.72, 1.0)
    return np.asarray(_OAK * (tone * gap)[..., None])


def _light(point: Field, surface: NDArray[np.intp]) -> Field:
    """Diffuse light of one ceiling lamp, and the darker corners where little of it is scattered."""
    to_lamp = _LAMP - point
    distance = np.linalg.norm(to_lamp, axis=-1)
    facing = np.select(
        [surface == 0, surface == 1, surface == 2],
        [-to_lamp[..., 2], -to_lamp[..., 1], np.full_like(distance, 0.4)],
        np.abs(to_lamp[..., 0]),
    )
    direct = np.clip(facing, 0, None) / distance / (1 + 0.06 * distance**2)
    x, y, z = (point[..., axis] for axis in range(3))
    gaps = np.stack([SIDE_M - np.abs(x), FLOOR_M - y, y - CEILING_M, BACK_WALL_M - z])
    to_corner = np.partition(gaps, 1, axis=0)[1]  # the smallest gap is the one to the surface itself
    return np.asarray((0.70 + 0.52 * direct) * (1 - 0.22 * np.exp(-to_corner / 0.22)))


def plaster(shape: tuple[int, ...], rng: np.random.Generator) -> Field:
    """Fine grain and broad, faint clouds: a wall without any would be no surface for stereo matching."""
    grain = rng.normal(0, 0.02, shape)
    clouds = cv2.resize(rng.normal(0, 0.016, (9, 12)), shape[::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray(1 + cv2.GaussianBlur(grain, (0, 0), 1.0) + clouds)
