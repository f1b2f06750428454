"""From an ONNX graph to a TensorRT plan: TensorRT 8.6 to 11, and TensorRT for RTX."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import onnx
from google.protobuf.message import DecodeError

from perception_core.engines.build_options import BuildOptions, Shape
from perception_core.engines.build_progress import progress_monitor
from perception_core.engines.engine import CancelledError, EngineError, Precision, Progress
from perception_core.engines.half_precision import in_half_precision
from perception_core.engines.trt_module import TensorRt

_log = logging.getLogger(__name__)
_Q_DQ = ("QuantizeLinear", "DequantizeLinear")
_OPEN = -1  # TensorRT's word for a size that is left open
_MOST_WORDS = 20  # of TensorRT's, that are kept for an error's text
# Builders of one process share TensorRT's log, and two that time kernels at once measure each other.
_one_at_a_time = threading.Lock()


def has_quantisation(model: onnx.ModelProto) -> bool:
    """Whether a graph says itself what is computed in int8, by Q/DQ nodes."""
    return any(node.op_type in _Q_DQ for node in model.graph.node)


def read_graph(model: Path) -> onnx.ModelProto:
    """An ONNX file.

    Raises:
        EngineError: It cannot be read, or is none.
    """
    try:
        graph = onnx.ModelProto.FromString(model.read_bytes())
    except (DecodeError, OSError) as error:
        raise EngineError(f"{model} cannot be loaded as an ONNX network: {error}") from error
    if not graph.graph.node:
        raise EngineError(f"{model} cannot be loaded as an ONNX network: it holds no graph")
    return graph


def build_plan(
    model: Path, options: BuildOptions, precision: Precision, tensorrt: TensorRt, progress: Progress
) -> bytes:
    """Builds a plan; takes seconds on a PC, minutes on a Jetson.

    Args:
        model: ONNX file; the original graph, not the one that was rewritten for ONNX Runtime.
        options: Sizes and limits.
        precision: fp32, fp16 or int8.
        tensorrt: What builds it.
        progress: Told how far it is, and asked whether to stop; by TensorRT 8, which has no progress monitor, only
            before it begins.

    Raises:
        EngineError: The graph has an operator that TensorRT does not know, or cannot be built; or int8 is wanted of a
            graph that has no Q/DQ nodes.
        CancelledError: `progress` said so.
    """
    graph = read_graph(model)
    quantised = has_quantisation(graph)
    if precision is Precision.INT8 and not quantised:
        raise EngineError(f"{options.name} has no QuantizeLinear nodes: int8 needs a model that was quantised.")
    if precision is Precision.FP16 and tensorrt.strongly_typed and not quantised:
        graph = in_half_precision(graph, options.name)
    with _alone(progress):
        return _built(graph, options, precision, tensorrt, progress)


def _built(
    graph: onnx.ModelProto, options: BuildOptions, precision: Precision, tensorrt: TensorRt, progress: Progress
) -> bytes:
    what = f"{options.name} for {tensorrt.title}, {precision.value}"
    log = tensorrt_log(tensorrt)
    log.errors.clear()
    trt = tensorrt.module
    try:
        builder = trt.Builder(log)
        network = builder.create_network(_network_flags(tensorrt))
    except TypeError as error:  # what pybind11 says where TensorRT gives nothing back, as it does without a GPU
        raise EngineError(
            f"{tensorrt.title} cannot build here: {log.said() or 'it needs a GPU and its driver'}"
        ) from error
    parser = trt.OnnxParser(network, log)
    if not parser.parse(graph.SerializeToString()):
        raise EngineError(_parser_words(parser, options.name, tensorrt))
    config = builder.create_builder_config()
    config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, options.workspace_bytes)
    _set_precision(config, precision, tensorrt, quantised=has_quantisation(graph))
    config.add_optimization_profile(_profile(builder, network, options))
    progress.report(f"building {what}")
    monitor = progress_monitor(trt, what, progress)
    if monitor is not None:
        config.progress_monitor = monitor
    plan = builder.build_serialized_network(network, config)
    if monitor is not None and monitor.failure is not None:
        raise monitor.failure
    if progress.cancelled():
        raise CancelledError(f"{what}: cancelled")
    if plan is None:
        raise EngineError(f"{what}: cannot be built: {log.said() or 'TensorRT does not say why'}")
    return bytes(plan)


def _network_flags(tensorrt: TensorRt) -> int:
    """What a network needs to be told; both flags are gone where it goes without saying."""
    flags = tensorrt.module.NetworkDefinitionCreationFlag
    wanted = ["STRONGLY_TYPED"] if tensorrt.strongly_typed else ["EXPLICIT_BATCH"]
    return sum(1 << int(getattr(flags, name)) for name in wanted if hasattr(flags, name))


def _set_precision(config: Any, precision: Precision, tensorrt: TensorRt, *, quantised: bool) -> None:
    flags = tensorrt.module.BuilderFlag
    if precision is Precision.FP32 and hasattr(flags, "TF32"):
        config.clear_flag(flags.TF32)  # which rounds to ten binary digits and is on by default
    if tensorrt.strongly_typed:
        return  # the graph says it
    if precision is not Precision.FP32:
        config.set_flag(flags.FP16)
    if quantised:
        config.set_flag(flags.INT8)


def _profile(builder: Any, network: Any, options: BuildOptions) -> Any:
    profile = builder.create_optimization_profile()
    for index in range(network.num_inputs):
        tensor = network.get_input(index)
        if tensor.name not in options.shapes:
            raise EngineError(
                f"{options.name}: the network takes {tensor.name}, its entry in models.yaml has the inputs "
                f"{', '.join(options.shapes)}"
            )
        wanted = options.shapes[tensor.name]
        given = tuple(tensor.shape)
        shapes = [_fitted(given, shape, tensor.name, options) for shape in (wanted.least, wanted.usual, wanted.most)]
        profile.set_shape(tensor.name, *shapes)
    return profile


def _fitted(given: Shape, wanted: Shape, tensor: str, options: BuildOptions) -> Shape:
    """The wanted sizes, a fixed batch as the graph has it: a profile has to keep to what is fixed."""
    batch_fixed = len(given) == len(wanted) and given[0] != _OPEN
    fitted = (given[0], *wanted[1:]) if batch_fixed else wanted
    if len(given) != len(fitted) or any(size not in (_OPEN, wish) for size, wish in zip(given, fitted, strict=True)):
        raise EngineError(
            f"{options.name}: the network takes {tensor} as {list(given)}, its entry in models.yaml as {list(wanted)}"
        )
    return fitted


def _parser_words(parser: Any, name: str, tensorrt: TensorRt) -> str:
    """What the parser stumbled over."""
    found = []
    for index in range(parser.num_errors):
        error = parser.get_error(index)
        # The names came with TensorRT 10; before, the description holds them.
        operator, node = getattr(error, "node_operator", None), getattr(error, "node_name", None)
        place = (
            f"operator {operator()} of node {node() or error.node()}" if operator and node else f"node {error.node()}"
        )
        found.append(f"{place}: {error.desc()}")
    return (
        f"{name} cannot be built: {tensorrt.title} does not take its {'; '.join(found) or 'graph'}. Set engine to "
        "'onnxruntime' for it, or export the network with operators that TensorRT has."
    )


@contextmanager
def _alone(progress: Progress) -> Iterator[None]:
    while not _one_at_a_time.acquire(timeout=0.1):
        if progress.cancelled():
            raise CancelledError("cancelled while another network was being built")
    try:
        if progress.cancelled():
            raise CancelledError("cancelled before the build began")
        yield
    finally:
        _one_at_a_time.release()


@lru_cache(maxsize=1)
def tensorrt_log(tensorrt: TensorRt) -> Any:
    """Passes what TensorRT says on to Python's logging; one per process, for TensorRT keeps to the first it was given.

    Returns:
        A `tensorrt.ILogger`. `errors` holds its latest errors, `said()` puts them into one line.
    """
    base: Any = tensorrt.module.ILogger

    class Log(base):  # type: ignore[misc]
        def __init__(self) -> None:
            base.__init__(self)
            self.errors: deque[str] = deque(maxlen=_MOST_WORDS)

        def log(self, severity: Any, message: str) -> None:
            if severity <= base.Severity.ERROR:
                self.errors.append(message.strip())
                _log.debug("TensorRT: %s", message)

        def said(self) -> str:
            return "; ".join(self.errors)

    return Log()
