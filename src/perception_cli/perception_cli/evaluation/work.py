"""What all evaluations share: reading pictures until told to end, and networks with their licences and time."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from rich.console import Console
from rich.progress import Progress

from face_perception.parameters import FaceParameters
from perception_cli.evaluation.pictures import Picture
from perception_cli.processes import Interruption
from perception_core.engines.engine import Engine, EngineKind, EngineOptions, open_engine
from perception_core.frame import ColourImage
from perception_core.sources.error import SourceError
from perception_core.zoo.manifest import load_models, named
from perception_core.zoo.spec import ModelSpec
from perception_core.zoo.store import model_path

_REDRAWN_S = 0.2


class Asked(Protocol):
    """Who knows whether this is to end."""

    @property
    def asked(self) -> bool:
        """Whether it is."""


@dataclass(slots=True)
class Work:
    """An evaluation that is going on.

    Attributes:
        interruption: Ends it early.
        read: How many pictures were read.
        partial: Whether it was ended before everything was looked at.
        unreadable: What is wrong with pictures that could not be read.
        unit: What is looked at, where it is no picture.
    """

    interruption: Interruption | Asked
    read: int = 0
    partial: bool = False
    unreadable: list[str] = field(default_factory=list)
    unit: str = "picture"

    def readings(self, pictures: Sequence[Picture]) -> Iterator[tuple[int, ColourImage]]:
        """The place of each picture and its pixels; those that cannot be read are passed over."""
        console = Console(stderr=True)
        # It draws itself when told to: a thread of its own would be in the processor times.
        with Progress(console=console, disable=not console.is_terminal, transient=True, auto_refresh=False) as progress:
            task = progress.add_task("evaluating", total=len(pictures))
            drawn_at = -math.inf
            for place, picture in enumerate(pictures):
                if self.interruption.asked:
                    self.partial = True
                    return
                try:
                    colour = picture.read()
                except SourceError as error:
                    self.unreadable.append(str(error))
                else:
                    self.read += 1
                    yield place, colour
                progress.advance(task)
                if time.monotonic() - drawn_at > _REDRAWN_S:
                    drawn_at = time.monotonic()
                    progress.refresh()


@dataclass(slots=True)
class ProcessorTime:
    """Processor time of pieces of work, all threads together."""

    _nanoseconds: int = 0
    _pieces: int = 0

    @contextmanager
    def of(self, pieces: int = 1) -> Iterator[None]:
        """Measures what is done inside, as so many pieces."""
        began = time.process_time_ns()
        yield
        self._nanoseconds += time.process_time_ns() - began
        self._pieces += pieces

    @property
    def mean_ms(self) -> float | None:
        """Of one piece, milliseconds; None before the first."""
        return self._nanoseconds / self._pieces / 1e6 if self._pieces else None


class Networks:
    """Networks by their names in models.yaml, as the node opens them; closed together."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self.used: list[ModelSpec] = []
        """Their entries, in the order in which they were opened."""

    def open(self, name: str) -> tuple[Engine, ModelSpec]:
        """Loads a network.

        Raises:
            ZooError: There is none of that name, or it is not ready.
            EngineError: It cannot be run.
        """
        spec = named(load_models(), name)
        defaults = FaceParameters()
        engine = open_engine(model_path(name), EngineKind(defaults.engine), EngineOptions(threads=defaults.threads))
        self._stack.callback(engine.close)
        self.used.append(spec)
        return engine, spec

    def __enter__(self) -> Networks:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
