import hashlib

import cv2
import numpy as np
import onnx
import pytest
from ai_edge_litert.interpreter import Interpreter

from perception_core.zoo import store
from perception_core.zoo.archives import download
from perception_core.zoo.errors import ConversionError
from perception_core.zoo.manifest import load_models
from perception_core.zoo.members import extract, verify
from perception_core.zoo.spec import ArchiveSource
from perception_core.zoo.tflite import import_tflite
from perception_core.zoo.tflite_importer import Importer
from perception_core.zoo.tflite_operators import translate
from perception_core.zoo.tflite_reader import Operator, read

NETWORKS = [name for name, spec in load_models().items() if spec.conversion == "tflite"]


@pytest.fixture(scope="session")
def published(tmp_path_factory):
    """The TFLite file of a model as it was published; archives are fetched once for all tests."""
    folder = tmp_path_factory.mktemp("archives")

    def find(name):
        wanted = load_models()[name].download
        source = wanted.sources[0]
        assert isinstance(source, ArchiveSource)
        data = download(source.archive, folder, lambda _: None).read_bytes()
        content = extract(data, source.members["file"], source.archive.title)
        verify(content, wanted.parts["file"], name)
        return content

    return find


def inputs_of(name):
    return [(value.name, value.shape) for value in load_models()[name].inputs]


def outputs_of(name):
    return [(value.name, value.shape) for value in load_models()[name].outputs]


def feeds_for(name, batch, seed):
    """Numbers in the range of the real ones: pixels 0 to 1, image coordinates for the blendshapes."""
    rng = np.random.default_rng(seed)
    scale = 300 if name == "face_blendshapes" else 1
    return {
        value: scale * rng.random([batch if size == "N" else size for size in shape], np.float32)
        for value, shape in inputs_of(name)
    }


def by_litert(data, feeds):
    """What the original runtime computes, outputs in the file's order."""
    interpreter = Interpreter(model_content=data)
    interpreter.allocate_tensors()
    for detail, value in zip(interpreter.get_input_details(), feeds.values(), strict=True):
        interpreter.set_tensor(detail["index"], value.transpose(0, 2, 3, 1) if value.ndim == 4 else value)
    interpreter.invoke()
    return [interpreter.get_tensor(detail["index"]) for detail in interpreter.get_output_details()]


@pytest.mark.parametrize("name", NETWORKS)
def test_the_imported_network_agrees_with_the_original_runtime(run, published, weights_original, name):
    for seed in (0, 1):
        feeds = feeds_for(name, 1, seed)
        for expected, found in zip(by_litert(published(name), feeds), run(weights_original(name), feeds), strict=True):
            # At most 5e-4 pixels for landmarks on a scale of 200; scores and embeddings are smaller numbers.
            tolerance = float(np.clip(1e-4 * np.abs(expected).max(), 5e-5, 5e-4))
            np.testing.assert_allclose(found.ravel(), expected.ravel(), rtol=0, atol=tolerance)


@pytest.mark.parametrize("name", [name for name in NETWORKS if inputs_of(name)[0][1][0] == "N"])
def test_a_batch_gives_what_its_pictures_give_one_by_one(run, weights, name):
    feeds = feeds_for(name, 2, 3)
    together = run(weights(name), feeds)
    for index in range(2):
        alone = run(weights(name), {value: numbers[index : index + 1] for value, numbers in feeds.items()})
        for batch, single in zip(together, alone, strict=True):
            np.testing.assert_allclose(batch[index], single[0], rtol=1e-4, atol=1e-4 * np.abs(single).max())


def test_the_face_mesh_of_a_face_looks_like_a_face(run, weights, picture):
    astronaut = cv2.imread(str(picture("astronaut")))
    crop = cv2.resize(astronaut[20:215, 125:320], (256, 256))
    image = cv2.dnn.blobFromImage(crop, 1 / 255, swapRB=True)
    landmarks, presence, _ = run(weights("face_landmarks"), {"image": image})
    eyes_y = landmarks[0, [33, 263], 1].mean()
    mouth_y = landmarks[0, [61, 291], 1].mean()
    assert presence[0, 0] > 5
    assert 60 < eyes_y < mouth_y - 30 < 220
    nothing = run(weights("face_landmarks"), {"image": np.full_like(image, 0.5)})
    assert nothing[1][0, 0] < 0


@pytest.mark.parametrize("name", ["palm_detection", "gesture_embedder"])
def test_the_same_file_becomes_the_same_bytes(published, name):
    data = published(name)
    digests = {
        hashlib.sha256(import_tflite(data, name, inputs_of(name), outputs_of(name)).SerializeToString()).hexdigest()
        for _ in range(2)
    }
    assert len(digests) == 1


def test_an_image_may_stay_channels_last(run, published, weights_original):
    feeds = feeds_for("palm_detection", 1, 0)
    last = import_tflite(
        published("palm_detection"), "palms", [("image", ("N", 192, 192, 3))], outputs_of("palm_detection")
    )
    expected = run(weights_original("palm_detection"), feeds)
    found = run(last, {"image": feeds["image"].transpose(0, 2, 3, 1)})
    for first, second in zip(expected, found, strict=True):
        np.testing.assert_allclose(second, first, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("kept", [0, 6, 100, 0.5, 0.999])
def test_a_file_that_is_cut_short_is_refused(published, kept):
    data = published("gesture_classifier")
    cut = data[: int(len(data) * kept) if isinstance(kept, float) else kept]
    with pytest.raises(ConversionError):
        import_tflite(cut, "cut", inputs_of("gesture_classifier"), outputs_of("gesture_classifier"))


def test_what_is_no_tflite_is_said(published):
    with pytest.raises(ConversionError, match="not a TFLite file"):
        import_tflite(onnx.ModelProto().SerializeToString() + b"x" * 20, "no", [], [])


def test_an_operator_that_is_not_supported_is_named(published):
    network = read(published("gesture_classifier"))
    unknown = Operator("HASHTABLE_LOOKUP", network.operators[0].inputs, network.operators[0].outputs, None)
    with pytest.raises(ConversionError, match="HASHTABLE_LOOKUP is not supported"):
        translate(Importer(network), unknown)


@pytest.mark.parametrize(
    ("inputs", "outputs", "told"),
    [
        ([("x", ("N", 64))], [("y", ("N", 8))], r"\(1, 128\)"),
        ([("x", ("N", 128))], [("y", ("N", 9))], r"cannot become \('N', 9\)"),
        ([("x", ("N", 128)), ("z", (1,))], [("y", ("N", 8))], "1 inputs, the manifest lists 2"),
    ],
)
def test_shapes_that_the_file_does_not_have_are_refused(published, inputs, outputs, told):
    with pytest.raises(ConversionError, match=told):
        import_tflite(published("gesture_classifier"), "classifier", inputs, outputs)


def test_the_original_is_kept_where_a_graph_was_rewritten(weights, weights_original):
    assert weights("palm_detection") != weights_original("palm_detection")
    assert weights("hand_landmarks") == weights_original("hand_landmarks")
    assert store.model_path("palm_detection").name == "palm_detection.onnx"
