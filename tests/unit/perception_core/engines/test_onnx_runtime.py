import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from perception_core.engines.engine import EngineError, EngineKind, EngineOptions, GraphLevel, open_engine


@pytest.fixture
def doubler(tmp_path):
    """A network that adds its input to itself."""
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "x"], ["y"])],
        "doubler",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 3])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    path = tmp_path / "doubler.onnx"
    onnx.save(model, path)
    return path


@pytest.mark.parametrize("level", list(GraphLevel))
def test_a_network_runs_at_every_graph_level(doubler, level):
    engine = open_engine(doubler, EngineKind.ONNX_RUNTIME, EngineOptions(graph_level=level))
    assert engine.run({"x": np.ones((2, 3), np.float32)})["y"] == pytest.approx(2.0)


def test_inputs_and_outputs_are_told_with_free_sizes(doubler):
    engine = open_engine(doubler)
    assert [(spec.name, spec.shape, spec.dtype) for spec in engine.inputs] == [("x", (None, 3), "float32")]
    assert [spec.name for spec in engine.outputs] == ["y"]
    assert "ONNX Runtime" in engine.description and "CPU" in engine.description


@pytest.mark.parametrize(
    "feeds",
    [
        {},
        {"z": np.ones((1, 3), np.float32)},
        {"x": np.ones((1, 4), np.float32)},
        {"x": np.ones((1, 3), np.float64)},
        {"x": np.ones(3, np.float32)},
    ],
    ids=["missing", "unknown", "wrong size", "wrong type", "wrong rank"],
)
def test_a_wrong_input_is_an_error_that_tells_what_is_wanted(doubler, feeds):
    with pytest.raises(EngineError, match=r"doubler.onnx takes .*float32\[None, 3\]"):
        open_engine(doubler).run(feeds)


@pytest.mark.parametrize("content", [b"", b"not a network", None], ids=["empty", "text", "cut short"])
def test_a_file_that_is_no_network_is_named(doubler, content):
    doubler.write_bytes(doubler.read_bytes()[:40] if content is None else content)
    with pytest.raises(EngineError, match=r"doubler.onnx cannot be loaded"):
        open_engine(doubler)


def test_a_file_with_a_damaged_byte_loads_or_is_refused_in_silence(doubler, capfd):
    whole = doubler.read_bytes()
    for place in range(len(whole)):
        for change in (0x01, 0x80):
            doubler.write_bytes(whole[:place] + bytes([whole[place] ^ change]) + whole[place + 1 :])
            try:
                open_engine(doubler).run({"x": np.ones((1, 3), np.float32)})
            except EngineError as error:
                assert "doubler.onnx" in str(error)
    assert capfd.readouterr().err == ""


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(EngineError, match=r"nowhere.onnx cannot be loaded"):
        open_engine(tmp_path / "nowhere.onnx")


def test_a_closed_engine_says_so(doubler):
    engine = open_engine(doubler)
    engine.close()
    with pytest.raises(EngineError, match="was closed"):
        engine.run({"x": np.ones((1, 3), np.float32)})


def test_a_provider_that_is_not_there_is_named_with_those_that_are(doubler):
    with pytest.raises(EngineError, match=r"has no NoSuchProvider here; it has .*CPUExecutionProvider"):
        open_engine(doubler, options=EngineOptions(providers=("NoSuchProvider",)))


def test_one_thread_is_the_default_and_others_are_as_asked_for(doubler):
    threads = {
        given: open_engine(doubler, options=options)._session.get_session_options().intra_op_num_threads
        for given, options in ((1, None), (3, EngineOptions(threads=3)))
    }
    assert threads == {1: 1, 3: 3}


@pytest.mark.parametrize("level", list(GraphLevel))
def test_the_graph_level_is_the_one_asked_for(doubler, level):
    options = open_engine(doubler, options=EngineOptions(graph_level=level))._session.get_session_options()
    names = {
        "none": "ORT_DISABLE_ALL",
        "basic": "ORT_ENABLE_BASIC",
        "extended": "ORT_ENABLE_EXTENDED",
        "all": "ORT_ENABLE_ALL",
    }
    assert options.graph_optimization_level.name == names[level.value]


def test_providers_are_those_asked_for(doubler):
    engine = open_engine(doubler, options=EngineOptions(providers=("CPUExecutionProvider",)))
    assert engine._session.get_providers() == ["CPUExecutionProvider"]
