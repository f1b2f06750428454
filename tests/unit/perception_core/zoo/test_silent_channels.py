import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper

from perception_core.zoo.silent_channels import without_silent_channels


def chain(rng, model_of, silent, *, channels=64, quiet=1e-14, loud_bias=False, second_reader=False):
    """Convolution, PReLU, depthwise convolution, ReLU, convolution; some channels are almost nothing."""

    def normal(*shape):
        return rng.normal(size=shape).astype(np.float32)

    constants = {
        "into": normal(channels, 5, 1, 1),
        "bias": normal(channels),
        "slopes": normal(channels, 1, 1) * 3,
        "depthwise": normal(channels, 1, 3, 3),
        "depthwise bias": normal(channels),
        "out": normal(7, channels, 1, 1),
    }
    heard_at_entry, heard_at_exit = silent[::2], silent[1::2]
    for name in ("into", "depthwise", *(() if loud_bias else ("bias", "depthwise bias"))):
        constants[name][heard_at_entry] *= quiet
    constants["out"][:, heard_at_exit] *= quiet
    nodes = [
        helper.make_node("Conv", ["x", "into", "bias"], ["a"], kernel_shape=[1, 1]),
        helper.make_node("PRelu", ["a", "slopes"], ["b"]),
        helper.make_node("Conv", ["b", "depthwise", "depthwise bias"], ["c"], group=channels, pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["d"]),
        helper.make_node("Conv", ["d", "out"], ["y"]),
    ]
    outputs = {"y": 7}
    if second_reader:
        nodes.append(helper.make_node("Neg", ["b"], ["z"]))
        outputs["z"] = channels
    return model_of(nodes, constants, 5, outputs)


def inner_channels(model: onnx.ModelProto) -> int:
    (first, *_) = (node for node in model.graph.node if node.op_type == "Conv")
    return next(constant.dims[0] for constant in model.graph.initializer if constant.name == first.input[1])


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), silent=st.integers(0, 63), quiet=st.sampled_from([0.0, 1e-30, 1e-14]))
def test_silent_channels_are_not_missed(run, model_of, *, seed, silent, quiet):
    rng = np.random.default_rng(seed)
    model = chain(rng, model_of, rng.choice(64, silent, replace=False), quiet=quiet)
    rewritten = without_silent_channels(model)
    image = rng.normal(size=(2, 5, 6, 7)).astype(np.float32)
    expected, found = run(model, {"x": image})[0], run(rewritten, {"x": image})[0]
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max())
    assert inner_channels(rewritten) <= max(16, -(-(64 - silent) // 16) * 16)


def test_what_is_left_fills_whole_blocks(model_of):
    model = chain(np.random.default_rng(0), model_of, np.arange(20))
    assert inner_channels(without_silent_channels(model)) == 48


@pytest.mark.parametrize(
    "told", [{"quiet": 1e-4}, {"second_reader": True}], ids=["quiet, but to be heard", "read by another node too"]
)
def test_channels_that_are_heard_stay(model_of, told):
    model = chain(np.random.default_rng(0), model_of, np.arange(40), **told)
    assert inner_channels(without_silent_channels(model)) == 64


def test_a_channel_without_weights_is_heard_by_its_bias(run, model_of):
    rng = np.random.default_rng(0)
    model = chain(rng, model_of, np.arange(64), quiet=0.0, loud_bias=True)
    rewritten = without_silent_channels(model)
    image = rng.normal(size=(1, 5, 4, 4)).astype(np.float32)
    np.testing.assert_allclose(run(rewritten, {"x": image})[0], run(model, {"x": image})[0], rtol=1e-5)
    assert inner_channels(rewritten) == 32


def test_the_network_for_face_identity_has_many(weights_original):
    original = onnx.load(weights_original("face_identity"))
    before, after = (
        sum(np.prod(c.dims) for c in m.graph.initializer) for m in (original, without_silent_channels(original))
    )
    assert after < 0.8 * before
