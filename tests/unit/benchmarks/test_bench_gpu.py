"""The benchmark of GPUs where there is none: what it says then, and that it would measure."""

import importlib.util
import sys
from argparse import Namespace
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks import gpu
from perception_core.zoo.manifest import load_models

FAKE = Path(__file__).parents[1] / "perception_core/engines/fake_cuda.py"


@pytest.fixture
def fake_cuda(monkeypatch):
    spec = importlib.util.spec_from_file_location("fake_cuda", FAKE)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "fake_cuda", module)
    spec.loader.exec_module(module)
    return module


def test_without_a_gpu_it_says_so_in_a_line_and_measures_what_a_call_costs_the_processor(monkeypatch):
    monkeypatch.setattr(gpu, "gpu_in_sight", lambda: False)
    result = gpu.measure(Namespace(runs=1, frames=1, models=[]))
    assert result["not_measured"] == "nothing of a real GPU: there is no NVIDIA GPU"
    assert len(result["host_overhead_against_a_fake_gpu"]) == 4
    assert all(each["call_us"] > 0 for each in result["host_overhead_against_a_fake_gpu"].values())


def test_of_a_network_everything_is_told_for_both_precisions(weights, fake_cuda, monkeypatch):
    weights("gesture_classifier")
    inputs = {"embedding": [(1, 128), (1, 128), (8, 128)]}
    made = fake_cuda.made_plan(inputs, {load_models()["gesture_classifier"].outputs[0].name: (8,)})
    monkeypatch.setattr(gpu, "plan_of", lambda *_, **__: SimpleNamespace(data=made, precision="fp32"))
    with fake_cuda.fake_gpu() as (fake, tensorrt):
        monkeypatch.setattr(gpu, "find_tensorrt", lambda: tensorrt)
        monkeypatch.setattr(gpu, "missing", lambda: "")
        result = gpu.measure(Namespace(runs=1, frames=1, models=["gesture_classifier"]))
        assert set(fake.left_over().values()) == {0}
    (told,) = result["models"].values()
    for precision in ("tensorrt_fp32", "tensorrt_fp16"):
        assert set(told[precision]) == {
            *("build_s", "computed_in", "plan_mb", "median_ms", "p95_ms", "deviation", "rows_per_second", "gpu_mb")
        }
    assert told["tensorrt_fp32"]["rows_per_second"] > 0
    assert told["onnxruntime_cuda"].startswith("not measured: ")
    assert "pipelines" not in result


def test_both_pipelines_run_frame_by_frame(weights, pictures, monkeypatch):
    for name, spec in load_models().items():
        if spec.default:
            weights(name)
    monkeypatch.setattr(gpu, "_WARM_UP", 1)
    result = gpu.pipelines(2, ("onnxruntime",))
    assert result["onnxruntime"]["median_ms"] > 0
    assert "CPUExecutionProvider" in result["onnxruntime"]["engine"]
    assert result["times_as_fast"] == 1
