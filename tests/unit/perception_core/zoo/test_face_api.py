import json

import cv2
import numpy as np
import pytest

from perception_core.zoo.archives import download
from perception_core.zoo.errors import ConversionError
from perception_core.zoo.face_api import read_weights
from perception_core.zoo.manifest import load_models
from perception_core.zoo.members import extract
from perception_core.zoo.spec import ArchiveSource


@pytest.fixture(scope="session")
def published(tmp_path_factory):
    """Manifest and weights as they were published."""
    source = load_models()["face_expression"].download.sources[0]
    assert isinstance(source, ArchiveSource)
    data = download(source.archive, tmp_path_factory.mktemp("archives"), lambda _: None).read_bytes()
    return tuple(extract(data, source.members[part], "face-api") for part in ("manifest", "weights"))


def same(image, stride):
    """TensorFlow's "same" padding for a 3x3 kernel: the odd pixel goes to the bottom and to the right."""
    before = 1 if stride == 1 else 0
    return np.pad(image, ((before, 1), (before, 1), (0, 0)))


def convolved(image, filters, stride):
    """A convolution written out: image and filters channels last, as TensorFlow.js has them."""
    padded = same(image, stride)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1))[::stride, ::stride]
    return np.einsum("hwcij,ijcd->hwd", windows, filters, optimize=True)


def separable(image, weights, layer, stride):
    padded = same(image, stride)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1))[::stride, ::stride]
    spread = np.einsum("hwcij,ijc->hwc", windows, weights[f"{layer}/depthwise_filter"][..., 0])
    return spread @ weights[f"{layer}/pointwise_filter"][0, 0] + weights[f"{layer}/bias"]


def expression(image, weights):
    """face-api's network in numpy, double precision: an account of it that shares no code with the suite's."""
    weights = {name: value.astype(np.float64) for name, value in weights.items()}
    value = (image.astype(np.float64) - (122.782, 117.001, 104.298)) / 255
    for block in range(4):
        if block == 0:
            first = convolved(value, weights["dense0/conv0/filters"], 2) + weights["dense0/conv0/bias"]
        else:
            first = separable(value, weights, f"dense{block}/conv0", 2)
        out1 = np.maximum(first, 0)
        out2 = separable(out1, weights, f"dense{block}/conv1", 1)
        out3 = separable(np.maximum(out1 + out2, 0), weights, f"dense{block}/conv2", 1)
        out4 = separable(np.maximum(out1 + out2 + out3, 0), weights, f"dense{block}/conv3", 1)
        value = np.maximum(out1 + out2 + out3 + out4, 0)
    logits = value.mean(axis=(0, 1)) @ weights["fc/weights"] + weights["fc/bias"]
    odds = np.exp(logits - logits.max())
    return odds / odds.sum()


@pytest.mark.parametrize("name", ["astronaut", "angry_face", "surprised_face"])
def test_the_rebuilt_network_agrees_with_one_written_out(run, weights, published, picture, name):
    image = cv2.cvtColor(cv2.resize(cv2.imread(str(picture(name))), (112, 112)), cv2.COLOR_BGR2RGB)
    (found,) = run(weights("face_expression"), {"image": image.transpose(2, 0, 1)[None].astype(np.float32)})
    np.testing.assert_allclose(found[0], expression(image, read_weights(*published)), atol=1e-5)


@pytest.mark.parametrize(("name", "label"), [("happy_face", "happy"), ("surprised_face", "surprised")])
def test_posed_expressions_are_recognised(run, weights, picture, name, label):
    face = cv2.resize(cv2.imread(str(picture(name)))[60:440, 70:450], (112, 112))
    (scores,) = run(weights("face_expression"), {"image": cv2.dnn.blobFromImage(face, swapRB=True)})
    assert load_models()["face_expression"].labels[int(scores.argmax())] == label


def test_quantised_weights_are_spread_over_their_range():
    manifest = [{"weights": [{"name": "w", "shape": [3], "quantization": {"dtype": "uint8", "scale": 0.5, "min": -1}}]}]
    weights = read_weights(json.dumps(manifest).encode(), bytes([0, 2, 255]))
    np.testing.assert_allclose(weights["w"], [-1, 0, 126.5])


@pytest.mark.parametrize(("change", "told"), [(-1, "cut short"), (+1, "1 bytes more")])
def test_weights_of_another_length_are_refused(published, change, told):
    manifest, data = published
    other = data[:change] if change < 0 else data + b"\0"
    with pytest.raises(ConversionError, match=told):
        read_weights(manifest, other)


@pytest.mark.parametrize("size", ["NaN", "1.5", "-1", '"3"', "null"])
@pytest.mark.filterwarnings("error")
def test_a_shape_that_is_none_is_refused_without_a_warning(size):
    manifest = '[{"weights": [{"name": "bias", "shape": [' + size + '], "dtype": "float32"}]}]'
    with pytest.raises(ConversionError, match="bias has no shape of whole numbers"):
        read_weights(manifest.encode(), bytes(4))
