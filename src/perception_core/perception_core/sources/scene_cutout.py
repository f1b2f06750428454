"""People out of photographs: cut out, with relief, or flat in a frame."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from perception_core.frame import ColourImage
from perception_core.geometry import Box
from perception_core.sources.pictures import read_picture
from perception_core.sources.scene_coat import above_coat
from perception_core.sources.scene_portraits import Point, Portrait, at_scale
from perception_core.sources.scene_relief import head_relief
from perception_core.sources.scene_sprite import StillSprite, pyramid

FINEST_PIXELS_PER_METRE = 1150.0
"""As fine as the camera sees anything further away than 0.53 m."""
_FRAME_M = 0.02
_FRAME_BGR = (58, 84, 112)  # walnut
_SOFT_EDGE_PX = 0.8


def bust(portrait: Portrait, path: Path, *, in_coat: bool = False) -> tuple[StillSprite, float]:
    """A person cut out of a photograph, with a head that stands out as a real one does.

    Args:
        portrait: Who.
        path: The photograph.
        in_coat: Whether only what a coat leaves free is wanted; see `scene_coat`.

    Returns:
        The sprite, and its pixels per pixel of the file.

    Raises:
        SourceError: The file cannot be read.
    """
    colour, scale = _photograph(portrait, path)
    size = colour.shape[1], colour.shape[0]
    per_metre, sellion = portrait.pixels_per_metre * scale, at_scale(portrait.sellion, scale)
    coverage = coverage_of(portrait.outline, scale, size)
    if in_coat:
        coverage = np.minimum(coverage, above_coat(size, sellion, per_metre))
    levels = pyramid(colour, coverage, head_relief(portrait, scale, size))
    return StillSprite(levels, per_metre, sellion), scale


def framed_photograph(portrait: Portrait, path: Path) -> tuple[StillSprite, float, Point]:
    """The head and shoulders of a photograph, flat, in a wooden frame.

    Returns:
        The sprite, its pixels per pixel of the file, and where its first pixel lies in the file scaled like this.

    Raises:
        SourceError: The file cannot be read.
    """
    photograph, scale = _photograph(portrait, path)
    (x, y), width, height = portrait.head.centre, portrait.head.width, portrait.head.height
    window = Box.around((x * scale, (y + 0.15 * height) * scale), 1.75 * width * scale, 1.55 * height * scale)
    rows, columns = window.clipped(photograph.shape[1], photograph.shape[0]).slices()
    edge = round(_FRAME_M * portrait.pixels_per_metre * scale)
    framed = cv2.copyMakeBorder(
        photograph[rows, columns], edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=_FRAME_BGR
    )
    colour = np.asarray(framed, np.uint8)
    origin = float(columns.start - edge), float(rows.start - edge)
    sellion = at_scale(portrait.sellion, scale)
    levels = pyramid(colour, np.full(colour.shape[:2], 255, np.uint8), None)
    anchor = sellion[0] - origin[0], sellion[1] - origin[1]
    return StillSprite(levels, portrait.pixels_per_metre * scale, anchor), scale, origin


def _photograph(portrait: Portrait, path: Path) -> tuple[ColourImage, float]:
    """The photograph as fine as it is needed, and its pixels per pixel of the file."""
    photograph = read_picture(path)
    scale = min(1.0, FINEST_PIXELS_PER_METRE / portrait.pixels_per_metre)
    size = round(photograph.shape[1] * scale), round(photograph.shape[0] * scale)
    return np.asarray(cv2.resize(photograph, size, interpolation=cv2.INTER_AREA), np.uint8), scale


def coverage_of(outline: tuple[Point, ...], scale: float, size: tuple[int, int]) -> NDArray[np.uint8]:
    """How much of each pixel is inside.

    Args:
        outline: Pixels of the file.
        scale: Pixels of the result per pixel of the file.
        size: Width and height of the result.

    Returns:
        HxW, 255 inside.
    """
    mask = np.zeros(size[::-1], np.uint8)
    points = np.array([at_scale(point, scale) for point in outline])
    cv2.fillPoly(mask, [np.rint(points * 16).astype(np.int32)], [255.0], cv2.LINE_AA, shift=4)  # in 1/16 px
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), _SOFT_EDGE_PX), np.uint8)
