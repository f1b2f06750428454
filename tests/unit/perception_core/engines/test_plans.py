import logging
from dataclasses import replace

import numpy as np
import pytest

from perception_core.engines import plans
from perception_core.engines.engine import (
    CancelledError,
    DeviceMemoryError,
    EngineError,
    EngineOptions,
    Precision,
    Progress,
)
from perception_core.engines.onnx_runtime import OnnxRuntimeEngine
from perception_core.engines.plan_cache import PlanCache
from perception_core.engines.plans import plan_for, plan_of

from .recorded_tensorrt import recorded
from .small_networks import network, options, quantised, rtx

GPU = "a GPU, compute capability 8.7"


class Computed:
    """In place of a GPU: what ONNX Runtime computes, as far off as each precision is said to be."""

    def __init__(self, model, *errors):
        self.engine = OnnxRuntimeEngine(model, EngineOptions())
        self.errors, self.plans, self.closed = list(errors), [], 0

    def __call__(self, plan, _name, _tensorrt):
        self.plans.append(plan)
        return self

    def run(self, feeds):
        error = self.errors.pop(0)
        if isinstance(error, Exception):
            raise error
        return {name: value + np.float32(error) for name, value in self.engine.run(feeds).items()}

    def close(self):
        self.closed += 1


@pytest.fixture
def cache(tmp_path):
    return PlanCache(tmp_path / "plans")


@pytest.fixture
def model(tmp_path):
    return network(tmp_path / "small.onnx")


@pytest.fixture
def told(monkeypatch):
    """What a TensorRT 10 was told, which is the machine's."""
    tensorrt, told = recorded("10.3.0")
    monkeypatch.setattr(plans, "find_tensorrt", lambda: tensorrt)
    return told


def test_a_plan_is_built_once(model, cache):
    rtx()
    lines = []
    first = plan_of(model, options(), Progress(lines.append), cache=cache)
    assert lines
    lines.clear()
    assert plan_of(model, options(), Progress(lines.append), cache=cache) == first
    assert lines == []
    assert (first.precision, first.checked_on) == ("fp32", "")


def test_the_bytes_alone_are_to_be_had_too(model, monkeypatch, tmp_path, told):
    monkeypatch.setenv("PERCEPTION_CACHE", str(tmp_path))
    computed = Computed(model, 0.0)
    monkeypatch.setattr(plans, "_opened", computed)
    assert plan_for(model, options(gpu=GPU), print, lambda: False) == b"plan"


def test_a_damaged_plan_is_built_anew(model, cache, told):
    computed = Computed(model, 0.0, 0.0)
    plan_of(model, options(gpu=GPU), Progress(), cache=cache, opener=computed)
    (path,) = cache.folder.iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    assert plan_of(model, options(gpu=GPU), Progress(), cache=cache, opener=computed).data == b"plan"
    assert len(computed.plans) == computed.closed == 2


def test_a_precision_that_deviates_gives_way_to_the_next_higher_and_says_so(model, cache, told, caplog):
    wanted = options(precision=Precision.FP16, gpu=GPU)
    computed = Computed(model, 0.5, 0.0)
    plan = plan_of(model, wanted, Progress(), cache=cache, opener=computed)
    assert (plan.precision, plan.checked_on) == ("fp32", GPU)
    assert "fp16: it deviates from ONNX Runtime by 0.2" in plan.note
    assert "small, fp16: it deviates" in caplog.text
    assert "fp32 is taken instead" in caplog.text
    assert computed.closed == 2
    assert plan_of(model, wanted, Progress(), cache=cache, opener=computed) == plan


def test_a_precision_within_its_tolerance_is_taken(model, cache, told, caplog):
    plan = plan_of(
        model, options(precision=Precision.FP16, gpu=GPU), Progress(), cache=cache, opener=Computed(model, 0.01)
    )
    assert (plan.precision, plan.note, caplog.text) == ("fp16", "", "")


