"""The networks of a pipeline: opened by name, closed together, and named for the diagnostics."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from perception_core.engines.engine import (
    CancelledError,
    Engine,
    EngineKind,
    EngineOptions,
    Precision,
    Progress,
    open_engine,
)
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

    def __init__(
        self,
        engine: str,
        threads: int,
        opened: ExitStack,
        *,
        precision: str = Precision.AUTO.value,
        progress: Progress | None = None,
        total: int = 0,
    ) -> None:
        """Opens nothing yet.

        Args:
            engine: What runs the networks: a value of `EngineKind`.
            threads: Of the processor, for each network.
            opened: Closes them.
            precision: Of TensorRT: a value of `Precision`.
            progress: Follows what takes long.
            total: How many networks there will be, for the progress; 0 where that is not known.
        """
        self._kind = EngineKind(engine)
        self._options = EngineOptions(threads=threads, precision=Precision(precision))
        self._opened = opened
        self._progress, self._total = progress or Progress(), total
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
            CancelledError: It is not wanted any more.
        """
        if self._progress.cancelled():
            raise CancelledError(f"stopped before {name} was loaded")
        place = f"{len(self.engines) + 1} of {self._total}" if self._total else f"network {len(self.engines) + 1}"
        progress = replace(self._progress, report=lambda line: self._progress.report(f"{line} ({place})"))
        engine = open_engine(self.path(purpose, name), self._kind, self._options, progress)
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
