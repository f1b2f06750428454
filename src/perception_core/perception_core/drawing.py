"""Boxes, lettering and depth as pictures."""

from __future__ import annotations

import colorsys
import functools
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from perception_core.frame import ColourImage, DepthImage
from perception_core.geometry import Box, box_around

Tone = tuple[int, int, int]
Place = tuple[float, float]

SHIFT = 4
"""Binary digits behind the point of what `fixed` gives: without them lines would tremble."""

_GOLDEN_RATIO = 0.618034  # successive multiples of it are far apart on the colour circle
_USUAL_SIDE_PX, _SMALL_SIDE_PX = 1280, 400
_LEAST_STROKE = 0.7  # smaller letters cannot be read
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_FONT_SCALE = 0.5
_CAPITAL_PX = 21  # height of the font's capitals at scale 1
_MARGIN = 4
_CORNER_SHARE = 0.25
_INK = (20, 20, 20)
_SHADE = 0.35
_EDGE = (30, 30, 30)
_FARTHEST_PX = 100_000.0  # what is drawn may reach beyond the picture, but not beyond OpenCV's numbers


def track_colour(track_id: int) -> Tone:
    """A bright BGR colour that neighbouring ids do not share."""
    red, green, blue = colorsys.hsv_to_rgb(track_id * _GOLDEN_RATIO % 1.0, 0.55, 1.0)
    return int(blue * 255), int(green * 255), int(red * 255)


def stroke(picture: ColourImage) -> float:
    """How much thicker than usual lines and letters are drawn: in a large picture they would not be seen."""
    longest = max(picture.shape[:2])
    return max(min(1.0, max(_LEAST_STROKE, longest / _SMALL_SIDE_PX)), longest / _USUAL_SIDE_PX)


def draw_box(picture: ColourImage, box: Box, tone: Tone, *, dashed: bool = False) -> None:
    """Draws a box into the picture; dashed leaves only its corners."""
    width = round(2 * stroke(picture))
    edges = np.clip([box.x, box.y, box.right, box.bottom], -_FARTHEST_PX, _FARTHEST_PX)
    left, top, right, bottom = np.rint(edges).astype(int).tolist()
    if not dashed:
        cv2.rectangle(picture, (left, top), (right, bottom), tone, width, cv2.LINE_AA)
        return
    across, down = round((right - left) * _CORNER_SHARE), round((bottom - top) * _CORNER_SHARE)
    for x, towards_x in ((left, across), (right, -across)):
        for y, towards_y in ((top, down), (bottom, -down)):
            cv2.line(picture, (x, y), (x + towards_x, y), tone, width, cv2.LINE_AA)
            cv2.line(picture, (x, y), (x, y + towards_y), tone, width, cv2.LINE_AA)


def draw_label(picture: ColourImage, at: Place, text: str, tone: Tone) -> None:
    """Writes text on a filled bar whose lower left corner is at a pixel; moved inside where it would be cut."""
    scale = stroke(picture)
    thickness, margin = max(1, round(scale)), round(_MARGIN * scale)
    (width, height), _ = cv2.getTextSize(text, _FONT, _FONT_SCALE * scale, thickness)
    bar_width, bar_height = width + 2 * margin, height + 2 * margin
    left = int(np.clip(at[0], 0, max(0, picture.shape[1] - bar_width)))
    bottom = int(np.clip(at[1], bar_height, max(bar_height, picture.shape[0])))
    cv2.rectangle(picture, (left, bottom - bar_height), (left + bar_width, bottom), tone, cv2.FILLED)
    place = left + margin, bottom - margin
    cv2.putText(picture, text, place, _FONT, _FONT_SCALE * scale, _INK, thickness, cv2.LINE_AA)


def part_around(
    picture: ColourImage, points: NDArray[np.float64], margin: float
) -> tuple[ColourImage, NDArray[np.int32]]:
    """The part of a picture in which points lie, as a view, and the points in it.

    Args:
        picture: HxWx3, BGR.
        points: Nx2 pixels, finite; may lie partly or wholly outside.
        margin: Around them, pixels.

    Returns:
        The part, of no size where all lie outside; and the points as OpenCV's drawing takes them with `SHIFT`.
    """
    height, width = picture.shape[:2]
    box = box_around(points)
    rows, columns = (
        Box(box.x - margin, box.y - margin, box.width + 2 * margin + 1, box.height + 2 * margin + 1)
        .clipped(width, height)
        .slices()
    )
    return picture[rows, columns], fixed(points - (columns.start, rows.start))


