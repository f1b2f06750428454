"""The networks that recognise people, opened for a command."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing, contextmanager

from face_perception.embedding import FaceEmbedder
from face_perception.parameters import FaceParameters
from perception_cli.people_gallery import DEFAULT_MODEL, PeopleError
from perception_core.engines.engine import Engine, EngineError, open_engine
from perception_core.paths import ShareError
from perception_core.zoo.errors import ZooError
from perception_core.zoo.manifest import load_models, named
from perception_core.zoo.store import model_path


@contextmanager
def opened_embedder(model: str | None) -> Generator[FaceEmbedder, None, None]:
    """The embedder that is named, or the face node's.

    Raises:
        PeopleError: It is not there, damaged, or another kind of network.
    """
    name = model or DEFAULT_MODEL
    with _opened_engine(name) as engine:
        try:
            embed = FaceEmbedder(engine, named(load_models(), name))
        except EngineError as error:
            raise PeopleError(str(error)) from error
        yield embed


@contextmanager
def opened_detector() -> Generator[Engine, None, None]:
    """The network that finds faces.

    Raises:
        PeopleError: It is not there or damaged.
    """
    with _opened_engine(FaceParameters().detector) as engine:
        yield engine


@contextmanager
def _opened_engine(name: str) -> Generator[Engine, None, None]:
    try:
        engine = open_engine(model_path(name))
    except (ZooError, ShareError, EngineError) as error:
        raise PeopleError(str(error)) from error
    with closing(engine):
        yield engine
