"""What every engine is, and how one is chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

Tensors = Mapping[str, NDArray[Any]]


class EngineError(RuntimeError):
    """A network could not be loaded or run."""


class DeviceError(EngineError):
    """The GPU failed, not the caller; another engine can take over."""


class DeviceMemoryError(DeviceError):
    """The GPU's memory does not suffice."""


class ShapeError(EngineError):
    """An input is right for the network, and outside the sizes that this engine was built for."""


class CancelledError(EngineError):
    """Whoever asked for a network does not want it any more."""


class EngineKind(Enum):
    """Which runtime is wanted; see `perception_core.engines.choice`."""

    AUTO = "auto"
    TENSORRT = "tensorrt"
    ONNX_RUNTIME_CUDA = "onnxruntime-cuda"
    ONNX_RUNTIME = "onnxruntime"


class Precision(Enum):
    """In what numbers a GPU computes; inputs and outputs are float32 with all of them."""

    AUTO = "auto"
    FP32 = "fp32"
    FP16 = "fp16"
    INT8 = "int8"


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
        precision: Of TensorRT.
        cuda_graphs: Whether TensorRT's work is recorded and replayed, which spares the processor its launches.
    """

    threads: int = 1
    providers: tuple[str, ...] = ("CPUExecutionProvider",)
    graph_level: GraphLevel = GraphLevel.ALL
    precision: Precision = Precision.AUTO
    cuda_graphs: bool = True


def _silent(_line: str) -> None:
    pass


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Progress:
    """Who follows the building of a network, which can take minutes.

    Attributes:
        report: Told, in words, how far it is.
        cancelled: Asked now and then whether to stop.
    """

    report: Callable[[str], None] = _silent
    cancelled: Callable[[], bool] = _never


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


def open_engine(
    model: Path,
    kind: EngineKind = EngineKind.AUTO,
    options: EngineOptions | None = None,
    progress: Progress | None = None,
) -> Engine:
    """Loads a network.

    Args:
        model: ONNX file, in the form for processors. Where models.yaml keeps another form for GPUs, it lies beside.
        kind: AUTO takes the fastest runtime there is.
        options: How to run it.
        progress: Follows what takes long.

    Raises:
        EngineError: The file is not a network this runtime can run, or the runtime is not there.
        CancelledError: Building it was stopped.
    """
    from perception_core.engines.choice import open_chosen  # noqa: PLC0415 - it imports this module

    return open_chosen(model, kind, options or EngineOptions(), progress or Progress())
