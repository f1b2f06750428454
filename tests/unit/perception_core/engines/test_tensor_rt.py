"""The TensorRT engine up to the device call, against a fake GPU; what a real one does is in tests/gpu."""

import json
import sys
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perception_core.engines.engine import DeviceError, DeviceMemoryError, EngineError, ShapeError
from perception_core.engines.tensor_rt import TensorRtEngine
from perception_core.engines.trt_plan import PlanError

from .fake_cuda import fake_gpu, made_plan

NOTHING = dict.fromkeys(("device memory", "pinned memory", "streams", "graphs", "contexts of TensorRT"), 0)
OPEN_SIZES = {"image": [(1, 3, 8, 8), (1, 3, 16, 16), (4, 3, 32, 32)]}


def picture(*shape, seed=0):
    return np.random.default_rng(seed).random(shape, np.float32)


def check(outputs, *inputs):
    sums = sum(each.reshape(len(each), -1).sum(axis=1, dtype=np.float64) for each in inputs)
    assert {name: value.shape for name, value in outputs.items()} == {
        "scores": (len(inputs[0]), 5),
        "boxes": (len(inputs[0]), 2, 4),
    }
    np.testing.assert_allclose(outputs["scores"], np.repeat(2 * sums[:, None], 5, axis=1), rtol=1e-5)
    np.testing.assert_allclose(outputs["boxes"].reshape(len(sums), -1), np.repeat(3 * sums[:, None], 8, 1), rtol=1e-5)


@pytest.mark.parametrize("old", [False, True], ids=["10 and later", "8.6"])
@pytest.mark.parametrize("graphs", [False, True], ids=["plain", "graphs"])
def test_every_run_gives_its_own_result_and_nothing_is_left_at_the_end(old, graphs):
    with fake_gpu(old=old) as (fake, tensorrt):
        engine = TensorRtEngine(made_plan(), "net", tensorrt, use_graphs=graphs)
        assert [(each.name, each.shape, each.dtype) for each in engine.inputs] == [
            ("image", (None, 3, 8, 8), "float32")
        ]
        assert [each.shape for each in engine.outputs] == [(None, 5), (None, 2, 4)]
        for seed in range(8):
            image = picture(2, 3, 8, 8, seed=seed)
            check(engine.run({"image": image}), image)
        assert ("cuGraphLaunch" in fake.calls) == graphs
        engine.close()
        engine.close()
        assert fake.left_over() == NOTHING
        with pytest.raises(EngineError, match="net was closed"):
            engine.run({"image": image})


def test_results_stay_as_they_are_when_the_next_run_comes():
    with fake_gpu() as (_, tensorrt):
        engine = TensorRtEngine(made_plan(), "net", tensorrt)
        images = [picture(1, 3, 8, 8, seed=seed) for seed in range(6)]
        results = [engine.run({"image": image}) for image in images]
        engine.close()
        for image, result in zip(images, results, strict=True):
            check(result, image)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 11), min_size=1, max_size=14))
def test_batches_of_any_size_in_any_order_are_right(sizes):
    with fake_gpu() as (fake, tensorrt):
        engine = TensorRtEngine(made_plan(), "net", tensorrt)
        for seed, size in enumerate(sizes):
            image = picture(size, 3, 8, 8, seed=seed)
            check(engine.run({"image": image}), image)
        engine.close()
        assert fake.left_over() == NOTHING


def test_no_memory_is_taken_and_no_graph_recorded_once_it_is_warm():
    with fake_gpu() as (fake, tensorrt):
        engine = TensorRtEngine(made_plan(), "net", tensorrt)
        images = [picture(size, 3, 8, 8) for size in (1, 2, 3, 4)]
        for _ in range(4):
            for image in images:
                engine.run({"image": image})
        fake.calls.clear()
        for image in images:
            check(engine.run({"image": image}), image)
        assert fake.calls == {"push": 4, "cuGraphLaunch": 4, "synchronize": 4}
        engine.close()


def test_only_some_graphs_are_kept_and_the_oldest_make_way():
    with fake_gpu() as (fake, tensorrt):
        engine = TensorRtEngine(made_plan(OPEN_SIZES), "net", tensorrt)
        for side in range(8, 28):
            image = picture(1, 3, side, side)
            for _ in range(4):
                check(engine.run({"image": image}), image)
        assert len(fake.graphs) == 8
        for _ in range(40):  # the twentieth size is what comes now
            check(engine.run({"image": image}), image)
        assert len(fake.graphs) == 8
        fake.calls.clear()
        engine.run({"image": image})
        assert "cuGraphLaunch" in fake.calls
        engine.close()
        assert fake.left_over() == NOTHING


