"""A list of boxes around hands as a csv file: a line for each hand, with the name of its picture and its class.

Columns are known by their names: xmin, ymin, xmax and ymax (or left, top, right and bottom, or x1, ...), or else x, y,
w and h; file (or filename, image, ...); label (or class, gesture). Numbers are pixels, or shares of the picture where
none is above 1. Where the corners are given, width and height are those of the picture.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gesture_perception.gesture_names import plain
from perception_cli.evaluation.gesture_data import ALL_PARTS, HandData, HandPicture, LabelledHand, PicturesByName
from perception_cli.evaluation.pictures import DataError, files_called, require_folder
from perception_cli.evaluation.splits import chosen_part, part_of
from perception_core.geometry import Box
from perception_core.regular_files import TooLargeError, read_regular

LAYOUT = "boxes-csv"
_FILE = ("file", "filename", "image", "imagename", "imagefile", "picture", "path", "imagepath", "imageid")
_LABEL = ("label", "class", "gesture", "classname", "category")
_CORNERS = (("xmin", "x1", "left"), ("ymin", "y1", "top"), ("xmax", "x2", "right"), ("ymax", "y2", "bottom"))
_SIZES = (("x", "xmin", "left"), ("y", "ymin", "top"), ("w", "width", "boxwidth"), ("h", "height", "boxheight"))
_PICTURE_SIZE = (("width", "imagewidth"), ("height", "imageheight"))
_LARGEST = 1e6  # pixels
_ALL_COLUMNS = 2 + len(_CORNERS)
_FIRST_LINE = 4096  # letters
_MOST_BYTES = 2**30  # ten million hands


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which cell of a line holds what.

    Attributes:
        file: Name of the picture.
        label: Class of the hand.
        numbers: Of the box.
        corners: Whether those are two corners, and not a corner and a size.
        size: Of the picture; None where it is not there.
    """

    file: int
    label: int
    numbers: tuple[int, ...]
    corners: bool
    size: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class _Line:
    file: str
    hand: LabelledHand
    size: tuple[float, float] | None  # of the picture, as the list says


def box_lists(data: Path) -> list[Path]:
    """The lists in a folder and below; or the one that is named.

    Raises:
        DataError: A folder cannot be read.
    """
    if data.is_file():
        return [data] if _columns(_header(data)) is not None else []
    return [path for path in files_called(require_folder(data), "*.csv") if _columns(_header(path)) is not None]


def almost_list(data: Path) -> str | None:
    """What a csv file lacks to be a list of boxes: the one that is named, or one that has some of the columns.

    Raises:
        DataError: A folder cannot be read.
    """
    paths = [data] if data.is_file() else files_called(require_folder(data), "*.csv")
    lacking = {path: _lacking(_header(path)) for path in paths}
    path = min(paths, key=lambda each: len(lacking[each]), default=data)
    if not lacking.get(path) or not (data.is_file() or len(lacking[path]) < _ALL_COLUMNS):
        return None
    return f"{path.name} is no list of boxes, as it has no column {', '.join(lacking[path])}"


def read_box_list(data: Path, split: str | None) -> HandData:
    """Reads one part of a data set and finds its pictures, wherever below the folder they lie.

    Args:
        data: The data set's folder; or a list, in or below whose folder the pictures lie.
        split: By a word in the list's name or that of its folder, such as test in test_labels.csv; `all` for all lists;
            None for the test part.

    Raises:
        DataError: There is no list, it cannot be read, or not one of its pictures is there.
    """
    parts: dict[str, list[Path]] = {}
    for path in box_lists(data):
        parts.setdefault(_part(path), []).append(path)
    if not parts:
        almost = almost_list(data)
        reason = f"; {almost}" if almost is not None else ""
        raise DataError(
            f"{data}: no csv file with columns such as file, xmin, ymin, xmax, ymax and label is there{reason}"
        )
    part = ALL_PARTS if split == ALL_PARTS else chosen_part(parts, split, data)
    files = [path for name, paths in parts.items() for path in paths if part in {ALL_PARTS, name}]
    pictures_of = PicturesByName(data.parent if data.is_file() else data)
    pictures: list[HandPicture] = []
    unreadable: list[str] = []
    missing = 0
    for path in files:
        by_file: dict[str, list[_Line]] = {}
        for line in _lines(path, unreadable):
            by_file.setdefault(line.file, []).append(line)
        shares = all(max(_numbers_of(line)) <= 1 for lines in by_file.values() for line in lines)
        for name, lines in by_file.items():
            picture = pictures_of(name, part)
            if picture is None:
                missing += 1
                continue
            sizes = [line.size for line in lines]
            size = (1.0, 1.0) if shares else sizes[0]
            hands = tuple(line.hand if size is None else _in_shares(line.hand, size) for line in lines)
            pictures.append(HandPicture(picture, hands, relative=size is not None))
    if not pictures and not missing:
        raise DataError(f"{data}: {next(iter(unreadable), f'{files[0].name} names no hand')}")
    if not pictures:
        raise DataError(f"{data}: none of the pictures is there that {files[0].name} names")
    return HandData(LAYOUT, part or None, tuple(pictures), tuple(unreadable), missing)


