import threading
from types import SimpleNamespace

import onnx
import pytest
from onnx import helper

from perception_core.engines.build_options import BuildOptions, Sample, ShapeRange, build_options
from perception_core.engines.engine import CancelledError, EngineError, Precision, Progress
from perception_core.engines.plan_builder import build_plan
from perception_core.zoo.manifest import load_models

from .recorded_tensorrt import recorded
from .small_networks import WIDTH, network, options, quantised, rtx

ALL = [
    (spec, precision)
    for spec in load_models().values()
    if spec.inputs
    # Those that set-up does not fetch are built in what they are used in, to spare time.
    for precision in (Precision.FP32, Precision.FP16)
    if spec.default or precision.value == spec.tensorrt.precision
]


@pytest.mark.parametrize(("spec", "precision"), ALL, ids=[f"{spec.name}-{precision.value}" for spec, precision in ALL])
def test_every_network_of_the_list_becomes_a_plan(weights_original, spec, precision):
    lines = []
    tensorrt = rtx()
    plan = build_plan(weights_original(spec.name), build_options(spec), precision, tensorrt, Progress(lines.append))
    # More than the weights alone cannot be proven here: a plan is read by a GPU only.
    assert len(plan) > 100_000
    assert lines[0] == f"building {spec.name} for {tensorrt.title}, {precision.value}"


@pytest.mark.parametrize(
    ("node", "words"),
    [
        (helper.make_node("Det", ["x"], ["y"], name="area"), "operator Det of node area"),
        (helper.make_node("Wonder", ["x"], ["y"], name="own", domain="my.own"), "operator Wonder of node own"),
        (helper.make_node("Det", ["x"], ["y"]), "operator Det of node 0"),
    ],
    ids=["of ONNX", "of a domain of its own", "without a name"],
)
def test_an_operator_that_tensorrt_lacks_is_named_with_its_model_and_what_to_do(tmp_path, node, words):
    model = network(tmp_path / "small.onnx", node)
    with pytest.raises(EngineError, match=f"small cannot be built: TensorRT for RTX .*{words}.*'onnxruntime'"):
        build_plan(model, options(), Precision.FP32, rtx(), Progress())


@pytest.mark.parametrize("content", [b"", b"hello", b"\x08\x07"], ids=["empty", "text", "no graph"])
def test_what_is_no_network_is_refused_before_tensorrt_sees_it(tmp_path, content):
    (tmp_path / "small.onnx").write_bytes(content)
    with pytest.raises(EngineError, match=r"small.onnx cannot be loaded as an ONNX network"):
        build_plan(tmp_path / "small.onnx", options(), Precision.FP32, recorded("10.3.0")[0], Progress())