@pytest.mark.parametrize("state", [{"unrecordable": True}, {"graphs": False}], ids=["refused", "old driver"])
def test_where_graphs_cannot_be_it_runs_without(state):
    with fake_gpu(**state) as (fake, tensorrt):
        engine = TensorRtEngine(made_plan(), "net", tensorrt)
        for seed in range(6):
            image = picture(3, 3, 8, 8, seed=seed)
            check(engine.run({"image": image}), image)
        engine.close()
        assert fake.left_over() == NOTHING


def test_any_thread_may_run_it():
    with fake_gpu() as (fake, tensorrt):
        engines = [TensorRtEngine(made_plan(), name, tensorrt) for name in ("one", "two")]
        wrong = []

        def work(seed):
            try:
                for turn in range(12):
                    image = picture(1 + (seed + turn) % 4, 3, 8, 8, seed=100 * seed + turn)
                    check(engines[turn % 2].run({"image": image}), image)
            except (AssertionError, EngineError) as error:
                wrong.append(error)

        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
        closer = threading.Thread(target=lambda: [engine.close() for engine in engines])
        closer.start()
        closer.join()
        assert fake.left_over() == NOTHING
        assert fake.stack() == []


def test_an_array_that_is_not_in_one_piece_is_taken_as_it_is():
    with fake_gpu() as (_, tensorrt):
        engine = TensorRtEngine(made_plan(), "net", tensorrt)
        image = picture(2, 8, 8, 3).transpose(0, 3, 1, 2)[:, ::-1]
        check(engine.run({"image": image}), image)
        engine.close()


def test_several_inputs_are_divided_together():
    inputs = {name: [(1, 4), (1, 4), (2, 4)] for name in ("a", "b")}
    with fake_gpu() as (_, tensorrt):
        engine = TensorRtEngine(made_plan(inputs), "net", tensorrt)
        first, second = picture(5, 4), picture(5, 4, seed=1)
        check(engine.run({"a": first, "b": second}), first, second)
        with pytest.raises(EngineError, match="different batches"):
            engine.run({"a": first, "b": second[:4]})
        engine.close()


@pytest.mark.parametrize(
    ("feeds", "why"),
    [
        ({}, "image is missing"),
        ({"z": picture(1, 3, 8, 8)}, "image is missing"),
        ({"image": picture(1, 3, 8, 8), "z": picture(1)}, "no input z"),
        ({"image": picture(1, 4, 8, 8)}, "a size that the network does not take"),
        ({"image": picture(1, 3, 8, 8).astype(np.float64)}, "another type"),
        ({"image": picture(3, 8, 8)}, "another number of sizes"),
    ],
    ids=["none", "unknown", "one more", "wrong size", "wrong type", "wrong rank"],
)
def test_a_wrong_input_is_an_error_that_tells_what_is_wanted(feeds, why):
    with fake_gpu() as (fake, tensorrt):
        engine = TensorRtEngine(made_plan(), "net", tensorrt)
        with pytest.raises(EngineError, match=rf"net takes .*float32\[None, 3, 8, 8\].*{why}") as caught:
            engine.run(feeds)
        assert not isinstance(caught.value, DeviceError | ShapeError)
        assert "execute_async_v3" not in fake.calls
        engine.close()


@pytest.mark.parametrize("shape", [(1, 3, 7, 16), (1, 3, 16, 33), (0, 3, 16, 16)])
def test_a_size_outside_the_profile_is_named_with_what_the_plan_takes(shape):
    with fake_gpu() as (_, tensorrt):
        engine = TensorRtEngine(made_plan(OPEN_SIZES), "net", tensorrt)
        with pytest.raises(ShapeError, match=r"\[1, 3, 8, 8\] to \[4, 3, 32, 32\]"):
            engine.run({"image": picture(*shape)})
        image = picture(1, 3, 9, 31)
        check(engine.run({"image": image}), image)
        engine.close()


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        (made_plan(version="8.6.2"), "expecting library version 10.3.0 got 8.6.2"),
        (made_plan(gpu="Other"), "incompatible device"),
        (made_plan()[:50], "magic tag"),
        (b"", "magic tag"),
        (made_plan(types={"boxes": "BF16"}), "boxes is of type BF16"),
        (made_plan(on_host=["scores"]), "scores is a tensor of sizes"),
        (made_plan(depends_on_content=["boxes"]), "the size of boxes depends"),
    ],
    ids=["version", "GPU", "cut short", "empty", "type", "on host", "free output"],
)
def test_a_plan_that_does_not_fit_is_refused_in_words_and_leaves_nothing(plan, told):
    with fake_gpu() as (fake, tensorrt):
        with pytest.raises(EngineError, match=told) as caught:
            TensorRtEngine(plan, "face_x", tensorrt)
        assert "face_x" in str(caught.value)
        if isinstance(caught.value, PlanError):
            assert "./perception models build face_x" in str(caught.value)
        assert fake.left_over() == NOTHING


