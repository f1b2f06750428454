"""Where files lie that are not code: what is downloaded at set-up, and what is installed with the packages."""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = "perception_core"


class ShareError(FileNotFoundError):
    """A file that belongs to the suite is neither in the repository nor installed."""


def cache_dir() -> Path:
    """The folder of everything that was downloaded or built: PERCEPTION_CACHE, or the user's cache folder."""
    return _folder("PERCEPTION_CACHE", "XDG_CACHE_HOME", ".cache")


def data_dir() -> Path:
    """The folder of what the suite has learnt and nobody else has: PERCEPTION_DATA, or the user's data folder."""
    return _folder("PERCEPTION_DATA", "XDG_DATA_HOME", ".local/share")


def default_gallery() -> Path:
    """The file of the people who are known, where no other is named."""
    return data_dir() / "gallery.sqlite"


def default_gestures() -> Path:
    """The file of the gestures that were taught, where no other is named."""
    return data_dir() / "gestures.sqlite"


def models_dir() -> Path:
    """The folder of weights that are ready to run."""
    return cache_dir() / "models"


def pictures_dir() -> Path:
    """The folder of downloaded pictures and clips."""
    return cache_dir() / "pictures"


def share_file(relative: str) -> Path:
    """A file that comes with the suite, in the repository or installed.

    Args:
        relative: Its path in the repository, such as `models/models.yaml`.

    Raises:
        ShareError: It is in neither place.
    """
    module = Path(__file__).resolve()
    for folder in module.parents:
        # Another project may have a file of that name above ours: the package's source tells which folder is ours.
        if (folder / "src" / _PACKAGE).is_dir() and (folder / relative).is_file():
            return folder / relative
    prefixes = [Path(prefix) for prefix in os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep) if prefix]
    for prefix in prefixes:
        installed = prefix / "share" / _PACKAGE / relative
        if installed.is_file():
            return installed
    searched = ", ".join(str(prefix) for prefix in prefixes) or "empty"
    raise ShareError(
        f"{relative} is neither in a repository around {module.parent} nor in share/{_PACKAGE} under AMENT_PREFIX_PATH "
        f"({searched}). Source the workspace's setup file, or reinstall {_PACKAGE}."
    )


def _folder(chosen_by: str, xdg_name: str, below_home: str) -> Path:
    chosen = os.environ.get(chosen_by)
    if chosen:
        return Path(chosen).expanduser()
    # The XDG base directory specification says to ignore a path that is not absolute.
    xdg = Path(os.environ.get(xdg_name, ""))
    return (xdg if xdg.is_absolute() else Path.home() / below_home) / "perception-suite"
