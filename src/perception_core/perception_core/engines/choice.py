"""Which runtime runs a network: TensorRT, ONNX Runtime on a GPU, or ONNX Runtime on the processor."""

from __future__ import annotations

import logging
import os
import threading
from dataclasses import replace
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from perception_core.engines.cuda import open_device
from perception_core.engines.engine import (
    CancelledError,
    DeviceMemoryError,
    Engine,
    EngineError,
    EngineKind,
    EngineOptions,
    Progress,
)
from perception_core.engines.fallback import FallbackEngine
from perception_core.engines.trt_module import find_tensorrt, tensorrt_installed
from perception_core.zoo.errors import ZooError
from perception_core.zoo.manifest import load_models, named

if TYPE_CHECKING:
    from perception_core.engines.plan_cache import Plan

_log = logging.getLogger(__name__)
# The driver's files on a PC and in a container, on Jetsons by age, and on Windows' Linux.
_GPU_FILES = ("/dev/nvidiactl", "/dev/nvhost-gpu", "/dev/nvhost-ctrl-gpu", "/dev/nvgpu", "/dev/dxg")
_HIDDEN = ("", "-1")  # values of CUDA_VISIBLE_DEVICES that leave no GPU
_warned: set[str] = set()
_warned_lock = threading.Lock()
_ORIGINAL = ".original"  # see `perception_core.zoo.recipe.stored_names`


def open_chosen(model: Path, kind: EngineKind, options: EngineOptions, progress: Progress) -> Engine:
    """Loads a network; see `open_engine`.

    AUTO goes down the list until one works; where there is a GPU and the first does not, the log says why, once. What
    is asked for by name fails where it does not work, except that a GPU whose memory is full is replaced by the
    processor: that may be over at the next start.
    """
    if kind is EngineKind.ONNX_RUNTIME:
        return _on_processor(model, options)
    if kind is EngineKind.AUTO:
        return _automatic(model, options, progress)
    try:
        return _ON_GPU[kind](model, options, progress)
    except DeviceMemoryError as error:
        _log.warning("%s. %s runs on the processor", error, model.stem)
        return _on_processor(model, options)
    except CancelledError:
        raise
    except EngineError as error:
        raise EngineError(
            f"{model.name}: engine is '{kind.value}', which does not work here: {str(error).rstrip('.')}. Or set "
            "engine to 'auto' or 'onnxruntime'."
        ) from error


def gpu_in_sight() -> bool:
    """Whether the driver of an NVIDIA GPU is there, and the GPU not hidden; looks at files only."""
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES", "0").strip() in _HIDDEN
    return not hidden and any(Path(file).exists() for file in _GPU_FILES)


def _automatic(model: Path, options: EngineOptions, progress: Progress) -> Engine:
    if not gpu_in_sight() and not _set_up_for_a_gpu():
        return _on_processor(model, options)
    reasons = []
    for opened in (_on_tensorrt, _on_cuda):
        try:
            engine = opened(model, options, progress)
        except CancelledError:
            raise
        except EngineError as error:
            reasons.append(str(error).rstrip("."))
        else:
            # Who has ONNX Runtime for GPUs, and no TensorRT, wants it so.
            if reasons and tensorrt_installed():
                _warn_once("TensorRT is not used, but ONNX Runtime on the GPU.", reasons, model)
            return engine
    _warn_once("Networks run on the processor, not on a GPU.", reasons, model)
    return _on_processor(model, options)


@cache
def _set_up_for_a_gpu() -> bool:
    """Who has installed pycuda and TensorRT has a GPU, or wants to know why it is not used."""
    return find_spec("pycuda") is not None and tensorrt_installed()


def _warn_once(what: str, reasons: list[str], model: Path) -> None:
    """Once in the process for each kind of reason: the same is true of the next network."""
    text = f"{what} {'. '.join(reasons)}."
    kind = text.replace(model.stem, "")
    with _warned_lock:
        new = kind not in _warned
        _warned.add(kind)
    if new:
        _log.warning("%s", text)


def _on_tensorrt(model: Path, options: EngineOptions, progress: Progress) -> Engine:
    tensorrt = find_tensorrt()
    plan = _plan(model, options, progress, open_device().info.title)
    from perception_core.engines.tensor_rt import TensorRtEngine  # noqa: PLC0415 - only where there is a GPU

    engine = TensorRtEngine(plan.data, model.stem, tensorrt, use_graphs=options.cuda_graphs, precision=plan.precision)
    return FallbackEngine(model.stem, engine, partial(_on_processor, model, options))


def _plan(model: Path, options: EngineOptions, progress: Progress, gpu: str) -> Plan:
    from perception_core.engines import build_options, plans  # noqa: PLC0415 - only where there is a GPU

    try:
        spec = named(load_models(), model.stem)
    except ZooError as error:
        raise EngineError(
            f"{model.name}: TensorRT has to know the sizes of its inputs, which are in models.yaml. {error}"
        ) from error
    wanted = build_options.build_options(spec, options.precision, gpu)
    return plans.plan_of(_for_gpus(model), wanted, progress)


def _on_cuda(model: Path, options: EngineOptions, _progress: Progress) -> Engine:
    from perception_core.engines import onnx_runtime  # noqa: PLC0415 - takes 0.1 s to import

    onnx_runtime.require_cuda()
    on_gpu = replace(options, providers=(onnx_runtime.CUDA, onnx_runtime.CPU))
    engine = onnx_runtime.OnnxRuntimeEngine(_for_gpus(model), on_gpu)
    return FallbackEngine(model.stem, engine, partial(_on_processor, model, options))


def _on_processor(model: Path, options: EngineOptions) -> Engine:
    from perception_core.engines.onnx_runtime import OnnxRuntimeEngine  # noqa: PLC0415 - takes 0.1 s to import

    return OnnxRuntimeEngine(model, options)


def _for_gpus(model: Path) -> Path:
    """The graph as it was before it was rewritten for processors, where it was."""
    original = model.with_name(f"{model.stem}{_ORIGINAL}{model.suffix}")
    return original if original.is_file() else model


_ON_GPU = {EngineKind.TENSORRT: _on_tensorrt, EngineKind.ONNX_RUNTIME_CUDA: _on_cuda}
