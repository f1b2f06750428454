import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper

from perception_core.zoo.late_resize import with_late_resize


def enlarged(rng, model_of, *, told=None, scales=(1, 1, 2, 2), kernel=1, outputs=4, second_reader=False, **conv):
    """A ReLU, an enlargement and a convolution from 6 channels."""
    constants = {
        "scales": np.array(scales, np.float32),
        "weights": rng.normal(size=(outputs, 6, kernel, kernel)).astype(np.float32),
        "bias": rng.normal(size=outputs).astype(np.float32),
    }
    nodes = [
        helper.make_node("Relu", ["x"], ["a"]),
        helper.make_node("Resize", ["a", "", "scales"], ["b"], **(told or {"mode": "linear"})),
        helper.make_node("Conv", ["b", "weights", "bias"], ["y"], **conv),
    ]
    shown = {"y": outputs}
    if second_reader:
        nodes.append(helper.make_node("Neg", ["b"], ["z"]))
        shown["z"] = 6
    return model_of(nodes, constants, 6, shown)


def operators(model: onnx.ModelProto) -> list[str]:
    return [node.op_type for node in model.graph.node]


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32 - 1),
    mode=st.sampled_from(["linear", "nearest"]),
    coordinates=st.sampled_from(["half_pixel", "pytorch_half_pixel", "asymmetric", "align_corners"]),
    scales=st.tuples(st.sampled_from([1.0, 1.5, 2.0, 3.0]), st.sampled_from([1.0, 2.0, 2.5])),
)
def test_the_order_makes_no_difference(run, model_of, *, seed, mode, coordinates, scales):
    rng = np.random.default_rng(seed)
    told = {"mode": mode, "coordinate_transformation_mode": coordinates}
    model = enlarged(rng, model_of, told=told, scales=(1, 1, *scales))
    rewritten = with_late_resize(model)
    height, width = rng.integers(1, 8, 2)
    image = rng.normal(size=(2, 6, height, width)).astype(np.float32)
    expected, found = run(model, {"x": image})[0], run(rewritten, {"x": image})[0]
    assert operators(rewritten) == ["Relu", "Conv", "Resize"]
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max())


@pytest.mark.parametrize(
    "told",
    [
        {"scales": (1, 1, 0.5, 0.5)},
        {"scales": (2, 1, 2, 2)},
        {"kernel": 3},
        {"pads": [1, 1, 1, 1]},
        {"strides": [2, 2]},
        {"outputs": 7},
        {"second_reader": True},
        {"told": {"mode": "cubic"}},
    ],
    ids=str,
)
def test_where_order_matters_or_does_not_pay_it_stays(model_of, told):
    model = enlarged(np.random.default_rng(0), model_of, **told)
    assert operators(with_late_resize(model)) == operators(model)