def test_a_half_precision_plan_takes_and_gives_what_it_says():
    with fake_gpu() as (_, tensorrt):
        types = {"image": "HALF", "scores": "HALF"}
        engine = TensorRtEngine(made_plan(types=types), "net", tensorrt)
        assert [each.dtype for each in (*engine.inputs, *engine.outputs)] == ["float16", "float16", "float32"]
        result = engine.run({"image": np.full((1, 3, 8, 8), 0.5, np.float16)})
        assert (result["scores"] == 2 * 96).all() and (result["boxes"] == 3 * 96).all()
        engine.close()


def memory_of_one_engine():
    with fake_gpu() as (fake, tensorrt):
        engine = TensorRtEngine(made_plan(), "net", tensorrt)
        used = [len(memory) for memory in fake.allocations.values()]
        engine.close()
        return used


@pytest.mark.parametrize("fitting", range(len(memory_of_one_engine())))
def test_whichever_allocation_fails_what_was_taken_is_given_back(fitting):
    memory = sum(memory_of_one_engine()[: fitting + 1]) - 1
    with fake_gpu(memory=memory) as (fake, tensorrt):
        with pytest.raises(DeviceMemoryError, match=r"net: the GPU has no memory left .*set engine to"):
            TensorRtEngine(made_plan(), "net", tensorrt)
        assert fake.left_over() == NOTHING


def test_a_run_that_fails_once_is_an_error_of_the_device_with_its_words():
    with fake_gpu(fail_runs={3}) as (fake, tensorrt):
        engine = TensorRtEngine(made_plan(), "net", tensorrt, use_graphs=False)
        image = picture(1, 3, 8, 8)
        for _ in range(2):
            engine.run({"image": image})
        with pytest.raises(DeviceError, match=r"net: TensorRT cannot run: .*illegal memory access") as caught:
            engine.run({"image": image})
        check(engine.run({"image": image}), image)
        engine.close()
        assert fake.left_over() == NOTHING  # also while somebody holds the error
        assert caught.value


def test_what_is_under_way_is_waited_for_before_its_memory_goes():
    with fake_gpu(fail_runs={1}) as (fake, tensorrt):
        engine = TensorRtEngine(made_plan(), "net", tensorrt)
        with pytest.raises(DeviceError):
            engine.run({"image": picture(1, 3, 8, 8)})
        assert any(fake.streams.values())  # the input's copy
        engine.close()
        assert fake.left_over() == NOTHING


def test_pinned_memory_that_cannot_be_had_leaves_nothing(monkeypatch):
    with fake_gpu() as (fake, tensorrt):
        driver, made = sys.modules["pycuda.driver"], []
        get = driver.pagelocked_empty

        def one_only(*arguments):
            made.append(arguments)
            if len(made) > 1:
                raise driver.MemoryError("cuMemHostAlloc failed: out of memory")
            return get(*arguments)

        monkeypatch.setattr(driver, "pagelocked_empty", one_only)
        with pytest.raises(DeviceMemoryError, match="net"):
            TensorRtEngine(made_plan(), "net", tensorrt)
        assert fake.left_over() == NOTHING


def test_a_gpu_that_is_gone_is_an_error_at_each_run_and_closing_is_not():
    with fake_gpu(fail_runs={3}, dies=True) as (_, tensorrt):
        engine = TensorRtEngine(made_plan(), "net", tensorrt, use_graphs=False)
        image = picture(1, 3, 8, 8)
        for _ in range(2):
            engine.run({"image": image})
        for _ in range(2):
            with pytest.raises(DeviceError, match="net"):
                engine.run({"image": image})
        engine.close()


def test_a_hundred_engines_one_after_the_other_leave_nothing():
    with fake_gpu() as (fake, tensorrt):
        image = picture(1, 3, 8, 8)
        for _ in range(100):
            engine = TensorRtEngine(made_plan(), "net", tensorrt)
            for _ in range(4):
                engine.run({"image": image})
            engine.close()
        assert fake.left_over() == NOTHING
        assert fake.calls["retain"] == 1


def test_the_description_names_runtime_precision_and_gpu():
    with fake_gpu() as (_, tensorrt):
        engine = TensorRtEngine(made_plan(), "net", tensorrt, precision="fp16")
        assert engine.description == "TensorRT 10.3.0, fp16, Fake Orin"
        engine.close()


def test_the_fake_notices_misuse():
    with pytest.raises(AssertionError), fake_gpu() as (fake, _):
        fake.called("mem_alloc")
    with fake_gpu() as (fake, tensorrt):
        engine = TensorRtEngine(made_plan(), "net", tensorrt)
        assert fake.left_over()["device memory"] > len(json.loads(made_plan())["outputs"])
        engine.close()
