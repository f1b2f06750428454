"""Which engine runs a network, and what happens when the GPU does not; against a fake GPU."""

import logging
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import onnxruntime
import pytest

from perception_core.engines import choice, cuda, plans
from perception_core.engines.engine import (
    CancelledError,
    EngineError,
    EngineKind,
    EngineOptions,
    Precision,
    Progress,
    open_engine,
)

from .fake_cuda import fake_gpu, made_plan

INPUTS = {"embedding": [(1, 128), (1, 128), (4, 128)]}


@pytest.fixture
def model(weights):
    return weights("gesture_classifier")


@pytest.fixture
def log(caplog):
    """Every test is a process that has warned of nothing."""
    choice._warned.clear()
    logger = logging.getLogger("perception_core")
    before, logger.propagate = logger.propagate, True
    yield caplog
    logger.propagate = before


def warnings_in(caplog):
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


@contextmanager
def machine(monkeypatch, plan=None, **state):
    """A machine with a fake GPU, and a TensorRT that gives this plan."""
    asked = []

    def plan_of(model, options, progress):
        asked.append((model.name, options))
        progress.report(f"building {options.name}")
        if isinstance(plan, Exception):
            raise plan
        return SimpleNamespace(precision="fp16", data=plan or made_plan(INPUTS, {"scores": (8,)}))

    with fake_gpu(**state) as (fake, tensorrt):
        monkeypatch.setattr(choice, "find_tensorrt", lambda: tensorrt)
        monkeypatch.setattr(choice, "tensorrt_installed", lambda: True)
        monkeypatch.setattr(plans, "plan_of", plan_of)
        yield fake, asked


def embedding(rows=1, seed=0):
    return {"embedding": np.random.default_rng(seed).random((rows, 128), np.float32)}


def test_without_a_gpu_nothing_of_one_is_imported_and_nothing_is_said(model):
    script = (
        "import sys, pathlib\n"
        "from perception_core.engines.engine import open_engine\n"
        f"print(open_engine(pathlib.Path({str(model)!r})).description)\n"
        "print(sorted(name for name in sys.modules if name.split('.')[0].startswith(('tensorrt', 'pycuda', 'onnx'))"
        " and 'runtime' not in name))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "CPUExecutionProvider" in ran.stdout.splitlines()[0]
    assert ran.stdout.splitlines()[1] == "[]"
    assert ran.stderr == ""


@pytest.mark.parametrize(("visible", "seen"), [(None, True), ("0", True), ("", False), ("-1", False)])
def test_a_gpu_that_is_hidden_is_not_there(monkeypatch, visible, seen):
    monkeypatch.setattr(choice, "_GPU_FILES", ("/dev/null",))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert choice.gpu_in_sight() is seen


def test_who_has_set_up_for_a_gpu_that_is_not_in_sight_is_told(model, monkeypatch, log):
    choice._set_up_for_a_gpu.cache_clear()
    with machine(monkeypatch, no_gpu=True):
        monkeypatch.setattr(choice, "_GPU_FILES", ())
        assert "CPUExecutionProvider" in open_engine(model).description
    choice._set_up_for_a_gpu.cache_clear()
    (warning,) = warnings_in(log)
    assert "no GPU can be used" in warning


def test_automatic_takes_tensorrt_where_it_works(model, monkeypatch, log):
    with machine(monkeypatch) as (fake, asked):
        engine = open_engine(model, options=EngineOptions(precision=Precision.FP32))
        assert engine.description == "TensorRT 10.3.0, fp16, Fake Orin"
        assert asked[0][1].precision is Precision.FP32
        assert asked[0][1].gpu == "Fake Orin, compute capability 8.7"
        assert engine.run(embedding(3))["scores"].shape == (3, 8)
        engine.close()
        assert set(fake.left_over().values()) == {0}
    assert warnings_in(log) == []


def test_the_graph_from_before_the_rewrite_goes_to_tensorrt(weights, monkeypatch):
    rewritten, same = weights("palm_detection"), weights("gesture_classifier")
    with machine(monkeypatch, EngineError("no plan today")) as (_, asked):
        for path in (rewritten, same):
            with pytest.raises(EngineError, match="no plan today"):
                open_engine(path, EngineKind.TENSORRT)
        assert [name for name, _ in asked] == ["palm_detection.original.onnx", "gesture_classifier.onnx"]


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ("no GPU", "no GPU can be used: cuInit failed"),
        ("no pycuda", "pycuda is not installed"),
        ("broken pycuda", "pycuda cannot be used: built for another numpy"),
        ("no TensorRT", "TensorRT is not here"),
    ],
)
def test_what_is_missing_is_said_once_by_automatic_and_refused_where_it_was_asked_for(
    model, monkeypatch, log, broken, told
):
    def no_tensorrt():
        raise EngineError("TensorRT is not here. Install it")

    with machine(monkeypatch, no_gpu=broken == "no GPU"):
        if broken == "no TensorRT":
            monkeypatch.setattr(choice, "find_tensorrt", no_tensorrt)
        if broken.endswith("pycuda"):
            error = ModuleNotFoundError("no", name="pycuda.driver") if broken == "no pycuda" else None
            monkeypatch.setattr(
                cuda.importlib, "import_module", raising(error or RuntimeError("built for another numpy"))
            )
        for _ in range(3):
            engine = open_engine(model)
            assert "CPUExecutionProvider" in engine.description
        with pytest.raises(EngineError, match=rf"gesture_classifier.onnx: engine is 'tensorrt'.*{told}.*set engine to"):
            open_engine(model, EngineKind.TENSORRT)
    (warning,) = warnings_in(log)
    assert told in warning and "Networks run on the processor" in warning