def test_a_network_cut_short_is_an_error(tmp_path, weights):
    content = weights("gesture_classifier").read_bytes()
    (tmp_path / "small.onnx").write_bytes(content[: len(content) // 2])
    with pytest.raises(EngineError, match=r"small.onnx cannot be loaded as an ONNX network"):
        build_plan(tmp_path / "small.onnx", options(), Precision.FP32, recorded("10.3.0")[0], Progress())


def test_int8_is_for_networks_that_say_what_is_quantised(tmp_path):
    model = network(tmp_path / "small.onnx")
    with pytest.raises(EngineError, match="no QuantizeLinear"):
        build_plan(model, options(), Precision.INT8, recorded("10.3.0")[0], Progress())
    model = network(tmp_path / "quantised.onnx", *quantised())
    assert build_plan(model, options(), Precision.INT8, rtx(), Progress())


def test_who_cancels_ends_a_build_that_has_begun(weights_original):
    asked = []

    def cancelled():
        asked.append(threading.current_thread())
        return len(asked) > 5

    spec = load_models()["gesture_embedder"]
    with pytest.raises(CancelledError, match="gesture_embedder"):
        build_plan(
            weights_original(spec.name), build_options(spec), Precision.FP32, rtx(), Progress(cancelled=cancelled)
        )
    assert 5 < len(asked) < 60  # of 366 steps: a few more are taken until it ends


def test_who_cancels_before_a_build_begins_has_none(tmp_path):
    tensorrt, told = recorded("8.6.1")
    with pytest.raises(CancelledError):
        build_plan(
            network(tmp_path / "small.onnx"), options(), Precision.FP32, tensorrt, Progress(cancelled=lambda: True)
        )
    assert not told.flags


def test_a_second_build_waits_for_the_first_and_can_be_cancelled_meanwhile(tmp_path):
    model = network(tmp_path / "small.onnx")
    begun, stop = threading.Event(), threading.Event()

    def hold(_line):
        begun.set()
        stop.wait(10)

    tensorrt, _ = recorded("10.3.0")
    first = threading.Thread(target=build_plan, args=(model, options(), Precision.FP32, tensorrt, Progress(hold)))
    first.start()
    assert begun.wait(10)
    with pytest.raises(CancelledError, match="another network"):
        build_plan(model, options(), Precision.FP32, tensorrt, Progress(cancelled=lambda: True))
    stop.set()
    first.join()


def test_what_is_raised_during_a_build_comes_out_of_it(weights_original):
    def cancelled():
        raise KeyboardInterrupt if threading.current_thread() is threading.main_thread() else ValueError

    spec = load_models()["gesture_classifier"]
    with pytest.raises(KeyboardInterrupt):
        build_plan(
            weights_original(spec.name),
            build_options(spec),
            Precision.FP32,
            rtx(),
            Progress(report=lambda _: None, cancelled=_after(2, cancelled)),
        )


def _after(calls, then):
    left = iter(range(calls))
    return lambda: False if next(left, None) is not None else then()


@pytest.mark.parametrize(
    ("version", "precision", "flags", "network_flags"),
    [
        ("8.6.1", Precision.FP32, set(), 1),
        ("8.6.1", Precision.FP16, {"FP16"}, 1),
        ("10.3.0", Precision.FP16, {"FP16"}, 1),
        ("11.0.0", Precision.FP16, set(), 2),
    ],
)
def test_half_precision_is_a_flag_where_there_is_one_and_a_graph_where_there_is_none(
    tmp_path, version, precision, flags, network_flags
):
    tensorrt, told = recorded(version)
    build_plan(network(tmp_path / "small.onnx"), options(), precision, tensorrt, Progress())
    assert (told.flags, told.network_flags) == (flags, network_flags)
    assert told.cleared == ({"TF32"} if precision is Precision.FP32 else set())
    types = {value.data_type for value in told.graph.graph.initializer}
    assert types == {onnx.TensorProto.FLOAT16 if version == "11.0.0" else onnx.TensorProto.FLOAT}


@pytest.mark.parametrize(("version", "flags"), [("8.6.1", {"FP16", "INT8"}), ("11.0.0", set())])
def test_what_a_quantised_graph_says_is_left_as_it_is(tmp_path, version, flags):
    tensorrt, told = recorded(version)
    model = network(tmp_path / "small.onnx", *quantised())
    build_plan(model, options(), Precision.FP16, tensorrt, Progress())
    assert told.flags == flags
    assert told.graph == onnx.load(model)


def test_sizes_and_workspace_are_told(tmp_path):
    tensorrt, told = recorded("10.3.0")
    build_plan(network(tmp_path / "small.onnx"), options(most=7), Precision.FP32, tensorrt, Progress())
    assert told.shapes == {"x": ((1, WIDTH), (2, WIDTH), (7, WIDTH))}
    assert told.workspace == options().workspace_bytes


def test_a_batch_that_the_file_fixes_is_kept(tmp_path):
    tensorrt, told = recorded("10.3.0")
    build_plan(network(tmp_path / "small.onnx", sizes=(1, WIDTH)), options(), Precision.FP32, tensorrt, Progress())
    assert told.shapes == {"x": ((1, WIDTH),) * 3}


@pytest.mark.parametrize("sizes", [("N", 3), ("N", 4, 2), (1, 3)])
def test_a_file_of_other_sizes_than_its_entry_is_said(tmp_path, sizes):
    tensorrt, _ = recorded("10.3.0")
    with pytest.raises(EngineError, match=r"small: the network takes x as \[.*its entry in models.yaml as \[1, 8\]"):
        build_plan(network(tmp_path / "small.onnx", sizes=sizes), options(), Precision.FP32, tensorrt, Progress())


def test_an_input_that_its_entry_does_not_list_is_said(tmp_path):
    tensorrt, _ = recorded("10.3.0")
    other = BuildOptions("small", Precision.FP32, {"z": ShapeRange((1,), (1,), (1,))}, {"z": Sample(0, 1, None)}, 0.1)
    with pytest.raises(EngineError, match=r"small: the network takes x, its entry .* has the inputs z"):
        build_plan(network(tmp_path / "small.onnx"), other, Precision.FP32, tensorrt, Progress())


def test_a_size_left_open_without_limits_is_said_with_what_to_add():
    spec = load_models()["yunet"]
    bare = SimpleNamespace(
        name="mine",
        inputs=spec.inputs,
        tensorrt=SimpleNamespace(sizes={}, precision="fp16", tolerance=0.1),
        download=SimpleNamespace(place="own.yaml: models: mine"),
    )
    with pytest.raises(EngineError, match=r"own.yaml: models: mine: input input leaves H open.*\{sizes: \{H:"):
        build_options(bare)


def test_a_build_that_fails_says_what_tensorrt_said(tmp_path):
    tensorrt, told = recorded("10.3.0")
    told.fails_with = "out of memory"
    with pytest.raises(EngineError, match="cannot be built: out of memory"):
        build_plan(network(tmp_path / "small.onnx"), options(), Precision.FP32, tensorrt, Progress())


def test_a_builder_that_tensorrt_does_not_give_is_an_error_with_the_reason(tmp_path):
    tensorrt, told = recorded("8.6.1")
    told.no_builder = True
    with pytest.raises(EngineError, match=r"TensorRT 8.6.1 cannot build here: CUDA initialization failure"):
        build_plan(network(tmp_path / "small.onnx"), options(), Precision.FP32, tensorrt, Progress())
