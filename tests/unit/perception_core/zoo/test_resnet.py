import numpy as np
import pytest

from perception_core.zoo.errors import ConversionError
from perception_core.zoo.resnet import build, classes

LAYOUTS = {"resnet18": (2, 2, 2, 2), "resnet50": (3, 4, 6, 3)}
KERNELS = {"resnet18": (3, 3), "resnet50": (1, 3, 1)}
THIN = 4  # channels of the first layer; the published networks have 64


def random_weights(kind, seed=0):
    """A thin network of that kind, with torchvision's names."""
    rng, weights = np.random.default_rng(seed), {}

    def layer(convolution, normalisation, shape):
        weights[f"{convolution}.weight"] = rng.normal(0, np.sqrt(2 / np.prod(shape[1:])), shape)
        for part, low, high in (
            ("weight", 0.5, 1.5),
            ("bias", -1, 1),
            ("running_mean", -1, 1),
            ("running_var", 0.5, 2),
        ):
            weights[f"{normalisation}.{part}"] = rng.uniform(low, high, shape[0])
        weights[f"{normalisation}.num_batches_tracked"] = np.array(9)

    layer("conv1", "bn1", (THIN, 3, 7, 7))
    channels = THIN
    for number, repeats in enumerate(LAYOUTS[kind], start=1):
        width = THIN * 2 ** (number - 1)
        wide = width * 4 if kind == "resnet50" else width
        for index in range(repeats):
            block, into = f"layer{number}.{index}", channels
            for step, kernel in enumerate(KERNELS[kind], start=1):
                out = wide if step == len(KERNELS[kind]) else width
                layer(f"{block}.conv{step}", f"{block}.bn{step}", (out, into, kernel, kernel))
                into = out
            if index == 0 and (number > 1 or channels != wide):
                layer(f"{block}.downsample.0", f"{block}.downsample.1", (wide, channels, 1, 1))
            channels = wide
    weights["fc.weight"], weights["fc.bias"] = rng.normal(0, 0.1, (8, channels)), rng.normal(0, 0.1, 8)
    return {name: np.asarray(value, np.float32) for name, value in weights.items()}


def convolved(image, weights, stride):
    kernel = weights.shape[2]
    padded = np.pad(image, ((0, 0), (kernel // 2,) * 2, (kernel // 2,) * 2))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel), (1, 2))[:, ::stride, ::stride]
    return np.einsum("chwij,ocij->ohw", windows, weights)


def forward(kind, weights, image):
    """The network layer by layer, as the paper and torchvision describe it."""

    def layer(value, convolution, normalisation, stride):
        value = convolved(value, weights[f"{convolution}.weight"], stride)
        scale, shift, mean, variance = (
            weights[f"{normalisation}.{part}"][:, None, None]
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        return (value - mean) / np.sqrt(variance + 1e-5) * scale + shift

    value = np.maximum(layer(image, "conv1", "bn1", 2), 0)
    padded = np.pad(value, ((0, 0), (1, 1), (1, 1)))
    value = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (1, 2))[:, ::2, ::2].max(axis=(3, 4))
    strided = 1 if kind == "resnet18" else 2
    for number, repeats in enumerate(LAYOUTS[kind], start=1):
        for index in range(repeats):
            block, stride = f"layer{number}.{index}", 2 if number > 1 and index == 0 else 1
            result = value
            for step in range(1, len(KERNELS[kind]) + 1):
                result = np.maximum(result, 0) if step > 1 else result
                result = layer(result, f"{block}.conv{step}", f"{block}.bn{step}", stride if step == strided else 1)
            if f"{block}.downsample.0.weight" in weights:
                value = layer(value, f"{block}.downsample.0", f"{block}.downsample.1", stride)
            value = np.maximum(result + value, 0)
    return weights["fc.weight"] @ value.mean(axis=(1, 2)) + weights["fc.bias"]


def built(kind, weights, side=64):
    return build(kind, weights, kind, [("image", ("N", 3, side, side))], [("scores", ("N", 8))])


@pytest.mark.parametrize("kind", LAYOUTS)
def test_the_graph_computes_what_the_layers_one_by_one_do(kind, run):
    weights = random_weights(kind)
    images = np.random.default_rng(1).normal(0, 1, (2, 3, 64, 64)).astype(np.float32)
    (found,) = run(built(kind, weights), {"image": images})
    wanted = np.array([forward(kind, weights, image) for image in images])
    np.testing.assert_allclose(found, wanted, atol=1e-4 * np.abs(wanted).max())


def test_a_classifier_within_a_sequential_is_the_same(run):
    weights = random_weights("resnet18")
    nested = {name.replace("fc.", "fc.1."): value for name, value in weights.items()}
    image = {"image": np.ones((1, 3, 64, 64), np.float32)}
    np.testing.assert_array_equal(run(built("resnet18", nested), image), run(built("resnet18", weights), image))
    assert classes(nested) == classes(weights) == 8


def without(name):
    return lambda weights: weights.pop(name)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (without("layer3.1.conv2.weight"), "layer3.1.conv2.weight is missing"),
        (without("layer2.0.downsample.0.weight"), "layer2.0.downsample.0.weight is missing"),
        (without("fc.bias"), "fc.bias is missing"),
        (lambda weights: weights.update({"layer1.0.se.weight": np.ones(3)}), "has no layer1.0.se.weight"),
        (lambda weights: weights.update({"layer1.2.conv1.weight": np.ones(3)}), "has no layer1.2.conv1.weight"),
        (lambda weights: weights.update({"conv1.weight": np.ones((4, 3, 3, 3))}), "conv1.weight is 4x3x3x3"),
        (lambda weights: weights.update({"conv1.weight": np.ones((4, 1, 7, 7))}), r"4x1x7x7, .* \?x3x7x7"),
        (lambda weights: weights.update({"bn1.running_var": np.full(4, -1.0)}), "variances below 0"),
        (lambda weights: weights.update({"bn1.bias": np.full(4, np.nan)}), "not finite"),
        (lambda weights: weights.update({"fc.3.weight": np.ones((8, 8))}), "found fc, fc.3"),
        (lambda weights: [weights.pop(f"fc.{part}") for part in ("weight", "bias")], "found none"),
    ],
)
def test_weights_of_another_network_are_refused_by_name(change, told):
    weights = random_weights("resnet18")
    change(weights)
    with pytest.raises(ConversionError, match=told):
        built("resnet18", weights)


def test_the_kinds_are_not_mistaken_for_each_other():
    for asked, given in (("resnet18", "resnet50"), ("resnet50", "resnet18")):
        with pytest.raises(ConversionError, match=asked):
            built(asked, random_weights(given))


def test_no_classifier_has_no_classes():
    assert classes({"conv1.weight": np.ones((4, 3, 7, 7), np.float32)}) == 0
