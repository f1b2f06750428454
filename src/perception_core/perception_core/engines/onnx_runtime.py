"""Networks on ONNX Runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from perception_core.engines.engine import (
    DeviceError,
    DeviceMemoryError,
    EngineError,
    EngineOptions,
    GraphLevel,
    Tensors,
    TensorSpec,
)

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"

_GRAPH_LEVELS = {
    GraphLevel.NONE: ort.GraphOptimizationLevel.ORT_DISABLE_ALL,
    GraphLevel.BASIC: ort.GraphOptimizationLevel.ORT_ENABLE_BASIC,
    GraphLevel.EXTENDED: ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
    GraphLevel.ALL: ort.GraphOptimizationLevel.ORT_ENABLE_ALL,
}
_DTYPES = {
    "tensor(float)": "float32",
    "tensor(float16)": "float16",
    "tensor(double)": "float64",
    "tensor(uint8)": "uint8",
    "tensor(int8)": "int8",
    "tensor(int32)": "int32",
    "tensor(int64)": "int64",
    "tensor(bool)": "bool",
}
_LOG_FATAL_ONLY = 4  # errors come as exceptions
# ONNX Runtime's exceptions have no common base class besides Exception.
_LOAD_FAILURES = (
    ort_errors.Fail,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NoSuchFile,
    ort_errors.NotImplemented,
    ort_errors.InvalidArgument,
    ort_errors.RuntimeException,
    UnicodeDecodeError,  # its message quotes a name out of a damaged file
)
_DEVICE_FAILURES = (ort_errors.Fail, ort_errors.RuntimeException, ort_errors.EPFail)  # of a provider that uses a GPU


class OnnxRuntimeEngine:
    """A network on ONNX Runtime; see `Engine`."""

    def __init__(self, model: Path, options: EngineOptions) -> None:
        self._model = model
        session_options = ort.SessionOptions()
        session_options.intra_op_num_threads = options.threads
        session_options.inter_op_num_threads = 1
        session_options.graph_optimization_level = _GRAPH_LEVELS[options.graph_level]
        session_options.log_severity_level = _LOG_FATAL_ONLY
        session_options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        missing = set(options.providers) - set(ort.get_available_providers())
        if missing:
            raise EngineError(
                f"{model.name}: ONNX Runtime {ort.__version__} has no {', '.join(sorted(missing))} here; "
                f"it has {', '.join(ort.get_available_providers())}"
            )
        try:
            self._session: ort.InferenceSession | None = ort.InferenceSession(
                str(model),
                session_options,
                providers=list(options.providers),
                enable_fallback=0,  # prints what went wrong, and tries the same again
            )
            self._inputs = tuple(_spec(value) for value in self._session.get_inputs())
            self._outputs = tuple(_spec(value) for value in self._session.get_outputs())
        except _LOAD_FAILURES as error:
            if _tells_of_memory(error):
                raise DeviceMemoryError(f"{model.name}: the GPU has no memory left: {error}") from error
            raise EngineError(f"{model} cannot be loaded as an ONNX network: {error}") from error
        in_use = self._session.get_providers()
        if options.providers[0] not in in_use:
            # ONNX Runtime says why on the standard error only, and goes on without.
            raise EngineError(
                f"{model.name}: ONNX Runtime {ort.__version__} cannot start {options.providers[0]}, only "
                f"{', '.join(in_use)}; the CUDA and cuDNN that it was built for have to be installed, see its page on "
                "the CUDA execution provider"
            )
        self._on_gpu = in_use[0] != CPU
        self._output_names = [spec.name for spec in self._outputs]
        self._description = f"ONNX Runtime {ort.__version__}, {self._session.get_providers()[0]}"

    @property
    def description(self) -> str:
        """Runtime, version and device in words."""
        return self._description

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        """What `run` takes."""
        return self._inputs

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        """What `run` returns."""
        return self._outputs

    def run(self, feeds: Tensors) -> dict[str, NDArray[Any]]:
        """Outputs by name for inputs by name; see `Engine`."""
        if self._session is None:
            raise EngineError(f"{self._model.name} was closed and cannot be run")
        try:
            values = self._session.run(self._output_names, dict(feeds))
        except _DEVICE_FAILURES as error:
            if not self._on_gpu:
                raise self._misfit(feeds, error) from error
            kind = DeviceMemoryError if _tells_of_memory(error) else DeviceError
            raise kind(f"{self._model.name}: the GPU failed: {error}") from error
        except (ort_errors.InvalidArgument, ValueError) as error:
            raise self._misfit(feeds, error) from error
        return dict(zip(self._output_names, values, strict=True))

    def close(self) -> None:
        """Frees the network's memory."""
        self._session = None

    def _misfit(self, feeds: Tensors, error: Exception) -> EngineError:
        given = {name: f"{value.dtype}{list(value.shape)}" for name, value in feeds.items()}
        return EngineError(f"{self._model.name} takes {_wanted(self._inputs)}, got {given}: {error}")


def require_cuda() -> None:
    """Makes sure that this ONNX Runtime is one for GPUs.

    Raises:
        EngineError: It is not.
    """
    if CUDA not in ort.get_available_providers():
        raise EngineError(
            f"ONNX Runtime {ort.__version__} is the one for processors; on x86_64 `pip install onnxruntime-gpu` in its "
            "place brings the one for GPUs"
        )


def _tells_of_memory(error: Exception) -> bool:
    told = str(error).lower()  # of the allocator, of CUDA, of cuBLAS
    return any(words in told for words in ("failed to allocate memory", "out of memory", "alloc_failed"))


def _spec(value: ort.NodeArg) -> TensorSpec:
    shape = tuple(size if isinstance(size, int) else None for size in value.shape)
    return TensorSpec(value.name, shape, _DTYPES.get(value.type, value.type))


def _wanted(inputs: tuple[TensorSpec, ...]) -> str:
    return str({spec.name: f"{spec.dtype}{list(spec.shape)}" for spec in inputs})