def draw_pointer(picture: ColourImage, start: Sequence[float], end: Sequence[float], tone: Tone, width: float) -> None:
    """Draws a line with a dot at its end; a thick one has a dark edge that sets it off what is bright.

    Args:
        picture: HxWx3, BGR; drawn into.
        start: Pixel where it begins.
        end: Pixel where it ends; may lie outside.
        tone: Of the line.
        width: Of the line, pixels; at least one is drawn.
    """
    thickness = max(1, round(width))
    first, last = fixed([start, end]).tolist()
    radius = (thickness + 1) << (SHIFT - 1)
    for ink, more in ((_EDGE, 2), (tone, 0)) if thickness > 2 else ((tone, 0),):
        cv2.line(picture, first, last, ink, thickness + more, cv2.LINE_AA, SHIFT)
        cv2.circle(picture, last, radius + (more << (SHIFT - 1)), ink, cv2.FILLED, cv2.LINE_AA, SHIFT)


def fixed(points: Sequence[Sequence[float]] | NDArray[np.floating]) -> NDArray[np.int32]:
    """Pixels as OpenCV takes them with `SHIFT` binary digits behind the point.

    Args:
        points: Nx2, finite.
    """
    within = np.clip(np.asarray(points, np.float64), -_FARTHEST_PX, _FARTHEST_PX)
    return np.asarray(np.rint(within * (1 << SHIFT)), np.int32)


def draw_text(picture: ColourImage, at: Place, text: str, tone: Tone, height: float) -> None:
    """Writes a line of ASCII text.

    Args:
        picture: HxWx3, BGR.
        at: Left end of the line on which the letters stand, pixels.
        text: Other characters would come out as question marks.
        tone: Its colour.
        height: Of capitals, pixels.
    """
    place = round(at[0]), round(at[1])
    cv2.putText(picture, text, place, _FONT, height / _CAPITAL_PX, tone, _pen(height), cv2.LINE_AA)


@functools.lru_cache(maxsize=1024)
def text_width(text: str, height: float) -> int:
    """Pixels that `draw_text` needs from left to right."""
    return int(cv2.getTextSize(text, _FONT, height / _CAPITAL_PX, _pen(height))[0][0])


def fill(picture: ColourImage, box: Box, tone: Tone) -> None:
    """Paints a part of the picture in one colour, one pixel of it at least."""
    left, top = max(0, round(box.x)), max(0, round(box.y))
    picture[top : max(top + 1, round(box.bottom)), left : max(left + 1, round(box.right))] = tone


def shade(picture: ColourImage, box: Box) -> None:
    """Darkens a part of the picture, so that bright letters can be read on it whatever it shows."""
    rows, columns = box.clipped(picture.shape[1], picture.shape[0]).slices()
    part = picture[rows, columns]
    if part.size:
        picture[rows, columns] = cv2.convertScaleAbs(part, alpha=_SHADE)


def depth_picture(depth: DepthImage, nearest_m: float = 0.3, farthest_m: float = 5.0) -> ColourImage:
    """Depth as colours, near red and far blue, black where there is no data.

    Args:
        depth: HxW.
        nearest_m: What is nearer has the colour of this distance.
        farthest_m: What is further away has the colour of this distance.

    Returns:
        HxWx3 uint8, BGR.
    """
    gain = -255.0 / (farthest_m - nearest_m)
    # convertScaleAbs saturates, but folds negative numbers over: hence the clip first.
    units = np.clip(depth.raw, nearest_m / depth.metres_per_unit, farthest_m / depth.metres_per_unit)
    nearness = cv2.convertScaleAbs(
        np.asarray(units, depth.raw.dtype), alpha=gain * depth.metres_per_unit, beta=-gain * farthest_m
    )
    picture = np.asarray(cv2.applyColorMap(nearness, cv2.COLORMAP_TURBO), np.uint8)
    picture[~(depth.raw > 0)] = 0
    return picture


def _pen(height: float) -> int:
    """How thick the lines of letters are."""
    return max(1, round(height / 10))
