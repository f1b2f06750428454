"""Results as pictures."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import cv2
import numpy as np

from perception_core.drawing import draw_text, text_width
from perception_core.evaluation.confusion import Confusion
from perception_core.evaluation.verification import OperatingPoint
from perception_core.frame import ColourImage

_WHITE, _INK, _GREY, _RULE = (255, 255, 255), (30, 30, 30), (120, 120, 120), (225, 225, 225)
_BLUE, _RED = (176, 100, 30), (60, 60, 200)
_MARGIN = 24
_LETTERS, _SMALL, _TITLE = 11.0, 9.0, 14.0  # heights of capitals, pixels
_CELL = 84
_PLOT_WIDTH, _PLOT_HEIGHT = 640, 480
_LEAST_FALSE_ACCEPTS = 1e-4

_Place = Callable[[OperatingPoint], tuple[int, int]]


def confusion_picture(confusion: Confusion, title: str) -> ColourImage:
    """The matrix: a row per true class, in shares of it, a column per answer.

    Args:
        confusion: What was taken for what.
        title: Above it.

    Returns:
        HxWx3 uint8, BGR.
    """
    left = 2 * _MARGIN + max((text_width(name, _LETTERS) for name in confusion.classes), default=0)
    cell = max(_CELL, _MARGIN // 2 + max(text_width(name, _LETTERS) for name in confusion.answers))
    top = 5 * _MARGIN
    rows, columns = confusion.counts.shape
    height, width = top + rows * _CELL + 2 * _MARGIN, left + columns * cell + _MARGIN
    width = max(width, text_width(title, _TITLE) + 2 * _MARGIN)
    picture = np.full((height, width, 3), 255, np.uint8)
    draw_text(picture, (_MARGIN, 1.7 * _MARGIN), title, _INK, _TITLE)
    draw_text(picture, (_MARGIN, 2.8 * _MARGIN), "rows: true, columns: answered", _GREY, _LETTERS)
    shares = confusion.counts / np.maximum(confusion.counts.sum(axis=1, keepdims=True), 1)
    for column, name in enumerate(confusion.answers):
        _centred(picture, (left + (column + 0.5) * cell, top - 10), name, _INK, _LETTERS)
    for row, name in enumerate(confusion.classes):
        middle = top + (row + 0.5) * _CELL
        draw_text(picture, (_MARGIN, middle + _LETTERS / 2), name, _INK, _LETTERS)
        for column, answer in enumerate(confusion.answers):
            share, count = float(shares[row, column]), int(confusion.counts[row, column])
            x = left + column * cell
            tone = _mixed(_BLUE if name == answer else _RED, share)
            corner = round(top + row * _CELL)
            cv2.rectangle(picture, (x, corner), (x + cell - 3, corner + _CELL - 3), tone, cv2.FILLED)
            ink = _WHITE if share > 0.5 else _INK
            _centred(picture, (x + cell / 2, middle), f"{share:.2f}", ink, _LETTERS)
            _centred(picture, (x + cell / 2, middle + 20), str(count), ink, _SMALL)
    return picture


def roc_picture(
    curve: Sequence[OperatingPoint], marked: Mapping[str, OperatingPoint | None], title: str
) -> ColourImage:
    """The receiver operating characteristic, over a logarithm of the false accepts.

    Args:
        curve: Points of it, at least one with false accepts.
        marked: Points that are shown by their names.
        title: Above it.

    Returns:
        HxWx3 uint8, BGR.
    """
    left, top = 3.5 * _MARGIN, 3.2 * _MARGIN
    picture = np.full(
        (round(top + _PLOT_HEIGHT + 3.5 * _MARGIN), round(left + _PLOT_WIDTH + 2 * _MARGIN), 3), 255, np.uint8
    )
    draw_text(picture, (_MARGIN, 1.7 * _MARGIN), title, _INK, _TITLE)
    lowest = _floor_of_axis(curve)

    def place(point: OperatingPoint) -> tuple[int, int]:
        decades = -math.log10(_LEAST_FALSE_ACCEPTS)
        along = 1 + math.log10(max(point.false_accepts, _LEAST_FALSE_ACCEPTS)) / decades
        up = (max(point.true_accepts, lowest) - lowest) / (1 - lowest)
        return round(left + along * _PLOT_WIDTH), round(top + (1 - up) * _PLOT_HEIGHT)

    _draw_axes(picture, lowest, place)
    # Where nobody is accepted wrongly there is no place on the axis.
    line = np.array([place(point) for point in curve if point.false_accepts >= _LEAST_FALSE_ACCEPTS], np.int32)
    cv2.polylines(picture, [line], isClosed=False, color=_BLUE, thickness=2, lineType=cv2.LINE_AA)
    there = [(name, point) for name, point in marked.items() if point is not None]
    for number, (name, point) in enumerate(there):
        cv2.circle(picture, place(point), 5, _RED, cv2.FILLED, cv2.LINE_AA)
        words = f"{name}: {point.true_accepts:.4f} above {point.threshold:.3f}"
        below = top + _PLOT_HEIGHT - (number + 1) * 1.8 * _LETTERS
        draw_text(picture, (left + _PLOT_WIDTH - text_width(words, _LETTERS) - 12, below), words, _INK, _LETTERS)
    return picture


def _floor_of_axis(curve: Sequence[OperatingPoint]) -> float:
    """Where the axis of true accepts begins: what differs is to be seen, and is often all near 1."""
    least = min(point.true_accepts for point in curve)
    return next(floor for floor in (0.95, 0.9, 0.8, 0.5, 0.0) if floor <= least or floor == 0.0)


def _draw_axes(picture: ColourImage, lowest: float, place: _Place) -> None:
    for exponent in range(round(math.log10(_LEAST_FALSE_ACCEPTS)), 1):
        x, bottom = place(OperatingPoint(0.0, 10.0**exponent, lowest))
        cv2.line(picture, (x, place(OperatingPoint(0.0, 1.0, 1.0))[1]), (x, bottom), _RULE, 1, cv2.LINE_AA)
        _centred(picture, (x, bottom + 2 * _LETTERS), f"{10.0**exponent:g}", _GREY, _LETTERS)
    right = place(OperatingPoint(0.0, 1.0, 1.0))[0]
    for step in range(6):
        value = lowest + (1 - lowest) * step / 5
        x, y = place(OperatingPoint(0.0, _LEAST_FALSE_ACCEPTS, value))
        cv2.line(picture, (x, y), (right, y), _RULE, 1, cv2.LINE_AA)
        text = f"{value:.2f}"
        draw_text(picture, (x - 10 - text_width(text, _LETTERS), y + _LETTERS / 2), text, _GREY, _LETTERS)
    x, bottom = place(OperatingPoint(0.0, 1e-2, lowest))
    _centred(picture, (x, bottom + 4.5 * _LETTERS), "false accepts (share of the pairs of two people)", _INK, _LETTERS)
    top = place(OperatingPoint(0.0, _LEAST_FALSE_ACCEPTS, 1.0))[1]
    draw_text(picture, (_MARGIN, top - 12), "true accepts", _INK, _LETTERS)


def _centred(picture: ColourImage, at: tuple[float, float], text: str, tone: tuple[int, int, int], size: float) -> None:
    draw_text(picture, (at[0] - text_width(text, size) / 2, at[1]), text, tone, size)


def _mixed(tone: tuple[int, int, int], share: float) -> tuple[int, int, int]:
    """White for 0, the tone for 1."""
    blue, green, red = (round(255 + (channel - 255) * share) for channel in tone)
    return blue, green, red
