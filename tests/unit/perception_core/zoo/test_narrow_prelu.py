import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from perception_core.zoo.narrow_prelu import without_narrow_prelu
from perception_core.zoo.prelu import has_prelu


def bottleneck(rng, channels, kernel=3, bias=True, second_reader=False):
    """A convolution to few channels, a PReLU, a depthwise convolution and one to 16 channels."""
    normal = lambda *shape: rng.normal(size=shape).astype(np.float32)  # noqa: E731 - as short as it is
    constants = {
        "into": normal(channels, 16, 1, 1),
        "slopes": normal(channels, 1, 1) * 3,
        "depthwise": normal(channels, 1, kernel, kernel),
        "out": normal(16, channels, 1, 1),
        **({"b1": normal(channels), "b2": normal(channels), "b3": normal(16)} if bias else {}),
    }
    biases = iter(["b1", "b2", "b3"] if bias else [])

    def conv(source, weights, target, **attributes):
        inputs = [source, weights, *([next(biases)] if bias else [])]
        return helper.make_node("Conv", inputs, [target], kernel_shape=constants[weights].shape[2:], **attributes)

    nodes = [
        conv("x", "into", "a"),
        helper.make_node("PRelu", ["a", "slopes"], ["b"]),
        conv("b", "depthwise", "c", group=channels, pads=[kernel // 2] * 4),
        conv("c", "out", "y"),
    ]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 16, "H", "W"])]
    if second_reader:
        nodes.append(helper.make_node("Neg", ["b"], ["z"]))
        outputs.append(helper.make_tensor_value_info("z", TensorProto.FLOAT, ["N", channels, "H", "W"]))
    graph = helper.make_graph(
        nodes,
        "bottleneck",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 16, "H", "W"])],
        outputs,
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32 - 1), channels=st.integers(1, 8), kernel=st.sampled_from([1, 3, 5]), bias=st.booleans()
)
def test_the_rewritten_bottleneck_computes_the_same(run, seed, channels, kernel, bias):
    rng = np.random.default_rng(seed)
    model = bottleneck(rng, channels, kernel, bias)
    rewritten = without_narrow_prelu(model)
    image = rng.normal(size=(2, 16, 7, 9)).astype(np.float32)
    expected, found = run(model, {"x": image})[0], run(rewritten, {"x": image})[0]
    assert not has_prelu(rewritten)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max())


@pytest.mark.parametrize(("channels", "second_reader"), [(9, False), (8, True)])
def test_a_wide_or_shared_bottleneck_stays_as_it_is(channels, second_reader):
    model = bottleneck(np.random.default_rng(0), channels, second_reader=second_reader)
    assert has_prelu(without_narrow_prelu(model))


def test_the_published_graph_stays_as_it_is():
    model = bottleneck(np.random.default_rng(0), 8)
    before = model.SerializeToString()
    assert without_narrow_prelu(model).SerializeToString() == without_narrow_prelu(model).SerializeToString()
    assert model.SerializeToString() == before


def test_the_face_mesh_has_such_bottlenecks(weights_original):
    original = onnx.load(weights_original("face_landmarks"))
    prelus = [
        sum(node.op_type == "PRelu" for node in graph.graph.node)
        for graph in (original, without_narrow_prelu(original))
    ]
    assert prelus[1] < prelus[0]
