"""Boxes, labels and depth as pictures."""

from __future__ import annotations

import colorsys

import cv2
import numpy as np

from perception_core.frame import ColourImage, DepthImage
from perception_core.geometry import Box

Tone = tuple[int, int, int]

_GOLDEN_RATIO = 0.618034  # successive multiples of it are far apart on the colour circle
_USUAL_SIDE_PX = 1280
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_FONT_SCALE = 0.5
_MARGIN = 4
_CORNER_SHARE = 0.25
_INK = (20, 20, 20)


def track_colour(track_id: int) -> Tone:
    """A bright BGR colour that neighbouring ids do not share."""
    red, green, blue = colorsys.hsv_to_rgb(track_id * _GOLDEN_RATIO % 1.0, 0.55, 1.0)
    return int(blue * 255), int(green * 255), int(red * 255)


def stroke(picture: ColourImage) -> float:
    """How much thicker than usual lines and letters are drawn: in a large picture they would not be seen."""
    return max(1.0, max(picture.shape[:2]) / _USUAL_SIDE_PX)


def draw_box(picture: ColourImage, box: Box, tone: Tone, *, dashed: bool = False) -> None:
    """Draws a box into the picture; dashed leaves only its corners."""
    thickness = round(2 * stroke(picture))
    left, top, right, bottom = (round(value) for value in (box.x, box.y, box.right, box.bottom))
    if not dashed:
        cv2.rectangle(picture, (left, top), (right, bottom), tone, thickness, cv2.LINE_AA)
        return
    across, down = round(box.width * _CORNER_SHARE), round(box.height * _CORNER_SHARE)
    for x, towards_x in ((left, across), (right, -across)):
        for y, towards_y in ((top, down), (bottom, -down)):
            cv2.line(picture, (x, y), (x + towards_x, y), tone, thickness, cv2.LINE_AA)
            cv2.line(picture, (x, y), (x, y + towards_y), tone, thickness, cv2.LINE_AA)


def draw_label(picture: ColourImage, at: tuple[float, float], text: str, tone: Tone) -> None:
    """Writes text on a filled bar whose lower left corner is at a pixel; moved inside where it would be cut."""
    scale = stroke(picture)
    thickness, margin = round(scale), round(_MARGIN * scale)
    (width, height), _ = cv2.getTextSize(text, _FONT, _FONT_SCALE * scale, thickness)
    bar_width, bar_height = width + 2 * margin, height + 2 * margin
    left = int(np.clip(at[0], 0, max(0, picture.shape[1] - bar_width)))
    bottom = int(np.clip(at[1], bar_height, picture.shape[0]))
    cv2.rectangle(picture, (left, bottom - bar_height), (left + bar_width, bottom), tone, cv2.FILLED)
    place = left + margin, bottom - margin
    cv2.putText(picture, text, place, _FONT, _FONT_SCALE * scale, _INK, thickness, cv2.LINE_AA)


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