def test_the_highest_precision_is_taken_whatever_it_computes_but_not_in_silence(model, cache, told, caplog):
    plan = plan_of(model, options(gpu=GPU), Progress(), cache=cache, opener=Computed(model, 1.0))
    assert plan.precision == "fp32"
    assert "deviates" in plan.note
    assert "it is taken nevertheless" in caplog.text


def test_int8_of_a_network_that_is_not_quantised_becomes_fp16(model, cache, told, caplog):
    computed = Computed(model, 0.0)
    plan = plan_of(model, options(precision=Precision.INT8, gpu=GPU), Progress(), cache=cache, opener=computed)
    assert plan.precision == "fp16"
    assert "no QuantizeLinear" in plan.note


def test_int8_is_taken_where_the_network_is_made_for_it(tmp_path, cache, told):
    model = network(tmp_path / "quantised.onnx", *quantised())
    computed = Computed(model, 0.0)
    plan = plan_of(model, options(precision=Precision.INT8, gpu=GPU), Progress(), cache=cache, opener=computed)
    assert (plan.precision, told.flags) == ("int8", {"FP16", "INT8"})


def test_what_fails_in_every_precision_is_an_error(model, cache, told):
    told.fails_with = "no kernel for it"
    with pytest.raises(EngineError, match="no kernel for it"):
        plan_of(model, options(precision=Precision.FP16, gpu=GPU), Progress(), cache=cache)
    assert cache.headers() == []


def test_a_gpu_without_memory_is_no_reason_for_a_precision_that_needs_more(model, cache, told):
    computed = Computed(model, DeviceMemoryError("out of memory"))
    with pytest.raises(DeviceMemoryError):
        plan_of(model, options(precision=Precision.FP16, gpu=GPU), Progress(), cache=cache, opener=computed)
    assert computed.closed == 1
    assert cache.headers() == []


def test_who_cancels_leaves_nothing_behind(model, cache, told):
    with pytest.raises(CancelledError):
        plan_of(model, options(gpu=GPU), Progress(cancelled=lambda: True), cache=cache)
    assert list(cache.folder.iterdir()) == []


def test_what_was_built_without_a_gpu_is_checked_once_there_is_one_and_not_built_again(model, cache, told, monkeypatch):
    tensorrt = replace(plans.find_tensorrt(), is_rtx=True, name="TensorRT for RTX")
    monkeypatch.setattr(plans, "find_tensorrt", lambda: tensorrt)
    unchecked = plan_of(model, options(), Progress(), cache=cache)
    told.fails_with = "nothing is to be built"
    computed = Computed(model, 0.0)
    checked = plan_of(model, options(gpu=GPU), Progress(), cache=cache, opener=computed)
    assert (unchecked.checked_on, checked.checked_on, checked.data) == ("", GPU, unchecked.data)
    assert plan_of(model, options(gpu=GPU), Progress(), cache=cache) == checked


def test_without_a_gpu_only_tensorrt_for_rtx_builds(model, cache, told):
    with pytest.raises(EngineError, match=r"TensorRT 10.3.0 builds for the GPU of this machine, and there is none"):
        plan_of(model, options(), Progress(), cache=cache)


def test_a_model_that_has_gone_is_an_error(tmp_path, cache, told):
    with pytest.raises(EngineError, match=r"gone.onnx cannot be read"):
        plan_of(tmp_path / "gone.onnx", options(gpu=GPU), Progress(), cache=cache)


def test_where_nothing_can_be_kept_a_plan_is_built_and_that_is_said(model, told, tmp_path, caplog):
    (tmp_path / "plans").write_bytes(b"")
    plan = plan_of(
        model, options(gpu=GPU), Progress(), cache=PlanCache(tmp_path / "plans"), opener=Computed(model, 0.0)
    )
    assert plan.data == b"plan"
    assert [record.levelno for record in caplog.records if "PERCEPTION_CACHE" in record.message] == [logging.WARNING]
