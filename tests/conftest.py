"""Weights and pictures for tests: fetched once by the suite's own tools, kept in the user's cache, never committed."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

from perception_core.zoo.fetch import fetch_models, fetch_pictures
from perception_core.zoo.manifest import load_models, load_pictures
from perception_core.zoo.store import model_path, picture_path

settings.register_profile("suite", deadline=None)  # how long an example takes says something of the machine
settings.load_profile("suite")

Find = Callable[[str], Path]


_NOBODY = 65534


def _silent(_line: str) -> None:
    """The tests' own progress is shown by pytest."""


@pytest.fixture(scope="session", autouse=True)
def _data_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing that a test learns or forgets is the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERCEPTION_DATA", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="session")
def weights() -> Find:
    """Where a model of models.yaml lies, ready for ONNX Runtime."""

    def find(name: str) -> Path:
        fetch_models([load_models()[name]], _silent)
        return model_path(name)

    return find


@pytest.fixture(scope="session")
def weights_original(weights: Find) -> Find:
    """Where a model lies as it was published or imported, before it was rewritten for ONNX Runtime."""

    def find(name: str) -> Path:
        weights(name)
        return model_path(name, original=True)

    return find


@pytest.fixture(scope="session")
def picture() -> Find:
    """Where a picture or clip of pictures.yaml lies."""

    def find(name: str) -> Path:
        fetch_pictures([load_pictures()[name]], _silent)
        return picture_path(name)

    return find


@pytest.fixture(scope="session")
def pictures(picture: Find) -> None:
    """All pictures that the virtual scenes show."""
    for name, spec in load_pictures().items():
        if not spec.test_only:
            picture(name)


@pytest.fixture
def unprivileged() -> Callable[[], AbstractContextManager[None]]:
    """A context in which file permissions count, also for root."""

    @contextmanager
    def as_nobody() -> Iterator[None]:
        user = os.geteuid()
        if user == 0:
            os.seteuid(_NOBODY)
        try:
            yield
        finally:
            os.seteuid(user)

    return as_nobody
