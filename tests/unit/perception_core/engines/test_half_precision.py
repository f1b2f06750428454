import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from perception_core.engines.build_options import build_options
from perception_core.engines.engine import EngineError
from perception_core.engines.half_precision import in_half_precision
from perception_core.engines.precision_check import deviation, expected_outputs, sample_inputs
from perception_core.zoo.manifest import load_models

LARGEST = 65504  # of float16, IEEE 754
HALVED = [spec for spec in load_models().values() if spec.default and spec.inputs and spec.tensorrt.precision == "fp16"]


def outputs_of(model, feeds):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC  # more takes longer than it saves
    session = ort.InferenceSession(model.SerializeToString(), options)
    names = [value.name for value in session.get_outputs()]
    return dict(zip(names, session.run(names, feeds), strict=True))


@pytest.mark.parametrize("spec", HALVED, ids=lambda spec: spec.name)
def test_a_network_in_half_precision_keeps_within_its_tolerance(weights_original, spec):
    path, options = weights_original(spec.name), build_options(spec)
    half = in_half_precision(onnx.load(path), spec.name)
    onnx.checker.check_model(half, full_check=True)
    ends = [*half.graph.input, *half.graph.output]
    assert {value.type.tensor_type.elem_type for value in ends} == {TensorProto.FLOAT}
    large = [constant for constant in half.graph.initializer if numpy_helper.to_array(constant).size > 100]
    assert all(constant.data_type != TensorProto.FLOAT for constant in large)
    feeds = sample_inputs(options)
    assert 0 < deviation(outputs_of(half, feeds), expected_outputs(path, feeds)) < options.tolerance


def largest_within(path, feeds):
    """The largest absolute value of any float32 tensor of a network, whatever ONNX Runtime would merge."""
    model = onnx.shape_inference.infer_shapes(onnx.load(path))
    told = {value.name for value in model.graph.output}
    model.graph.output.extend(
        value
        for value in model.graph.value_info
        if value.name not in told and value.type.tensor_type.elem_type == TensorProto.FLOAT
    )
    return max(float(np.abs(value).max()) for value in outputs_of(model, feeds).values() if value.size)


@pytest.mark.parametrize("spec", HALVED, ids=lambda spec: spec.name)
def test_nothing_within_a_network_that_is_halved_comes_near_to_overflowing(weights_original, spec):
    assert largest_within(weights_original(spec.name), sample_inputs(build_options(spec))) < LARGEST / 100


def test_the_network_that_squares_pixels_is_not_halved(weights):
    spec = load_models()["face_blendshapes"]
    assert largest_within(weights(spec.name), sample_inputs(build_options(spec))) > LARGEST
    assert spec.tensorrt.precision == "fp32"


def graph_of(nodes, constants=()):
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3])],
        initializer=[numpy_helper.from_array(value, name) for name, value in dict(constants).items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def test_nodes_without_names_are_told_apart_and_the_original_stays_as_it_was():
    source = graph_of(
        [helper.make_node("Add", ["x", "one"], ["z"]), helper.make_node("Mul", ["z", "z"], ["y"])],
        {"one": np.ones(3, np.float32)},
    )
    before = source.SerializeToString()
    half = in_half_precision(source, "unnamed")
    onnx.checker.check_model(half, full_check=True)
    assert outputs_of(half, {"x": np.full((1, 3), 2, np.float32)})["y"] == pytest.approx(9)
    assert source.SerializeToString() == before


def test_a_graph_that_the_converter_cannot_take_is_named():
    twice = graph_of([helper.make_node("Add", ["x", "one"], ["y"])], {"one": np.ones(3, np.float32)})
    twice.graph.initializer.append(twice.graph.initializer[0])
    with pytest.raises(EngineError, match="odd cannot be turned into half precision"):
        in_half_precision(twice, "odd")
