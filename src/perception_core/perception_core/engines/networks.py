"""The networks of a pipeline: opened by name, closed together, and named for the diagnostics."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from perception_core.engines.engine import Engine, EngineKind, EngineOptions, open_engine
from perception_core.zoo.files import sha256_of
from perception_core.zoo.manifest import load_models, named
from perception_core.zoo.spec import ModelSpec
from perception_core.zoo.store import model_path


class Networks:
    """Opens models by name, and remembers which.

    Attributes:
        engines: What runs them, by what they are for.
        models: Names and hashes of the models, likewise.
    """

    def __init__(self, engine: str, threads: int, opened: ExitStack) -> None:
        """Opens nothing yet.

        Args:
            engine: What runs the networks: a value of `EngineKind`.
            threads: Of the processor, for each network.
            opened: Closes them.
        """
        self._kind, self._options = EngineKind(engine), EngineOptions(threads=threads)
        self._opened = opened
        self.engines: dict[str, Engine] = {}
        self.models: dict[str, str] = {}

    def path(self, purpose: str, name: str) -> Path:
        """The file of a model.

        Raises:
            ZooError: It is not there or damaged.
        """
        path = model_path(name)
        self.models |= {purpose: name, f"{purpose}_sha256": sha256_of(path)}
        return path

    def engine(self, purpose: str, name: str) -> Engine:
        """A network, loaded.

        Raises:
            ZooError: It is not there or damaged.
            EngineError: It cannot be run.
        """
        engine = open_engine(self.path(purpose, name), self._kind, self._options)
        self._opened.callback(engine.close)
        self.engines[purpose] = engine
        return engine

    def described(self, purpose: str, name: str) -> tuple[Engine, ModelSpec]:
        """A network, loaded, and its entry in models.yaml.

        Raises:
            ZooError: It is not there or damaged, or has no entry.
            EngineError: It cannot be run.
        """
        spec = named(load_models(), name)
        return self.engine(purpose, name), spec
