import pytest

from perception_core.zoo.errors import ManifestError
from perception_core.zoo.manifest import load_models
from perception_core.zoo.spec import SizeRange


def entry(tensorrt=None, **of_input):
    """A list with one network of the user's."""
    model = {
        "task": "t",
        "description": "d",
        "licence": {"spdx": "LicenseRef-own"},
        "sources": [{"file": "mine.onnx"}],
        "conversion": "onnx",
        "decoder": "class_scores",
        "inputs": [{"name": "x", "shape": ["N", 3, "H"], "meaning": "m", **of_input}],
        "outputs": [{"name": "y", "shape": ["N"], "meaning": "m"}],
    }
    return {"models": {"mine": model | ({"tensorrt": tensorrt} if tensorrt is not None else {})}}


def test_what_is_left_out_has_a_default(own_list):
    own_list(entry())
    mine = load_models()["mine"]
    assert (mine.tensorrt.precision, mine.tensorrt.tolerance, dict(mine.tensorrt.sizes)) == ("fp16", 0.02, {})
    assert mine.inputs[0].sample == (0.0, 1.0)


def test_what_is_said_is_read(own_list):
    said = {"sizes": {"N": [1, 2, 8], "H": [32, 32, 32]}, "precision": "int8", "tolerance": 0.1}
    own_list(entry(said, sample=[-1, 1]))
    mine = load_models()["mine"]
    assert mine.tensorrt.sizes == {"N": SizeRange(1, 2, 8), "H": SizeRange(32, 32, 32)}
    assert (mine.tensorrt.precision, mine.tensorrt.tolerance) == ("int8", 0.1)
    assert mine.inputs[0].sample == (-1.0, 1.0)


@pytest.mark.parametrize(
    ("tensorrt", "words"),
    [
        ({"sizes": {"N": [2, 1, 8]}}, r"mine: tensorrt: sizes: N is \[2, 1, 8\]; allowed is the smallest"),
        ({"sizes": {"N": [0, 1, 8]}}, "smallest, usual and largest size"),
        ({"sizes": {"N": [1, 8]}}, "smallest, usual and largest size"),
        ({"sizes": {"N": [1, 2, 1e9]}}, "smallest, usual and largest size"),
        ({"sizes": {"N": [1, 2, 99999]}}, "1 to 16384"),
        ({"sizes": {"N": [True, True, True]}}, "smallest, usual and largest size"),
        ({"sizes": {"N": 8}}, "smallest, usual and largest size"),
        ({"sizes": {"W": [1, 2, 8]}}, "unknown key W; allowed are H, N"),
        ({"precision": "fp8"}, "allowed is one of fp16, fp32, int8"),
        ({"tolerance": 0}, "a number above 0"),
        ({"tolerance": [0.1, 0.2]}, "a number above 0"),
        ({"precisoin": "fp16"}, "Did you mean precision"),
        (17, "must be a mapping"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_what_is_allowed(own_list, tensorrt, words):
    own_list(entry(tensorrt))
    with pytest.raises(ManifestError, match=words):
        load_models()


@pytest.mark.parametrize("sample", [[1], [1, 0], [1, 1], ["a", "b"], [0, 1, 2]])
def test_a_sample_is_two_rising_numbers(own_list, sample):
    own_list(entry(sample=sample))
    with pytest.raises(ManifestError, match="sample is"):
        load_models()


def test_every_size_that_a_network_of_ours_leaves_open_has_limits():
    for spec in load_models().values():
        for value in spec.inputs:
            named = {size for size in value.shape if isinstance(size, str)}
            assert named <= set(spec.tensorrt.sizes), spec.name
