"""Files that are not what the manifest says: words, whatever they hold."""

import contextlib
import pickle

import pytest

from benchmarks.fuzzing.network_files import face_api, state_dict, tflite_file
from perception_core.zoo.convert import convert
from perception_core.zoo.errors import ConversionError
from perception_core.zoo.manifest import load_models

TFLITE = {
    "task": "none",
    "description": "A small network.",
    "licence": {"spdx": "MIT"},
    "sources": [{"file": "small.tflite"}],
    "conversion": "tflite",
    "decoder": "class_scores",
    "inputs": [{"name": "x", "shape": ["N", 2, 4, 4], "meaning": "numbers"}],
    "outputs": [{"name": "y", "shape": ["N", 3], "meaning": "numbers"}],
}


@pytest.fixture
def small_tflite(own_list):
    own_list({"models": {"small": TFLITE}})
    return load_models()["small"]


def test_a_small_network_is_converted(small_tflite):
    assert list(convert(small_tflite, {"file": tflite_file()})) == ["small.onnx"]


def test_a_tflite_file_with_a_damaged_byte_is_converted_or_refused_with_its_name(small_tflite):
    """flatbuffers follows any offset: out of the file, and into the middle of something else."""
    whole = tflite_file()
    for place in range(0, len(whole), 3):
        for change in (0x01, 0x80):
            damaged = whole[:place] + bytes([whole[place] ^ change]) + whole[place + 1 :]
            try:
                convert(small_tflite, {"file": damaged})
            except ConversionError as error:
                assert "small cannot be converted" in str(error)


def test_options_that_lie_outside_of_a_tflite_file_are_damage(small_tflite):
    whole = tflite_file()
    refused = 0
    for place in range(len(whole) - 2):
        with contextlib.suppress(ConversionError):
            convert(small_tflite, {"file": whole[:place] + b"\xff\x7f" + whole[place + 2 :]})
            refused -= 1
        refused += 1
    assert refused > 100


def test_weights_that_lack_a_tensor_are_those_of_another_network():
    with pytest.raises(ConversionError, match=r"mtcnn_pnet cannot be converted.*another network.*conv1\.weight"):
        convert(load_models()["mtcnn_pnet"], {"file": state_dict({})})


@pytest.mark.parametrize("manifest", [b"[" * 100_000, b"{", b"{}", b"[1]", b'[{"weights": [{"shape": [-1]}]}]'])
def test_a_list_of_weights_that_is_none_is_refused(manifest):
    _, weights = face_api()
    with pytest.raises(ConversionError, match="face_expression cannot be converted"):
        convert(load_models()["face_expression"], {"manifest": manifest, "weights": weights})


def test_what_is_wrong_is_not_quoted_at_any_length():
    preamble = pickle.dumps(0x1950A86A20F9469CFC6C, protocol=2)
    with pytest.raises(ConversionError) as caught:
        convert(load_models()["mtcnn_pnet"], {"file": preamble + b"F" + b"x" * 40_000 + b"\n."})
    assert len(str(caught.value)) < 1000
