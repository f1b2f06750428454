"""Results as pictures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
_PLOT_LEFT, _PLOT_TOP = 84, 90
_MOST_DECADES = 4  # of false accepts
_FLOORS = (0.95, 0.9, 0.0)  # what differs is to be seen, and is often all near 1
_LEAST_STEPS = 5  # pairs of one person that the axis of true accepts spans at least


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
    curve: Sequence[OperatingPoint], marked: Mapping[str, OperatingPoint | None], title: str, pairs: tuple[int, int]
) -> ColourImage:
    """The receiver operating characteristic, over a logarithm of the false accepts.

    Args:
        curve: Points of it, at least one with false accepts.
        marked: Points that are shown by their names.
        title: Above it.
        pairs: How many there are of one person, and of two.

    Returns:
        HxWx3 uint8, BGR.
    """
    width = max(_PLOT_LEFT + _PLOT_WIDTH + 2 * _MARGIN, text_width(title, _TITLE) + 2 * _MARGIN)
    picture = np.full((round(_PLOT_TOP + _PLOT_HEIGHT + 3.5 * _MARGIN), width, 3), 255, np.uint8)
    draw_text(picture, (_MARGIN, 1.4 * _MARGIN), title, _INK, _TITLE)
    same, different = pairs
    counts = f"{same} pairs of one person, {different} of two"
    draw_text(picture, (_MARGIN, 2.4 * _MARGIN), counts, _GREY, _LETTERS)
    decades = min(max(math.ceil(math.log10(max(different, 1))), 1), _MOST_DECADES)
    # One pair accepted wrongly is the least that can be seen; where none is, there is no place on the axis.
    seen = [point for point in curve if point.false_accepts >= 10.0**-decades]
    there = {name: point for name, point in marked.items() if point is not None}
    axes = _Axes(decades, _floor(min(point.true_accepts for point in seen), same))
    _draw_axes(picture, axes)
    line = np.array([axes.place(point.false_accepts, point.true_accepts) for point in seen], np.int32)
    cv2.polylines(picture, [line], isClosed=False, color=_BLUE, thickness=2, lineType=cv2.LINE_AA)
    for number, (name, point) in enumerate(there.items()):
        cv2.circle(picture, axes.place(point.false_accepts, point.true_accepts), 5, _RED, cv2.FILLED, cv2.LINE_AA)
        words = f"{name}: {point.true_accepts:.4f} above {point.threshold:.3f}"
        at = _PLOT_LEFT + _PLOT_WIDTH - text_width(words, _LETTERS) - 12, _PLOT_TOP + _PLOT_HEIGHT - 20 * (number + 1)
        draw_text(picture, at, words, _INK, _LETTERS)
    return picture


@dataclass(frozen=True, slots=True)
class _Axes:
    """Where shares lie in the picture.

    Attributes:
        decades: Of false accepts, up to 1.
        lowest: True accepts at the bottom.
    """

    decades: int
    lowest: float

    def place(self, false_accepts: float, true_accepts: float) -> tuple[int, int]:
        """The pixel; what lies outside is moved to the edge."""
        along = 1 + math.log10(max(false_accepts, 10.0**-self.decades)) / self.decades
        up = (max(true_accepts, self.lowest) - self.lowest) / (1 - self.lowest)
        return round(_PLOT_LEFT + along * _PLOT_WIDTH), round(_PLOT_TOP + (1 - up) * _PLOT_HEIGHT)


def _floor(least: float, same: int) -> float:
    """Where the axis of true accepts begins, for the least of them and the number of pairs of one person."""
    coarsest = 1 - _LEAST_STEPS / max(same, 1)
    return next(floor for floor in _FLOORS if floor <= min(least, coarsest) or floor == 0.0)


def _draw_axes(picture: ColourImage, axes: _Axes) -> None:
    for exponent in range(-axes.decades, 1):
        x, bottom = axes.place(10.0**exponent, axes.lowest)
        cv2.line(picture, (x, _PLOT_TOP), (x, bottom), _RULE, 1, cv2.LINE_AA)
        _centred(picture, (x, bottom + 2 * _LETTERS), f"{10.0**exponent:g}", _GREY, _LETTERS)
    for step in range(6):
        value = axes.lowest + (1 - axes.lowest) * step / 5
        _, y = axes.place(1.0, value)
        cv2.line(picture, (_PLOT_LEFT, y), (_PLOT_LEFT + _PLOT_WIDTH, y), _RULE, 1, cv2.LINE_AA)
        text = f"{value:.2f}"
        draw_text(picture, (_PLOT_LEFT - 10 - text_width(text, _LETTERS), y + _LETTERS / 2), text, _GREY, _LETTERS)
    below = _PLOT_LEFT + _PLOT_WIDTH / 2, _PLOT_TOP + _PLOT_HEIGHT + 4.5 * _LETTERS
    _centred(picture, below, "false accepts (share of the pairs of two people)", _INK, _LETTERS)
    draw_text(picture, (_MARGIN, _PLOT_TOP - 12), "true accepts", _INK, _LETTERS)


def _centred(picture: ColourImage, at: tuple[float, float], text: str, tone: tuple[int, int, int], size: float) -> None:
    draw_text(picture, (at[0] - text_width(text, size) / 2, at[1]), text, tone, size)


def _mixed(tone: tuple[int, int, int], share: float) -> tuple[int, int, int]:
    """White for 0, the tone for 1."""
    blue, green, red = (round(255 + (channel - 255) * share) for channel in tone)
    return blue, green, red
