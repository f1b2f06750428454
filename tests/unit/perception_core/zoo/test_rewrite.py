import cv2
import numpy as np
import onnx
import pytest
from onnx import helper

from perception_core.zoo.manifest import load_models
from perception_core.zoo.prelu import has_prelu
from perception_core.zoo.rewrite import for_onnx_runtime

REWRITTEN = sorted(name for name, spec in load_models().items() if spec.prelu_rewrite)
PICTURES = ["astronaut", "obama", "six_faces"]


def as_input(path, spec):
    """A picture as a network's input, without the crop."""
    (image,) = (value for value in spec.inputs if value.image)
    height, width = image.shape[2:]
    pixels = cv2.resize(cv2.imread(str(path)), (width, height), interpolation=cv2.INTER_AREA)
    if image.image.colour == "RGB":
        pixels = pixels[..., ::-1]
    scaled = (pixels - np.float32(image.image.subtract)) / np.float32(image.image.divide)
    return image.name, scaled.transpose(2, 0, 1).astype(np.float32)


@pytest.mark.parametrize("name", REWRITTEN)
def test_a_rewritten_network_gives_the_same_for_pictures_and_for_noise(run, weights, weights_original, picture, name):
    pictures = [as_input(picture(one), load_models()[name]) for one in PICTURES]
    key = pictures[0][0]
    noise = np.random.default_rng(7).random(pictures[0][1].shape, np.float32)
    # As one batch: its size is open, and every picture has its place.
    batch = {key: np.stack([*(pixels for _, pixels in pictures), noise])}
    for expected, found in zip(run(weights_original(name), batch), run(weights(name), batch), strict=True):
        assert found.shape == expected.shape
        assert np.abs(found - expected).max() <= 1e-4 * np.abs(expected).max()


@pytest.mark.parametrize("name", REWRITTEN)
def test_no_prelu_is_left_and_the_bytes_are_the_same_on_every_run(weights, weights_original, name):
    original = onnx.load(weights_original(name))
    before = original.SerializeToString(deterministic=True)
    rewritten = for_onnx_runtime(original)
    assert original.SerializeToString(deterministic=True) == before
    assert has_prelu(original)
    assert not has_prelu(rewritten)
    assert rewritten.SerializeToString(deterministic=True) == weights(name).read_bytes()


def test_a_network_without_such_patterns_stays_as_it_is(model_of):
    nodes = [helper.make_node("Conv", ["x", "weights"], ["a"]), helper.make_node("Relu", ["a"], ["y"])]
    network = model_of(nodes, {"weights": np.ones((8, 3, 3, 3), np.float32)}, 3, {"y": 8})
    assert for_onnx_runtime(network) == network
