"""The file of FER2013: one face of 48x48 grey pixels per line.

I. Goodfellow et al., "Challenges in Representation Learning: A report on three machine learning contests", Neural
Networks 64, 2015.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np

from perception_cli.evaluation.class_folders import Labelled, LabelledData
from perception_cli.evaluation.pictures import DataError, Picture
from perception_cli.evaluation.splits import chosen_part
from perception_core.frame import ColourImage
from perception_core.sources.error import SourceError

_LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
_LABEL, _PIXELS, _PART = "emotion", "pixels", "usage"


def is_fer2013(path: Path) -> bool:
    """Whether a file begins like FER2013's."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            return {_LABEL, _PIXELS} <= set(_columns(file.readline(1000).split(",")))
    except OSError:
        return False


def fer2013_file(data: Path) -> Path | None:
    """The file, where it is what was named or lies in that folder; None where it does not."""
    files = [data] if data.is_file() else sorted(path for path in data.glob("*.csv") if path.is_file())
    return next((path for path in files if is_fer2013(path)), None)


def read_fer2013(path: Path, split: str | None) -> LabelledData:
    """Reads the lines of one part; their pixels only when they are wanted.

    Args:
        path: The csv file, with the columns emotion, pixels and, where it has parts, Usage.
        split: Training, PublicTest, PrivateTest or what means the same; None for the private test.

    Raises:
        DataError: It cannot be read, or has no such part.
    """
    lines: dict[str, list[tuple[int, str, str]]] = {}
    has_parts = False
    for number, row in _rows(path):
        has_parts = has_parts or _PART in row
        lines.setdefault(row.get(_PART, "").strip(), []).append((number, row.get(_LABEL, ""), row.get(_PIXELS, "")))
    if not lines:
        raise DataError(f"{path} has no line with a face")
    if split is not None and not has_parts:
        raise DataError(f"{path} has no column Usage; leave --split out")
    part = chosen_part(lines, split, path)
    labelled, unreadable = [], []
    for number, label, pixels in lines[part]:
        name = f"{path.name} line {number}"
        if label.strip() in map(str, range(len(_LABELS))):
            labelled.append(Labelled(_LABELS[int(label)], Picture(name, _reader(name, pixels))))
        else:
            unreadable.append(name)
    return LabelledData("fer2013-csv", part or None, tuple(labelled), tuple(unreadable))


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Every line's number and its cells by the name of their column."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            lines = csv.reader(file)
            columns = _columns(next(lines, []))
            if not {_LABEL, _PIXELS} <= set(columns):
                raise DataError(f"{path} is not FER2013's file: its first line has to name emotion and pixels")
            for cells in lines:
                yield lines.line_num, dict(zip(columns, cells, strict=False))
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from error
    except csv.Error as error:
        raise DataError(f"{path}, line {lines.line_num}: {error}; the file is damaged") from error


def _columns(cells: list[str]) -> list[str]:
    return [cell.strip().strip('"').lower() for cell in cells]


def _reader(name: str, pixels: str) -> Callable[[], ColourImage]:
    def read() -> ColourImage:
        try:
            values = np.array(pixels.split(), np.int64)
        except (ValueError, OverflowError) as error:
            raise SourceError(f"{name}: its pixels are not all numbers") from error
        side = math.isqrt(values.size)
        if not side or side * side != values.size or values.min() < 0 or values.max() > 255:
            raise SourceError(f"{name}: its {values.size} pixels are no square of numbers from 0 to 255")
        grey = values.astype(np.uint8).reshape(side, side)
        return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)

    return read
