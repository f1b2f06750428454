"""Networks and whole pipelines on the GPU: building, latency, throughput, memory, in fp32 and fp16; what a call costs.

./perception bench gpu [--runs 200] [--frames 100] [MODEL ...] [--json FILE]

Of every model that set-up fetches: how long its plan takes to build (none is taken from the cache), then latency of a
call with its usual batch, copies included, rows per second of the largest batch, and the GPU's memory that the loaded
network takes; beside it ONNX Runtime on the processor with one thread, and on the GPU where onnxruntime-gpu is
installed. Then the pipelines of both nodes, all parameters at their defaults, on the same frames of one person and her
hand. Without a GPU it says in a line what is missing, and measures only what an engine call costs the processor,
against a fake GPU.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np

from benchmarks.harness.engine_overhead import host_overhead
from benchmarks.harness.hand_clips import one_person
from benchmarks.report import Result, run_benchmark
from face_perception.assembly import open_face_pipeline
from face_perception.parameters import FaceParameters
from gesture_perception.assembly import open_hand_pipeline
from gesture_perception.parameters import GestureParameters
from perception_core.engines.build_options import BuildOptions, build_options
from perception_core.engines.choice import gpu_in_sight
from perception_core.engines.cuda import open_device
from perception_core.engines.engine import Engine, EngineError, EngineKind, Precision, Progress, Tensors, open_engine
from perception_core.engines.plan_cache import PlanCache
from perception_core.engines.plans import plan_of
from perception_core.engines.precision_check import deviation, sample_inputs
from perception_core.engines.tensor_rt import TensorRtEngine
from perception_core.engines.trt_module import find_tensorrt
from perception_core.frame import ColourImage, RgbdFrame
from perception_core.stages import StageTimes
from perception_core.zoo.fetch import fetch_models
from perception_core.zoo.manifest import load_models
from perception_core.zoo.spec import ModelSpec
from perception_core.zoo.store import model_path

_WARM_UP = 20
_FRAME_NS = 33_333_333
_PRECISIONS = (Precision.FP32, Precision.FP16)
_MB = 1e6


def main() -> None:
    """The command."""
    run_benchmark("gpu", __doc__, measure, _declare)


def measure(options: argparse.Namespace) -> Result:
    """What this machine allows."""
    result: Result = {"host_overhead_against_a_fake_gpu": host_overhead(options.runs * 10)}
    lacking = missing()
    if lacking:
        return {**result, "not_measured": f"nothing of a real GPU: {lacking}"}
    models = load_models()
    chosen = [models[name] for name in options.models] or [spec for spec in models.values() if spec.default]
    networks = [spec for spec in chosen if spec.inputs]
    fetch_models(chosen, _say)
    result["gpu"], result["tensorrt"] = open_device().info.title, find_tensorrt().title
    result["models"] = {spec.name: _model(spec, options.runs) for spec in networks}
    if not options.models:
        result["pipelines"] = pipelines(options.frames)
    return result


def missing() -> str:
    """What this machine lacks to run networks on TensorRT; empty where it lacks nothing."""
    if not gpu_in_sight():
        return "there is no NVIDIA GPU"
    try:
        find_tensorrt()
        open_device()
    except EngineError as error:
        return str(error)
    return ""


def timed(run: Callable[[], object], runs: int) -> Result:
    """Median and p95 of a call on the clock."""
    times = []
    for number in range(runs + _WARM_UP):
        begin = time.perf_counter()
        run()
        if number >= _WARM_UP:
            times.append(time.perf_counter() - begin)
    return {
        "median_ms": round(1e3 * float(np.median(times)), 3),
        "p95_ms": round(1e3 * float(np.quantile(times, 0.95)), 3),
    }


def pipelines(frames: int, engines: tuple[str, ...] = ("onnxruntime", "tensorrt")) -> Result:
    """Both pipelines one after the other, frame by frame: milliseconds with each engine, and how often as fast."""
    clip = [frame.picture for frame in one_person().frames[: frames + _WARM_UP]]
    result: Result = {engine: _pipeline(engine, clip) for engine in engines}
    medians = [float(str(each["median_ms"])) for each in result.values() if isinstance(each, dict)]
    result["times_as_fast"] = round(medians[0] / medians[-1], 2)
    return result


def _pipeline(engine: str, clip: list[ColourImage]) -> Result:
    with tempfile.TemporaryDirectory() as folder:
        of_faces = FaceParameters(engine=engine, gallery=str(Path(folder) / "people"))
        of_hands = GestureParameters(engine=engine)
        progress = Progress(report=_say)
        with (
            closing(open_face_pipeline(of_faces, _say, progress=progress)) as faces,
            closing(open_hand_pipeline(of_hands, _say, taught=False, progress=progress)) as hands,
        ):
            stamped = iter([RgbdFrame(number * _FRAME_NS, "", picture) for number, picture in enumerate(clip)])

            def work() -> None:
                frame = next(stamped)
                faces.pipeline(frame, StageTimes())
                hands.pipeline(frame, StageTimes())

            return {**timed(work, len(clip) - _WARM_UP), "engine": faces.engine.description}


def _model(spec: ModelSpec, runs: int) -> Result:
    _say(spec.name)
    wanted = build_options(spec)
    feeds = sample_inputs(wanted)
    path = model_path(spec.name)
    with closing(open_engine(path, EngineKind.ONNX_RUNTIME)) as engine:
        expected = engine.run(feeds)
        result: Result = {"onnxruntime": timed(lambda: engine.run(feeds), max(runs // 10, 10))}
    for precision in _PRECISIONS:
        result[f"tensorrt_{precision.value}"] = _on_tensorrt(spec, precision, feeds, expected, runs)
    try:
        with closing(open_engine(path, EngineKind.ONNX_RUNTIME_CUDA)) as engine:
            result["onnxruntime_cuda"] = timed(lambda: engine.run(feeds), runs)
    except EngineError as error:
        result["onnxruntime_cuda"] = f"not measured: {error}"
    return result


def _on_tensorrt(spec: ModelSpec, precision: Precision, feeds: Tensors, expected: Tensors, runs: int) -> Result:
    device = open_device()
    wanted = build_options(spec, precision, device.info.title)
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        plan = plan_of(model_path(spec.name, original=True), wanted, Progress(), cache=PlanCache(Path(folder)))
        built_s = time.perf_counter() - begin
    free = device.free_memory()
    with closing(TensorRtEngine(plan.data, spec.name, find_tensorrt())) as engine:
        return {
            "build_s": round(built_s, 1),
            "computed_in": plan.precision,
            "plan_mb": round(len(plan.data) / _MB, 1),
            **timed(lambda: engine.run(feeds), runs),
            "deviation": float(f"{deviation(engine.run(feeds), expected):.2g}"),
            "rows_per_second": _throughput(engine, wanted, runs),
            "gpu_mb": round((free - device.free_memory()) / _MB, 1),
        }


def _throughput(engine: Engine, wanted: BuildOptions, runs: int) -> float:
    """Rows of the largest batch per second."""
    feeds = {
        name: np.random.default_rng(0).random((shape.most[0], *shape.usual[1:]), np.float32)
        for name, shape in wanted.shapes.items()
    }
    rows = len(next(iter(feeds.values())))
    return round(1e3 * rows / float(str(timed(lambda: engine.run(feeds), runs)["median_ms"])), 1)


def _say(progress: str) -> None:
    """It takes minutes until there is a result."""
    print(progress, flush=True)


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("models", nargs="*", metavar="MODEL", help="only these, and no pipelines")
    parser.add_argument("--runs", type=int, default=200, help="runs of each network (default 200)")
    parser.add_argument("--frames", type=int, default=100, help="frames of each pipeline (default 100)")


if __name__ == "__main__":
    main()
