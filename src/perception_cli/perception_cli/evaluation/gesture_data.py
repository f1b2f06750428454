"""Pictures of hands of which it is known what they show."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from perception_cli.evaluation.class_folders import read_class_folders
from perception_cli.evaluation.pictures import Picture, picture_files
from perception_core.geometry import Box

ALL_PARTS = "all"
"""As a split: every part of the data set together."""


@dataclass(frozen=True, slots=True)
class LabelledHand:
    """A hand in a picture.

    Attributes:
        label: Its class, as the data set writes it.
        box: Around it; None where the data set does not say where it is.
    """

    label: str
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class HandPicture:
    """A picture and the hands in it.

    Attributes:
        picture: The picture.
        hands: At least one; all with a box, or a single one without.
        relative: Whether the boxes are in shares of the picture's width and height, and not in pixels.
    """

    picture: Picture
    hands: tuple[LabelledHand, ...]
    relative: bool = False

    def boxes(self, size: tuple[int, int], shrunk: tuple[int, int]) -> list[Box]:
        """Where the hands are, in pixels of the shrunk picture; none where that is not known.

        Args:
            size: Width and height of the picture as it was read.
            shrunk: As it is looked at.
        """
        across, down = shrunk if self.relative else (shrunk[0] / size[0], shrunk[1] / size[1])
        boxes = [hand.box for hand in self.hands if hand.box is not None]
        return [Box(box.x * across, box.y * down, box.width * across, box.height * down) for box in boxes]


@dataclass(frozen=True, slots=True)
class HandData:
    """A data set of hands.

    Attributes:
        layout: How it lies in its folder.
        split: Which part of it this is; None where it has none.
        pictures: In a fixed order.
        unreadable: What is wrong with lines of its list.
        missing: How many pictures its list names that are not there.
    """

    layout: str
    split: str | None
    pictures: tuple[HandPicture, ...]
    unreadable: tuple[str, ...] = ()
    missing: int = 0

    @property
    def labels(self) -> list[str]:
        """All classes, in the order of their names."""
        return sorted({hand.label for each in self.pictures for hand in each.hands})


class PicturesByName:
    """The pictures in a folder and below, found by what a list calls them."""

    def __init__(self, data: Path) -> None:
        """Looks for all of them.

        Raises:
            DataError: A folder cannot be read.
        """
        self._data = data
        self._by_name: dict[str, list[Path]] = {}
        for path in picture_files(data):
            for name in (path.name, path.stem):
                self._by_name.setdefault(name, []).append(path)

    def __call__(self, name: str, folder: str = "") -> Picture | None:
        """The picture with that name or path, with or without its ending; None where it is not there.

        Args:
            name: Where several have it, the one with the same folders before it counts, or else the first.
            folder: With those before it, preferred where the name has none.
        """
        wanted = PurePosixPath(name.replace("\\", "/"))
        found = self._by_name.get(wanted.name, [])
        folders = wanted.parts[:-1] or PurePosixPath(folder).parts
        best = max(found, key=lambda path: _shared(path.parent.parts, folders), default=None)
        return None if best is None else Picture.in_file(best, self._data)


def read_hand_folders(data: Path, split: str | None) -> HandData:
    """Pictures of one hand each, in a folder for each class.

    Raises:
        DataError: There are no such folders, or not that part.
    """
    found = read_class_folders(data, split)
    pictures = tuple(HandPicture(each.picture, (LabelledHand(each.label),)) for each in found.pictures)
    return HandData(found.layout, found.split, pictures, found.unreadable)


def _shared(path: tuple[str, ...], wanted: tuple[str, ...]) -> int:
    """How many of the innermost folders are the same."""
    pairs = zip(reversed(path), reversed(wanted), strict=False)
    return next((count for count, (one, other) in enumerate(pairs) if one != other), min(len(path), len(wanted)))
