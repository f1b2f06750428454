"""The scores of a face's expressions as bars."""

from __future__ import annotations

import functools
import math

import cv2
import numpy as np

from face_perception.expression_evidence import Expression, ExpressionState
from face_perception.face import Face
from perception_core.drawing import Tone, draw_text, fill, shade, stroke, text_width
from perception_core.frame import ColourImage
from perception_core.free_space import FreeSpace, Side
from perception_core.geometry import Box
from perception_core.latin_letters import in_latin

_CAPITALS_PX, _ROW_PX, _MARGIN_PX = 7.5, 13.0, 5.0  # in a picture of usual size
_BAR_PX, _BAR_HEIGHT_PX, _STRIPE_PX = 42.0, 5.0, 3.0
_MOST_ROWS = 8
_LONGEST_LABEL = 12
_SIDES = (Side.RIGHT, Side.LEFT, Side.BELOW, Side.ABOVE)
_TONE: Tone = (135, 135, 135)
_LEADING_TONE: Tone = (255, 255, 255)

Row = tuple[str, float]


def draw_expression(picture: ColourImage, face: Face, tone: Tone, free: FreeSpace) -> None:
    """Draws a bar for every class where that covers nobody; else for the class that leads alone; else nothing.

    Args:
        picture: HxWx3, BGR; drawn into.
        face: Whose expression it is.
        tone: Of the bar of the class that leads.
        free: Where there is room; the panel takes some.
    """
    leading = face.expression.label
    for rows in panels(face.expression):
        scale = stroke(picture)
        labels = tuple(label for label, _ in rows)
        width, height, bars_at = _layout(labels, scale)
        room = free.place_beside(face.box, (width, height), _SIDES)
        if room is None:
            continue
        shade(picture, room)
        fill(picture, Box(room.x, room.y, _STRIPE_PX * scale, height), tone)
        _write_labels(picture, room, labels, scale)
        for index, (label, score) in enumerate(rows):
            top = room.y + (_MARGIN_PX + (index + 0.5) * _ROW_PX - _BAR_HEIGHT_PX / 2) * scale
            length = _BAR_PX * scale * max(0.0, min(1.0, score)) if math.isfinite(score) else 0.0
            bar = Box(room.x + bars_at, top, max(length, 1.0), _BAR_HEIGHT_PX * scale)
            is_leading = bool(leading) and label == _shown(leading)
            fill(picture, bar, tone if is_leading else _TONE)
            if is_leading:
                draw_text(picture, _label_at(room, index, scale), label, _LEADING_TONE, _CAPITALS_PX * scale)
        return


def panels(expression: Expression) -> list[list[Row]]:
    """What may be shown, the most telling first: all classes with their scores, or the one that leads.

    Of a set of many classes, the eight with the highest scores are shown, in the order of the set.
    """
    if expression.state is ExpressionState.UNKNOWN:
        return []
    shown = sorted(np.argsort(expression.scores)[::-1][:_MOST_ROWS].tolist())
    every = [(_shown(expression.classes[index]), expression.scores[index]) for index in shown]
    if expression.state is ExpressionState.UNCERTAIN:
        return [every]
    return [every, [(_shown(expression.label), expression.scores[expression.classes.index(expression.label)])]]


def _shown(label: str) -> str:
    return in_latin(label)[:_LONGEST_LABEL]


def _layout(labels: tuple[str, ...], scale: float) -> tuple[float, float, float]:
    """Width and height of a panel, and where its bars begin."""
    bars_at = (_STRIPE_PX + 2 * _MARGIN_PX) * scale + max(text_width(label, _CAPITALS_PX * scale) for label in labels)
    return bars_at + (_BAR_PX + _MARGIN_PX) * scale, (len(labels) * _ROW_PX + 2 * _MARGIN_PX) * scale, bars_at


def _label_at(room: Box, index: int, scale: float) -> tuple[float, float]:
    baseline = _MARGIN_PX + (index + 0.5) * _ROW_PX + _CAPITALS_PX / 2
    return math.floor(room.x) + (_STRIPE_PX + _MARGIN_PX) * scale, math.floor(room.y) + baseline * scale


def _write_labels(picture: ColourImage, room: Box, labels: tuple[str, ...], scale: float) -> None:
    """Adds the labels' light to the picture: they are written once, not on every frame."""
    written = _written(labels, scale)
    left, top = math.floor(room.x), math.floor(room.y)
    part = picture[top : top + written.shape[0], left : left + written.shape[1]]
    cv2.add(part, written[: part.shape[0], : part.shape[1]], part)


@functools.lru_cache(maxsize=8)
def _written(labels: tuple[str, ...], scale: float) -> ColourImage:
    """The labels on black."""
    width, height, _ = _layout(labels, scale)
    picture = np.zeros((math.ceil(height), math.ceil(width), 3), np.uint8)
    for index, label in enumerate(labels):
        draw_text(picture, _label_at(Box(0, 0, 0, 0), index, scale), label, _TONE, _CAPITALS_PX * scale)
    return picture
