import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper

from perception_core.zoo.padded_shortcut import without_channel_padding


def block(rng, model_of, *, inside=16, appended=16, bias=True, swapped=False, second_reader=False):
    """A convolution to more channels, and its input with as many zeros appended, added."""
    total = inside + appended
    constants = {
        "weights": rng.normal(size=(total, inside, 3, 3)).astype(np.float32),
        "pads": np.array([0, 0, 0, 0, 0, appended, 0, 0], np.int64),
        **({"bias": rng.normal(size=total).astype(np.float32)} if bias else {}),
    }
    nodes = [
        helper.make_node("Pad", ["x", "pads"], ["b"]),
        helper.make_node("Conv", ["x", "weights", *(["bias"] if bias else [])], ["a"], pads=[1, 1, 1, 1]),
        helper.make_node("Add", ["b", "a"] if swapped else ["a", "b"], ["y"]),
    ]
    outputs = {"y": total}
    if second_reader:
        nodes.append(helper.make_node("Neg", ["a"], ["z"]))
        outputs["z"] = total
    return model_of(nodes, constants, inside, outputs)


def operators(model: onnx.ModelProto) -> list[str]:
    return [node.op_type for node in model.graph.node]


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32 - 1),
    inside=st.sampled_from([1, 8, 16, 32]),
    appended=st.sampled_from([1, 8, 16, 48]),
    bias=st.booleans(),
    swapped=st.booleans(),
    second_reader=st.booleans(),
)
def test_the_rewritten_block_computes_the_same(run, model_of, *, seed, **told):
    rng = np.random.default_rng(seed)
    model = block(rng, model_of, **told)
    rewritten = without_channel_padding(model)
    image = rng.normal(size=(2, told["inside"], 5, 6)).astype(np.float32)
    for expected, found in zip(run(model, {"x": image}), run(rewritten, {"x": image}), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max())
    assert "Pad" not in operators(rewritten)


def test_whole_blocks_of_channels_are_computed_apart(model_of):
    assert operators(without_channel_padding(block(np.random.default_rng(0), model_of))) == [
        "Conv",
        "Add",
        "Conv",
        "Concat",
    ]


@pytest.mark.parametrize("told", [{"inside": 8}, {"appended": 8}, {"second_reader": True}], ids=str)
def test_otherwise_a_convolution_copies_the_channels(model_of, told):
    rewritten = without_channel_padding(block(np.random.default_rng(0), model_of, **told))
    assert operators(rewritten)[:3] == ["Conv", "Conv", "Add"]


@pytest.mark.parametrize("pads", [[0, 16, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0]], ids=["before", "nothing"])
def test_padding_of_another_kind_stays(model_of, pads):
    nodes = [helper.make_node("Pad", ["x", "pads"], ["y"])]
    model = model_of(nodes, {"pads": np.array(pads, np.int64)}, 16, {"y": 16 + sum(pads)})
    assert operators(without_channel_padding(model)) == ["Pad"]
