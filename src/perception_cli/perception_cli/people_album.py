"""Pictures of people: `<name>.jpg` for one picture of somebody, alone or in a folder, `<name>/*.jpg` for several."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from perception_cli.people_gallery import PeopleError
from perception_core.private_store.names import name_key
from perception_core.sources.pictures import PICTURE_SUFFIXES


@dataclass(slots=True)
class Sitter:
    """Somebody of whom there are pictures.

    Attributes:
        name: As file or folder are called.
        pictures: In the order of their names.
        trouble: Why a folder of this name cannot be read; empty if it can.
    """

    name: str
    pictures: list[Path] = field(default_factory=list)
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Album:
    """What is in a folder.

    Attributes:
        folder: The folder.
        sitters: Everybody, ordered by name. Files and folders whose names differ in capital letters only are one.
        passed_over: What is neither a picture nor a folder of pictures; hidden files are not even that.
    """

    folder: Path
    sitters: tuple[Sitter, ...]
    passed_over: tuple[Path, ...]


def read_album(folder: Path) -> Album:
    """Looks through a folder, or takes a picture as the only one of it; none is opened.

    Raises:
        PeopleError: It is not there, is something else, or holds nothing that could be a picture.
        OSError: It cannot be read.
    """
    try:
        entries = _visible(folder)
    except NotADirectoryError as error:
        if _is_picture(folder):
            return Album(folder.parent, (Sitter(folder.stem, [folder]),), ())
        raise PeopleError(
            f"{folder} is neither a picture nor a folder: name <name>.jpg, or the folder that the pictures are in"
        ) from error
    except FileNotFoundError as error:
        raise PeopleError(
            f"there is no picture and no folder {folder}; to enrol somebody of this name from the running camera, add "
            "--live"
        ) from error
    sitters: dict[str, Sitter] = {}
    passed_over: list[Path] = []
    for entry in entries:
        if entry.is_dir():
            _sitter(sitters, entry.name).pictures += _pictures_in(entry, _sitter(sitters, entry.name), passed_over)
        elif _is_picture(entry):
            _sitter(sitters, entry.stem).pictures.append(entry)
        else:
            passed_over.append(entry)
    if not sitters:
        raise PeopleError(
            f"{folder} holds no pictures: <name>.jpg or <name>/*.jpg are expected, of {', '.join(PICTURE_SUFFIXES)}"
        )
    return Album(folder, tuple(sitters.values()), tuple(passed_over))


def _pictures_in(folder: Path, sitter: Sitter, passed_over: list[Path]) -> list[Path]:
    try:
        entries = _visible(folder)
    except OSError as error:
        sitter.trouble = f"the folder cannot be read: {error.strerror}"
        return []
    passed_over += [entry for entry in entries if not _is_picture(entry)]
    return [entry for entry in entries if _is_picture(entry)]


def _sitter(sitters: dict[str, Sitter], name: str) -> Sitter:
    return sitters.setdefault(name_key(name.strip()), Sitter(name))


def _visible(folder: Path) -> list[Path]:
    """What is in a folder, without what file managers hide there."""
    return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in PICTURE_SUFFIXES and path.is_file()