def raising(error):
    def raise_it(*_):
        raise error

    return raise_it


def test_a_network_that_tensorrt_cannot_build_runs_on_the_processor_and_the_others_on_the_gpu(model, monkeypatch, log):
    with machine(monkeypatch, EngineError("gesture_classifier: TensorRT knows no operator Foo")):
        assert "CPUExecutionProvider" in open_engine(model).description
    with machine(monkeypatch):
        engine = open_engine(model)
        assert "TensorRT" in engine.description
        engine.close()
    (warning,) = warnings_in(log)
    assert "operator Foo" in warning


def test_what_is_wrong_with_every_network_is_said_once(weights, monkeypatch, log):
    """Such as TensorRT for RTX on a GPU that it does not support."""
    for name in ("gesture_classifier", "gesture_embedder"):
        with machine(monkeypatch, EngineError(f"{name}: TensorRT cannot load this plan: not this GPU")):
            open_engine(weights(name))
    (warning,) = warnings_in(log)
    assert "gesture_classifier: TensorRT cannot load" in warning


def test_a_build_that_is_cancelled_is_not_replaced_by_another_engine(model, monkeypatch, log):
    for kind in (EngineKind.AUTO, EngineKind.TENSORRT):
        with machine(monkeypatch, CancelledError("stopped")), pytest.raises(CancelledError):
            open_engine(model, kind)
    assert warnings_in(log) == []


def test_progress_reaches_who_follows_it(model, monkeypatch):
    lines = []
    with machine(monkeypatch):
        open_engine(model, progress=Progress(report=lines.append)).close()
    assert lines == ["building gesture_classifier"]


@pytest.mark.parametrize("kind", [EngineKind.AUTO, EngineKind.TENSORRT])
def test_a_gpu_that_vanishes_is_said_once_and_frames_go_on(model, monkeypatch, log, kind):
    feeds = embedding(2)
    expected = open_engine(model, EngineKind.ONNX_RUNTIME).run(feeds)
    with machine(monkeypatch, fail_runs={3}, dies=True):
        engine = open_engine(model, kind)
        for _ in range(2):
            assert engine.run(feeds)["scores"].shape == (2, 8)
        for _ in range(3):
            np.testing.assert_array_equal(engine.run(feeds)["scores"], expected["scores"])
        assert "CPUExecutionProvider" in engine.description and "the GPU failed" in engine.description
        engine.close()
        with pytest.raises(EngineError, match="closed"):
            engine.run(feeds)
    (warning,) = warnings_in(log)
    assert "gesture_classifier" in warning and "CPUExecutionProvider" in warning


