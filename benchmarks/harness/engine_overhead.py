"""What an engine call costs the processor beside the GPU's work, measured against a fake GPU.

The fake is the one that the tests use. It would take longer than what is measured, so once an engine is warm the fake
does nothing any more. What pycuda and TensorRT need themselves to hand on a call is not in the figures.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from benchmarks.report import Result
from perception_core.engines.tensor_rt import TensorRtEngine

_FAKE = Path(__file__).parents[2] / "tests/unit/perception_core/engines/fake_cuda.py"
_WARM_UP = 20  # until a graph is recorded, and beyond
_US = 1e6
_INPUTS = {"one picture of 256x256": (1, 3, 256, 256), "128 numbers": (1, 128)}
_MOST = 8


def host_overhead(runs: int) -> Result:
    """Microseconds of processor time of a call, median and p95, by what goes in.

    A call includes copying the inputs to pinned memory, which depends on their size and is told beside.

    Args:
        runs: Of each kind.
    """
    result: Result = {}
    for title, shape in _INPUTS.items():
        for graphs in (True, False):
            kind = "as a CUDA graph" if graphs else "without a graph"
            result[f"{title}, {kind}"] = _measured(shape, runs, graphs=graphs)
    return result


def _measured(shape: tuple[int, ...], runs: int, *, graphs: bool) -> Result:
    fake_cuda = _fake_module()
    value = np.random.default_rng(0).random(shape, np.float32)
    profile = [shape, shape, (_MOST, *shape[1:])]
    with fake_cuda.fake_gpu() as (_, tensorrt):
        plan = fake_cuda.made_plan({"input": profile}, {"points": (478, 3), "presence": (1,)})
        engine = TensorRtEngine(plan, "overhead", tensorrt, use_graphs=graphs)
        for _ in range(_WARM_UP):
            engine.run({"input": value})
        with _idle(engine, sys.modules["pycuda.driver"]):
            times = _times(lambda: engine.run({"input": value}), runs)
        engine.close()
    pinned = np.empty_like(value)
    copying = _times(lambda: np.copyto(pinned, value), runs)
    return {
        "call_us": _rounded(np.median(times)),
        "call_p95_us": _rounded(np.quantile(times, 0.95)),
        "of_which_copying_the_input_us": _rounded(np.median(copying)),
    }


@contextmanager
def _idle(engine: Any, driver: Any) -> Iterator[None]:
    """A warm engine on a device that does nothing and checks nothing, while it lasts."""

    def nothing(*_: Any) -> int:
        return 0

    prepared = next(iter(engine._recorded.values()), engine._current)
    with ExitStack() as idle:
        for owner, names in (
            (type(engine._device._context), ("push", "pop")),
            (type(engine._stream), ("synchronize",)),
            (driver, ("memcpy_htod_async", "memcpy_dtoh_async")),
            (type(engine._graphs._library) if engine._graphs else driver, ("cuGraphLaunch",)),
        ):
            for name in names:
                idle.enter_context(patch.object(owner, name, nothing, create=True))
        idle.enter_context(patch.object(prepared.context, "execute_async_v3", lambda _: True))
        yield


def _times(work: Callable[[], object], runs: int) -> list[float]:
    times = []
    for run in range(_WARM_UP + runs):
        begin = time.thread_time()
        work()
        if run >= _WARM_UP:
            times.append(time.thread_time() - begin)
    return times


def _rounded(seconds: np.floating[Any]) -> float:
    return round(float(seconds) * _US, 1)


def _fake_module() -> Any:
    """Tests are no package that could be imported by its name."""
    spec = importlib.util.spec_from_file_location("fake_cuda", _FAKE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module
