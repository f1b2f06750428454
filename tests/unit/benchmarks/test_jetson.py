import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from benchmarks.harness.graph_cost import graph_cost
from benchmarks.jetson import DEVICES, RUNS
from perception_core.zoo.manifest import load_models


def network(node, shape, **constants):
    graph = helper.make_graph(
        [node, helper.make_node("Relu", ["z"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        initializer=[numpy_helper.from_array(np.zeros(size, np.float32), name) for name, size in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def test_a_convolution_is_counted_as_on_paper():
    # 3 channels in, 4 out, 3x3, 8x8 pixels without a margin: 6x6 remain.
    model = network(helper.make_node("Conv", ["x", "w"], ["z"]), ["N", 3, "H", "W"], w=(4, 3, 3, 3))
    cost = graph_cost(model, {"x": (2, 3, 8, 8)})
    assert cost.operations == 2 * (2 * 4 * 6 * 6) * (3 * 3 * 3)
    assert cost.moved == 2 * (4 * 3 * 3 * 3 + 2 * 3 * 8 * 8 + 2 * 4 * 6 * 6)
    assert cost.kernels == 1  # ReLU costs none of its own


def test_a_convolution_in_groups_has_less_to_do():
    model = network(helper.make_node("Conv", ["x", "w"], ["z"], group=4), [1, 4, 5, 5], w=(4, 1, 3, 3))
    assert graph_cost(model, {"x": (1, 4, 5, 5)}).operations == 2 * (4 * 3 * 3) * 9


@pytest.mark.parametrize(
    ("node", "shape"),
    [
        (helper.make_node("Gemm", ["x", "w"], ["z"]), (2, 5)),
        (helper.make_node("Gemm", ["x", "w"], ["z"], transA=1), (5, 2)),
        (helper.make_node("MatMul", ["x", "w"], ["z"]), (2, 5)),
    ],
)
def test_a_matrix_product_is_counted_as_on_paper(node, shape):
    assert graph_cost(network(node, ["A", "B"], w=(5, 7)), {"x": shape}).operations == 2 * 2 * 5 * 7


def test_what_spreads_a_picture_out_is_counted_by_what_goes_in():
    node = helper.make_node("ConvTranspose", ["x", "w"], ["z"], strides=[2, 2])
    assert graph_cost(network(node, [1, 3, 4, 4], w=(3, 6, 2, 2)), {"x": (1, 3, 4, 4)}).operations == 2 * 48 * 24


def test_two_runs_cost_twice_as_much_as_one():
    model = network(helper.make_node("MatMul", ["x", "w"], ["z"]), [2, 5], w=(5, 7))
    once = graph_cost(model, {"x": (2, 5)})
    assert once + once == once.times(2)


def test_a_shape_that_cannot_be_told_is_an_error():
    model = network(helper.make_node("NonZero", ["x"], ["z"]), [2, 5])
    with pytest.raises(ValueError, match="cannot be told"):
        graph_cost(onnx.ModelProto.FromString(model.SerializeToString()), {"x": (2, 5)})


def test_everything_that_runs_is_a_default_network():
    assert {run.network for run in RUNS} <= {name for name, spec in load_models().items() if spec.default}
    assert all(0 < run.per_frame <= 1 for run in RUNS)


def test_the_limits_are_those_that_are_printed_on_the_devices():
    assert DEVICES["nano"].operations == pytest.approx(472e9, rel=0.01)
    assert DEVICES["xavier_nx"].operations == pytest.approx(1.69e12, rel=0.01)
