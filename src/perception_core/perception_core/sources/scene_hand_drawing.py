"""Draws tubes as skin and cloth: one smooth surface, softly lit, with creases and nails, and with its depth.

A parallel projection: a hand at arm's length is small against its distance. Everything is metres about the wrist,
right, down and away.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from perception_core.frame import ColourImage
from perception_core.sources.scene_hand_lines import Crease, Nail
from perception_core.sources.scene_hand_shape import Field, unit

Pixels = NDArray[np.float32]
Tint = tuple[float, float, float]  # BGR

_SKIN: Tint = (118.0, 150.0, 208.0)
_NAIL: Tint = (176.0, 186.0, 228.0)
_NAIL_SHARE = 0.55
_IN_SHADOW = np.array([0.78, 0.86, 1.0], np.float32)  # light that has gone through skin is red
_LIGHT = unit(np.array([-0.45, -0.65, -0.62]))  # from the lamp at the left, above and before the person
_AROUND = 0.45  # how far soft light reaches around an edge
_AMBIENT, _DIRECT = 0.46, 0.68
_CLOTH = 1.25
_CREVICES_M = ((0.004, 1.0), (0.010, 0.8))  # darker is what lies deeper than its surroundings of this size
_CREVICE_DEPTH_M, _CREVICE = 0.012, 0.38
_CREVICES_UP_TO_M = 0.1  # behind the wrist; so deep is no finger
_SMOOTH_STEP_M, _SMOOTH_M = 0.008, 0.0016  # over the seams between tubes, not over edges
_VISIBLE_M = 0.004  # so far behind the surface a line still lies on it
_LINE_BLUR_M = 0.0005
_DEEPEST_M = 0.6
_FRINGE = np.ones((3, 3), np.uint8)
_FRINGE_PX = 3
_SUBPIXEL = 4  # bits of OpenCV's coordinates
_MARGIN_PX = 4
_LEAST_PX = 8.0  # of a picture's side
_LEAST_SLANT = 0.02  # of a tube that points at the viewer, of which its ends are all that is seen


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """A picture of tubes.

    Attributes:
        colour: HxWx3 uint8, BGR.
        coverage: HxW uint8, 255 where it is opaque.
        relief: HxW float32, metres behind the wrist; beside the drawing that of its edge.
        wrist: Its pixel.
    """

    colour: ColourImage
    coverage: NDArray[np.uint8]
    relief: Pixels
    wrist: tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """What is drawn.

    Attributes:
        skin: Tubes, each Nx4: its knots and their radii.
        cloth: Likewise.
        creases: Lines on the skin.
        nails: On the skin.
        tint: Of the cloth.
    """

    skin: Sequence[Field]
    cloth: Sequence[Field]
    creases: Sequence[Crease]
    nails: Sequence[Nail]
    tint: Tint


@dataclass(frozen=True, slots=True, eq=False)
class _Canvas:
    """The foremost surface, in fine pixels.

    Attributes:
        depth: HxW metres; smooth.
        covered: HxW.
        skin: HxW; whether it is skin.
        per_metre: Pixels.
        origin: Pixels from the first one to the wrist, times -1.
    """

    depth: Pixels
    covered: NDArray[np.bool_]
    skin: NDArray[np.bool_]
    per_metre: float
    origin: Field


def draw(figure: Figure, pixels_per_metre: float, oversampling: int) -> Drawing:
    """Draws a hand on its arm.

    Args:
        figure: What.
        pixels_per_metre: Of the picture.
        oversampling: Each pixel is the mean of so many, across and down.
    """
    canvas = _surface(figure, pixels_per_metre * oversampling, oversampling)
    height, width = (side // oversampling for side in canvas.depth.shape)
    covered = canvas.covered.astype(np.float32)
    painted = np.dstack([_painted(canvas, figure), covered * 255])
    small = cv2.resize(painted, (width, height), interpolation=cv2.INTER_AREA)
    coverage = small[..., 3]
    colour = small[..., :3] * (255 / np.maximum(coverage, 1))[..., None]
    relief = cv2.resize(_filled(canvas), (width, height), interpolation=cv2.INTER_AREA)
    wrist = (np.float64(0.5) - canvas.origin) / oversampling - 0.5
    return Drawing(
        np.clip(np.rint(colour), 0, 255).astype(np.uint8),
        np.rint(coverage).astype(np.uint8),
        np.asarray(relief, np.float32),
        (float(wrist[0]), float(wrist[1])),
    )


def _surface(figure: Figure, per_metre: float, multiple: int) -> _Canvas:
    knots = np.concatenate([*figure.skin, *figure.cloth])
    low, high = knots[:, :2] - knots[:, 3:], knots[:, :2] + knots[:, 3:]
    origin = np.floor(low.min(axis=0) * per_metre) - _MARGIN_PX * multiple
    side = np.maximum(high.max(axis=0) * per_metre + _MARGIN_PX * multiple - origin, _LEAST_PX * multiple)
    width, height = (np.ceil(side / multiple).astype(int) * multiple).tolist()
    depth = np.full((height, width), np.inf, np.float32)
    skin = np.zeros((height, width), np.bool_)
    for tubes, bare in ((figure.skin, True), (figure.cloth, False)):
        for tube in tubes:
            in_pixels = tube * per_metre
            in_pixels[:, :2] -= origin
            _put(depth, skin, in_pixels, bare=bare)
    covered = np.isfinite(depth)
    rough = np.where(covered, depth / np.float32(per_metre), np.float32(_DEEPEST_M))
    smooth = cv2.bilateralFilter(rough, -1, _SMOOTH_STEP_M, _SMOOTH_M * per_metre)
    return _Canvas(np.asarray(smooth, np.float32), covered, skin, per_metre, origin)


def _put(depth: Pixels, skin: NDArray[np.bool_], tube: Field, *, bare: bool) -> None:
    """The front of one tube where nothing is nearer, in place; all in pixels."""
    for knot in tube:
        _put_front(depth, skin, (knot, knot), bare=bare)
    for start, end in itertools.pairwise(tube):
        if math.hypot(*(end - start)[:2]) > _LEAST_SLANT * math.dist(start[:3], end[:3]):
            _put_front(depth, skin, (start, end), bare=bare)


def _put_front(depth: Pixels, skin: NDArray[np.bool_], ends: tuple[Field, Field], *, bare: bool) -> None:
    start, end = ends
    low, high = np.minimum(start[:2] - start[3], end[:2] - end[3]), np.maximum(start[:2] + start[3], end[:2] + end[3])
    left, top = (max(0, int(value)) for value in low)
    rows, columns = slice(top, int(high[1]) + 2), slice(left, int(high[0]) + 2)
    here = depth[rows, columns]
    across = np.arange(left, left + here.shape[1], dtype=np.float32) - np.float32(start[0])
    down = (np.arange(top, top + here.shape[0], dtype=np.float32) - np.float32(start[1]))[:, None]
    front = _ball(across, down, start) if start is end else _cylinder(across, down, start, end)
    nearer = front < here
    np.copyto(here, front, where=nearer)
    np.copyto(skin[rows, columns], bare, where=nearer)


def _ball(across: Pixels, down: Pixels, knot: Field) -> Pixels:
    """HxW: where its front is; not finite beside it."""
    inside = np.float32(knot[3] ** 2) - across * across - down * down
    return np.where(inside > 0, np.float32(knot[2]) - np.sqrt(np.maximum(inside, 0)), np.float32(np.inf))


def _cylinder(across: Pixels, down: Pixels, start: Field, end: Field) -> Pixels:
    """HxW: where the front of a cylinder is that may lie aslant, without its ends.

    A ray along the line of sight meets an axis of the direction (x, y, z) at a depth that grows by z / (x^2 + y^2) per
    pixel along it, and leaves the cylinder 1 / sqrt(x^2 + y^2) times as far before that as it would an upright one.
    """
    way = end[:3] - start[:3]
    length = float(np.linalg.norm(way))
    x, y, z = (np.float32(value) for value in way / length)
    flat = np.float32(math.hypot(x, y))
    along = across * x + down * y
    beside = (across * y - down * x) / flat
    radius = np.float32(start[3]) + along * np.float32((end[3] - start[3]) / (length * float(flat) ** 2))
    inside = radius * radius - beside * beside
    behind = along * (z / (flat * flat)) - np.sqrt(np.maximum(inside, 0)) / flat
    place = along + behind * z
    met = (inside > 0) & (place >= 0) & (place <= np.float32(length))
    return np.where(met, np.float32(start[2]) + behind, np.float32(np.inf))


def _painted(canvas: _Canvas, figure: Figure) -> Pixels:
    """HxWx3, 0 where nothing is."""
    where = canvas.covered
    lit, facing = _light(canvas)
    skin, light, tone = canvas.skin[where][:, None], lit[:, None], _creased(canvas, figure.creases)[where]
    reddened = np.float32(1.1) * light * (_IN_SHADOW + (1 - _IN_SHADOW) * np.clip(light, 0, 1))
    bare = np.array(_SKIN, np.float32) * reddened * (1 - tone * np.clip(1.3 * facing - 0.2, 0, 1))[:, None]
    nail = (_NAIL_SHARE * _nailed(canvas, figure.nails)[where])[:, None]
    bare += nail * (np.array(_NAIL, np.float32) * light - bare)
    painted = np.zeros((*where.shape, 3), np.float32)
    painted[where] = np.where(skin, bare, np.array(figure.tint, np.float32) * _CLOTH * light)
    return np.clip(painted, 0, 255)


def _light(canvas: _Canvas) -> tuple[Pixels, Pixels]:
    """Of the covered pixels: how bright they are, and how much they face the viewer."""
    where, scale = canvas.covered, canvas.per_metre / 8  # of Sobel's kernel
    right = cv2.Sobel(canvas.depth, cv2.CV_32F, 1, 0, ksize=3, scale=scale)[where]
    down = cv2.Sobel(canvas.depth, cv2.CV_32F, 0, 1, ksize=3, scale=scale)[where]
    facing = 1 / np.sqrt(1 + right * right + down * down)
    x, y, z = (np.float32(value) for value in _LIGHT)
    soft = np.clip(((right * x + down * y - z) * facing + _AROUND) / (1 + _AROUND), 0, 1)
    deep, near = np.zeros(len(facing), np.float32), np.minimum(canvas.depth, np.float32(_CREVICES_UP_TO_M))
    for size_m, weight in _CREVICES_M:
        around = cv2.GaussianBlur(near, (0, 0), size_m * canvas.per_metre)[where]
        deep += weight * np.clip((near[where] - around) / _CREVICE_DEPTH_M, 0, 1)
    brightness = (_AMBIENT + _DIRECT * soft) * (1 - _CREVICE * np.clip(deep, 0, 1)) * (0.75 + 0.25 * facing)
    return np.asarray(brightness, np.float32), np.asarray(facing, np.float32)


def _creased(canvas: _Canvas, creases: Sequence[Crease]) -> Pixels:
    """HxW: the share of the light that creases take."""
    tone = np.zeros(canvas.depth.shape, np.float32)
    for crease in creases:
        pixels = _pixels(canvas, crease.points)
        seen = _on_surface(canvas, pixels, crease.points[:, 2])
        fine = np.rint(pixels * 2**_SUBPIXEL).astype(np.int32)
        thickness = max(1, round(crease.width_m * canvas.per_metre))
        for k in np.flatnonzero(seen[:-1] & seen[1:]):
            ends = fine[k].tolist(), fine[k + 1].tolist()
            cv2.line(tone, *ends, (crease.darkness,), thickness, cv2.LINE_AA, _SUBPIXEL)
    return np.asarray(cv2.GaussianBlur(tone, (0, 0), _LINE_BLUR_M * canvas.per_metre), np.float32)


def _nailed(canvas: _Canvas, nails: Sequence[Nail]) -> Pixels:
    """HxW: 1 where there is a nail."""
    painted = np.zeros(canvas.depth.shape, np.float32)
    for nail in nails:
        centre = nail.centre[None]
        if nail.outwards[2] < -0.25 and _on_surface(canvas, _pixels(canvas, centre), centre[:, 2])[0]:
            outline = np.rint(_pixels(canvas, nail.outline) * 2**_SUBPIXEL).astype(np.int32)
            cv2.fillPoly(painted, [outline], (1.0,), cv2.LINE_AA, _SUBPIXEL)
    return painted


def _pixels(canvas: _Canvas, points: Field) -> Field:
    return np.asarray(points[:, :2] * canvas.per_metre - canvas.origin)


def _on_surface(canvas: _Canvas, pixels: Field, depth: Field) -> NDArray[np.bool_]:
    """Whether points are where nothing hides them."""
    limit = np.array(canvas.depth.shape[::-1]) - 1
    columns, rows = np.clip(np.rint(pixels), 0, limit).astype(int).T
    return np.asarray(canvas.covered[rows, columns] & (depth < canvas.depth[rows, columns] + _VISIBLE_M))


def _filled(canvas: _Canvas) -> Pixels:
    """Depth that goes on a little beyond the edges, so that no pixel mixes it with what is behind."""
    grown = cv2.erode(np.where(canvas.covered, canvas.depth, np.float32(_DEEPEST_M)), _FRINGE, iterations=_FRINGE_PX)
    return np.where(canvas.covered, canvas.depth, np.where(grown < _DEEPEST_M, grown, np.float32(0)))