def test_memory_that_runs_out_while_running_moves_the_network_and_gives_back_what_it_had(model, monkeypatch, log):
    with machine(monkeypatch) as (fake, _):
        engine = open_engine(model)
        engine.run(embedding())
        monkeypatch.setattr(sys.modules["pycuda.driver"], "memcpy_htod_async", raising(out_of_memory()))
        assert engine.run(embedding())["scores"].shape == (1, 8)
        assert set(fake.left_over().values()) == {0}
        engine.close()
    (warning,) = warnings_in(log)
    assert "no memory left" in warning


def out_of_memory():
    return sys.modules["pycuda.driver"].MemoryError("cuMemAlloc failed: out of memory")


@pytest.mark.parametrize("kind", [EngineKind.AUTO, EngineKind.TENSORRT])
def test_a_gpu_whose_memory_is_full_at_the_start_is_replaced_with_a_warning(model, monkeypatch, log, kind):
    with machine(monkeypatch, memory=5000) as (fake, _):
        engine = open_engine(model, kind)
        assert engine.run(embedding())["scores"].shape == (1, 8)
        assert "CPUExecutionProvider" in engine.description
        assert set(fake.left_over().values()) == {0}
        engine.close()
    (warning,) = warnings_in(log)
    assert "no memory left" in warning


def test_a_size_beyond_the_plan_runs_on_the_processor_and_the_others_stay(weights, monkeypatch, log):
    path = weights("yunet")
    inputs = {"input": [(1, 3, 32, 32), (1, 3, 64, 64), (1, 3, 64, 64)]}
    with machine(monkeypatch, made_plan(inputs, {"scores": (8,)})) as (fake, _):
        engine = open_engine(path)
        for _ in range(2):
            assert "cls_8" in engine.run({"input": np.zeros((1, 3, 96, 96), np.float32)})
        assert "cls_8" not in engine.run({"input": np.zeros((1, 3, 64, 64), np.float32)})
        assert fake.runs == 1
        engine.close()
    (warning,) = warnings_in(log)
    assert "[1, 3, 96, 96]" in warning


def test_a_wrong_input_does_not_cost_the_gpu(model, monkeypatch, log):
    with machine(monkeypatch):
        engine = open_engine(model)
        with pytest.raises(EngineError, match="embedding is missing"):
            engine.run({})
        assert "TensorRT" in engine.description
        engine.close()
    assert warnings_in(log) == []


def test_threads_that_see_the_gpu_fail_at_once_all_get_their_answer(model, monkeypatch, log):
    feeds = embedding()
    with machine(monkeypatch, fail_runs=set(range(4, 50)), dies=True):
        engine = open_engine(model)
        answers, barrier = [], threading.Barrier(4)

        def work():
            barrier.wait()
            answers.extend(engine.run(feeds)["scores"].shape for _ in range(5))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        engine.close()
    assert answers == [(1, 8)] * 20
    assert len(warnings_in(log)) == 1


def test_cuda_of_onnx_runtime_is_refused_with_the_remedy_where_it_is_not(model):
    with pytest.raises(EngineError, match=r"engine is 'onnxruntime-cuda'.*pip install onnxruntime-gpu.*set engine to"):
        open_engine(model, EngineKind.ONNX_RUNTIME_CUDA)


@pytest.mark.filterwarnings("ignore:Specified provider")
def test_cuda_of_onnx_runtime_that_does_not_start_is_no_silent_processor(model, monkeypatch):
    """ONNX Runtime for GPUs goes on without a word where CUDA's libraries are missing."""
    there = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: there)
    with pytest.raises(EngineError, match=r"cannot start CUDAExecutionProvider, only CPUExecutionProvider"):
        open_engine(model, EngineKind.ONNX_RUNTIME_CUDA)