def _part(path: Path) -> str:
    """The word of a list's name, or else the name of its folder, that says which part it is; empty where none does."""
    words = [*path.stem.replace("-", "_").split("_"), path.parent.name]
    return next((word for word in words if part_of(word) is not None), "")


def _header(path: Path) -> dict[str, int]:
    """Which cell of the first line has which name; empty where a file has none."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            names = [plain(cell) for cell in next(csv.reader([file.readline(_FIRST_LINE)]), [])]
    except (OSError, csv.Error):
        return {}
    return {name: number for number, name in reversed(list(enumerate(names)))}


def _columns(place: Mapping[str, int]) -> _Columns | None:
    """The columns of a list; None where a file is none."""
    file_at, label_at = _first(place, _FILE), _first(place, _LABEL)
    corners = [_first(place, each) for each in _CORNERS]
    sizes = [_first(place, each) for each in _SIZES]
    numbers = corners if None not in corners else sizes
    if file_at is None or label_at is None or None in numbers:
        return None
    picture = [_first(place, each) for each in _PICTURE_SIZE] if numbers is corners else [None]
    known = tuple(each for each in picture if each is not None) if None not in picture else None
    return _Columns(file_at, label_at, tuple(each for each in numbers if each is not None), numbers is corners, known)


def _lacking(place: Mapping[str, int]) -> list[str]:
    """The columns that a list of boxes has and this file has not."""
    boxes = min(
        ([each[0] for each in names if _first(place, each) is None] for names in (_CORNERS, _SIZES)),
        key=len,
    )
    return [each[0] for each in (_FILE, _LABEL) if _first(place, each) is None] + boxes


def _first(place: Mapping[str, int], names: tuple[str, ...]) -> int | None:
    return next((place[name] for name in names if name in place), None)


def _lines(path: Path, unreadable: list[str]) -> Iterator[_Line]:
    """The hands of a list; what cannot be read is noted.

    Each line stands for itself: a quote that is not closed takes none of those that follow with it.
    """
    columns = _columns(_header(path))
    try:
        content = io.BytesIO(read_regular(path, _MOST_BYTES))
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from error
    except TooLargeError as error:
        raise DataError(f"{path} is too large: {error}") from error
    file = io.TextIOWrapper(content, encoding="utf-8-sig", errors="replace")
    for number, text in enumerate(file, 1):
        if number == 1 or not text.strip(", \t\r\n"):
            continue
        cells, wrong = _cells(text)
        line = _line(cells, columns) if columns is not None and wrong is None else None
        if line is not None:
            yield line
        else:
            unreadable.append(f"{path.name}, line {number}: {wrong or 'it is no box of a hand'}")


def _cells(text: str) -> tuple[list[str], str | None]:
    """The cells of a line, and what is wrong with it; None where nothing is."""
    try:
        cells = next(csv.reader([text.rstrip("\n") + "\n"]), [])
    except csv.Error as error:
        return [], str(error)
    # The end of the line belongs to a cell only where a quote is open.
    return cells, "a quote is opened and not closed" if cells and cells[-1].endswith("\n") else None


def _line(cells: list[str], columns: _Columns) -> _Line | None:
    try:
        numbers = [float(cells[place]) for place in columns.numbers]
        size = [float(cells[place]) for place in columns.size] if columns.size is not None else None
        name, label = cells[columns.file].strip(), cells[columns.label].strip()
    except (IndexError, ValueError):
        return None
    x, y, third, fourth = numbers
    box = Box(x, y, third - x, fourth - y) if columns.corners else Box(x, y, third, fourth)
    usable = all(math.isfinite(each) and abs(each) < _LARGEST for each in numbers)
    if not (usable and box.width > 0 and box.height > 0 and name and label):
        return None
    measured = size is not None and all(0 < each < _LARGEST for each in size)
    return _Line(name, LabelledHand(label, box), (size[0], size[1]) if size is not None and measured else None)


def _numbers_of(line: _Line) -> tuple[float, ...]:
    box = line.hand.box
    return (0.0,) if box is None else (box.x, box.y, box.right, box.bottom)


def _in_shares(hand: LabelledHand, size: tuple[float, float]) -> LabelledHand:
    """The hand with its box in shares of a picture of that size."""
    box, (width, height) = hand.box, size
    if box is None:
        return hand
    return LabelledHand(hand.label, Box(box.x / width, box.y / height, box.width / width, box.height / height))
