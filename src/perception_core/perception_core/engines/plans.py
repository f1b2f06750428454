"""The plan of a network: out of the cache, or built, checked and kept."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from perception_core.engines.build_options import BuildOptions
from perception_core.engines.engine import CancelledError, DeviceError, Engine, EngineError, Precision, Progress
from perception_core.engines.plan_builder import build_plan
from perception_core.engines.plan_cache import Plan, PlanCache, PlanKey, plan_key
from perception_core.engines.precision_check import deviation, expected_outputs, sample_inputs
from perception_core.engines.trt_module import TensorRt, find_tensorrt

_log = logging.getLogger(__name__)
_HIGHER = {Precision.INT8: Precision.FP16, Precision.FP16: Precision.FP32}
Opener = Callable[[bytes, str, TensorRt], Engine]


@dataclass(frozen=True, slots=True)
class _Job:
    model: Path
    options: BuildOptions
    tensorrt: TensorRt
    progress: Progress


def plan_for(model: Path, options: BuildOptions, report: Callable[[str], None], cancelled: Callable[[], bool]) -> bytes:
    """The plan of a network, for the TensorRT and the GPU of this machine; see `plan_of`."""
    return plan_of(model, options, Progress(report, cancelled)).data


def plan_of(
    model: Path,
    options: BuildOptions,
    progress: Progress,
    *,
    cache: PlanCache | None = None,
    opener: Opener | None = None,
) -> Plan:
    """A plan and what is known of it.

    Args:
        model: ONNX file; the original graph, not the one that was rewritten for ONNX Runtime.
        options: What it is built for.
        progress: Told in a line what is being done, where it takes time; asked again and again whether to stop.
        cache: Where plans are kept; the user's unless given.
        opener: Runs a plan, for the check of its precision; the TensorRT engine unless given. Without a GPU nothing
            is checked.

    Raises:
        EngineError: There is no TensorRT, or it cannot build the network in any precision.
        CancelledError: `progress` said so.
    """
    tensorrt = find_tensorrt()
    if not tensorrt.is_rtx and not options.gpu:
        raise EngineError(f"{options.name}: {tensorrt.title} builds for the GPU of this machine, and there is none")
    cache = PlanCache() if cache is None else cache
    try:
        key = plan_key(model, options, tensorrt)
    except OSError as error:
        raise EngineError(f"{model} cannot be read: {error.strerror}") from error
    kept = cache.load(key)
    if kept is not None and _is_checked(kept, options):
        return kept
    with cache.building(progress):
        kept = cache.load(key)  # built by another while this one waited
        if kept is None or not _is_checked(kept, options):
            kept = _settled(_Job(model, options, tensorrt, progress), key, kept, opener or _opened)
            cache.keep(kept)
    return kept


def _is_checked(plan: Plan, options: BuildOptions) -> bool:
    """False for one that was built where there was no GPU, as in a container's image, once there is one."""
    return bool(plan.checked_on) or not options.gpu


def _settled(job: _Job, key: PlanKey, unchecked: Plan | None, opener: Opener) -> Plan:
    """The plan of the lowest precision, from the wanted one upwards, that can be built and is near enough."""
    name, gpu = job.options.name, job.options.gpu
    precision = job.options.precision if unchecked is None else Precision(unchecked.precision)
    notes = [] if unchecked is None or not unchecked.note else [unchecked.note]
    while True:
        higher = _HIGHER.get(precision)
        try:
            data = _built(job, precision, unchecked)
            problem = _problem(data, job, opener)
        except (CancelledError, DeviceError):  # which a higher precision would not mend
            raise
        except EngineError as error:
            if higher is None:
                raise
            problem = str(error)
        if problem:
            notes.append(f"{precision.value}: {problem}")
            taken = f"{higher.value} is taken instead" if higher else "it is taken nevertheless"
            _log.warning("%s, %s: %s; %s", name, precision.value, problem, taken)
        if not problem or higher is None:
            return Plan(key, precision.value, "; ".join(notes), gpu, data)
        precision, unchecked = higher, None


def _built(job: _Job, precision: Precision, ready: Plan | None) -> bytes:
    if ready is not None:
        return ready.data
    return build_plan(job.model, job.options, precision, job.tensorrt, job.progress)


def _problem(data: bytes, job: _Job, opener: Opener) -> str:
    """What speaks against a plan; empty where nothing does, or where there is no GPU to try it on."""
    if not job.options.gpu:
        return ""
    feeds = sample_inputs(job.options)
    engine = opener(data, job.options.name, job.tensorrt)
    try:
        found = deviation(engine.run(feeds), expected_outputs(job.model, feeds))
    finally:
        engine.close()
    if found <= job.options.tolerance:
        return ""
    return f"it deviates from ONNX Runtime by {found:.2g}, allowed are {job.options.tolerance:g}"


def _opened(data: bytes, name: str, tensorrt: TensorRt) -> Engine:
    from perception_core.engines.tensor_rt import TensorRtEngine  # noqa: PLC0415 - needs pycuda

    engine: Engine = TensorRtEngine(data, name, tensorrt)
    return engine
