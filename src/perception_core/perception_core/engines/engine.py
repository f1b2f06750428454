"""What every engine is, and how one is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

Tensors = Mapping[str, NDArray[Any]]


class EngineError(RuntimeError):
    """A network could not be loaded or run."""


class EngineKind(Enum):
    """Which runtime is wanted."""

    AUTO = "auto"
    ONNX_RUNTIME = "onnxruntime"
    TENSORRT = "tensorrt"


class GraphLevel(Enum):
    """How far ONNX Runtime may rewrite the graph; below ALL, convolutions are 1.8 to 3 times slower."""

    NONE = "none"
    BASIC = "basic"
    EXTENDED = "extended"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How a network is run.

    Attributes:
        threads: Per network. One is the default: on a busy machine a pool's threads spin for each other, and the
            other cores are better used by another network.
        providers: ONNX Runtime's execution providers in the order of preference.
        graph_level: Graph optimisation of ONNX Runtime.
    """

    threads: int = 1
    providers: tuple[str, ...] = ("CPUExecutionProvider",)
    graph_level: GraphLevel = GraphLevel.ALL


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """An input or output of a network.

    Attributes:
        name: As in the model file.
        shape: None where the size is free.
        dtype: numpy's name, such as "float32".
    """

    name: str
    shape: tuple[int | None, ...]
    dtype: str


class Engine(Protocol):
    """A loaded network."""

    @property
    def description(self) -> str:
        """Runtime, version and device in words."""

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        """What `run` takes."""

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        """What `run` returns."""

    def run(self, feeds: Tensors) -> dict[str, NDArray[Any]]:
        """Outputs by name for inputs by name.

        Raises:
            EngineError: An input is missing, or of the wrong type or shape; or the device failed.
        """

    def close(self) -> None:
        """Frees memory and device; `run` is an error from then on."""


def open_engine(model: Path, kind: EngineKind = EngineKind.AUTO, options: EngineOptions | None = None) -> Engine:
    """Loads a network.

    Args:
        model: ONNX file.
        kind: AUTO takes the fastest runtime there is.
        options: How to run it.

    Raises:
        EngineError: The file is not a network this runtime can run, or the runtime is not there.
    """
    if kind is EngineKind.TENSORRT:
        raise EngineError(
            f"{model.name}: this version runs networks with ONNX Runtime only; set engine to 'auto' or 'onnxruntime'"
        )
    from perception_core.engines.onnx_runtime import OnnxRuntimeEngine  # noqa: PLC0415 - takes 0.1 s to import

    return OnnxRuntimeEngine(model, options or EngineOptions())
