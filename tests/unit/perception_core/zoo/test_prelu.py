import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from perception_core.zoo.prelu import has_prelu, without_prelu


def network(slopes, weights):
    """A convolution and two PReLUs."""
    outputs, inputs = weights.shape[:2]
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"], kernel_shape=list(weights.shape[2:])),
        helper.make_node("PRelu", ["a", "s"], ["b"]),
        helper.make_node("PRelu", ["b", "t"], ["y"]),
    ]
    constants = {
        "w": weights,
        "s": slopes.reshape(-1, 1, 1),
        "t": slopes[::-1].reshape(-1, 1, 1),
    }
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", inputs, "H", "W"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", outputs, "h", "w"])],
        [numpy_helper.from_array(np.ascontiguousarray(value), name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32 - 1),
    channels=st.integers(1, 20),
    steepest=st.sampled_from([0.25, 1.0, 20.0]),
)
def test_the_rewritten_graph_computes_the_same(run, seed, channels, steepest):
    rng = np.random.default_rng(seed)
    slopes = rng.uniform(-steepest, steepest, channels).astype(np.float32)
    slopes[rng.random(channels) < 0.2] = rng.choice(np.array([0, 1], np.float32))
    model = network(slopes, rng.normal(size=(channels, 3, 1, 1)).astype(np.float32))
    batch, height, width = rng.integers(1, 10, 3)
    image = rng.normal(size=(batch, 3, height, width)).astype(np.float32)
    expected, found = run(model, {"x": image})[0], run(without_prelu(model), {"x": image})[0]
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())


def test_no_prelu_is_left():
    rng = np.random.default_rng(0)
    model = network(rng.random(8).astype(np.float32), rng.random((8, 3, 1, 1)).astype(np.float32))
    rewritten = without_prelu(model)
    assert {node.op_type for node in rewritten.graph.node} == {"Conv", "Relu", "Add"}
    assert has_prelu(model)
    assert not has_prelu(rewritten)


def test_the_same_graph_is_rewritten_to_the_same_bytes():
    model = network(np.ones(4, np.float32), np.ones((4, 3, 1, 1), np.float32))
    assert without_prelu(model).SerializeToString() == without_prelu(model).SerializeToString()


def prelu_alone(shape, slopes):
    graph = helper.make_graph(
        [helper.make_node("PRelu", ["x", "s"], ["y"])],
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(slopes, "s")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


@pytest.mark.parametrize(
    ("shape", "slopes"),
    [
        ([2, 6], (6,)),  # no image
        ([1, 4, 5, 5], (4, 5, 5)),  # a slope per pixel
        ([1, 4, 5, 5], (1,)),  # one slope for all
        ([1, "C", 5, 5], (4, 1, 1)),  # an unknown number of channels
    ],
)
def test_a_prelu_of_another_kind_stays_as_it_is(shape, slopes):
    assert has_prelu(without_prelu(prelu_alone(shape, np.full(slopes, 0.5, np.float32))))
