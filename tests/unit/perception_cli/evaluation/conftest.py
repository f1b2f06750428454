"""Small data sets of real pictures."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

Lay = Callable[..., Path]


@pytest.fixture
def lay(picture, tmp_path) -> Lay:
    """Copies pictures to places in a folder: lay({"happy/one": "happy_face"}) gives the folder."""

    def copy(places, folder="data"):
        for place, name in places.items():
            source = picture(name)
            target = tmp_path / folder / f"{place}{source.suffix}"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
        return tmp_path / folder

    return copy
