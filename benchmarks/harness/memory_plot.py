"""A picture of memory over time, drawn with OpenCV: no further library is needed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from perception_core.frame import ColourImage

Line = tuple[str, Sequence[float], Sequence[float]]

_WIDTH, _HEIGHT = 1200, 640
_LEFT, _RIGHT, _TOP, _BOTTOM = 80, 20, 50, 60
_COLOURS = ((180, 119, 31), (14, 127, 255), (44, 160, 44), (40, 39, 214), (189, 103, 148))  # matplotlib's, as BGR
_GREY, _LIGHT, _BLACK, _WHITE = (120, 120, 120), (225, 225, 225), (0, 0, 0), 255
_STEPS = 6


def write_plot(path: Path, lines: Sequence[Line], marks: Sequence[float]) -> None:
    """Writes a PNG.

    Args:
        path: The file.
        lines: Name, seconds and megabytes of each process; those of one name have one colour.
        marks: When something happened, in seconds.

    Raises:
        OSError: It cannot be written.
    """
    written, data = cv2.imencode(".png", draw_plot(lines, marks))
    assert written
    path.write_bytes(data.tobytes())


def draw_plot(lines: Sequence[Line], marks: Sequence[float]) -> ColourImage:
    """The picture."""
    picture = np.full((_HEIGHT, _WIDTH, 3), _WHITE, np.uint8)
    longest_s = max((line[1][-1] for line in lines if line[1]), default=1.0) or 1.0
    largest = _round_up(max((max(line[2]) for line in lines if line[2]), default=1.0))
    for mark in marks:
        x, _ = _place(mark, 0, longest_s, largest)
        cv2.line(picture, (x, _HEIGHT - _BOTTOM), (x, _HEIGHT - _BOTTOM + 6), _GREY, 1)
    _draw_axes(picture, longest_s, largest)
    names = list(dict.fromkeys(line[0] for line in lines))
    for name, seconds, values in lines:
        points = [_place(second, value, longest_s, largest) for second, value in zip(seconds, values, strict=True)]
        cv2.polylines(picture, [np.array(points, np.int32)], False, _colour(names, name), 1, cv2.LINE_AA)
    for number, name in enumerate(names):
        _text(picture, name, (_LEFT + 220 * number, 24), _colour(names, name))
    return picture


def _draw_axes(picture: ColourImage, longest_s: float, largest: float) -> None:
    for step in range(_STEPS + 1):
        x, y = _place(longest_s * step / _STEPS, largest * step / _STEPS, longest_s, largest)
        cv2.line(picture, (_LEFT, y), (_WIDTH - _RIGHT, y), _LIGHT, 1)
        _text(picture, f"{largest * step / _STEPS:.0f} MB", (6, y + 5), _BLACK)
        _text(picture, f"{longest_s * step / _STEPS / 60:.1f}", (x - 14, _HEIGHT - _BOTTOM + 26), _BLACK)
    _text(picture, "minutes; a tick for every trouble", (_LEFT, _HEIGHT - 12), _BLACK)


def _place(second: float, value: float, longest_s: float, largest: float) -> tuple[int, int]:
    across = (_WIDTH - _LEFT - _RIGHT) * second / longest_s
    up = (_HEIGHT - _TOP - _BOTTOM) * value / largest
    return round(_LEFT + across), round(_HEIGHT - _BOTTOM - up)


def _round_up(value: float) -> float:
    return float(np.ceil(value / 60) * 60)


def _colour(names: Sequence[str], name: str) -> tuple[int, int, int]:
    return _COLOURS[names.index(name) % len(_COLOURS)]


def _text(picture: ColourImage, text: str, place: tuple[int, int], colour: tuple[int, int, int]) -> None:
    cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.45, colour, 1, cv2.LINE_AA)
