import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from perception_core.zoo.archives import download
from perception_core.zoo.errors import ConversionError
from perception_core.zoo.manifest import load_models
from perception_core.zoo.members import extract
from perception_core.zoo.spec import ArchiveSource
from perception_core.zoo.symbolic import with_shapes

CELLS = (8, 16, 32)


@pytest.fixture(scope="session")
def published_yunet(tmp_path_factory):
    """YuNet as it was published: for pictures of 640x640 only."""
    source = load_models()["yunet"].download.sources[0]
    assert isinstance(source, ArchiveSource)
    data = download(source.archive, tmp_path_factory.mktemp("archives"), lambda _: None).read_bytes()
    return onnx.ModelProto.FromString(extract(data, source.members["file"], "yunet"))


def picture_of(picture, width, height):
    return cv2.dnn.blobFromImage(cv2.imread(str(picture("six_faces"))), size=(width, height))


def test_yunet_of_any_size_is_yunet(run, weights, published_yunet, picture):
    image = picture_of(picture, 640, 640)
    expected, found = run(published_yunet, {"input": image}), run(weights("yunet"), {"input": image})
    for first, second in zip(expected, found, strict=True):
        np.testing.assert_array_equal(second, first)


@pytest.mark.parametrize(("width", "height"), [(320, 256), (640, 480), (32, 32), (1280, 736)])
def test_yunet_sees_a_cell_for_every_few_pixels(run, weights, picture, width, height):
    outputs = run(weights("yunet"), {"input": picture_of(picture, width, height)})
    for output, cell in zip(outputs, CELLS * 4, strict=True):
        assert output.shape[1] == (width // cell) * (height // cell)


@pytest.mark.parametrize("size", [(320, 256), (640, 480)])
def test_yunet_of_any_size_scores_faces_as_opencv_does(run, weights, picture, size):
    image = cv2.resize(cv2.imread(str(picture("six_faces"))), size)
    _, faces = cv2.FaceDetectorYN.create(str(weights("yunet")), "", size, 0.8, 0.3).detect(image)
    outputs = run(weights("yunet"), {"input": cv2.dnn.blobFromImage(image)})
    scores = np.concatenate([np.sqrt(outputs[k] * outputs[k + 3]).ravel() for k in range(3)])
    assert scores.max() == pytest.approx(faces[:, -1].max(), abs=1e-3)
    # Of the cells of a face OpenCV keeps the best one: its score must be among ours.
    for score in faces[:, -1]:
        assert np.abs(scores - score).min() < 1e-3


@pytest.mark.parametrize("name", ["yunet", "face_identity", "face_expression", "centerface", "mtcnn_onet"])
def test_a_batch_gives_what_its_pictures_give_one_by_one(run, weights, name):
    rng = np.random.default_rng(0)
    (value,) = load_models()[name].inputs
    batch = rng.random([{"N": 3, "H": 64, "W": 96}.get(size, size) for size in value.shape]).astype(np.float32) * 100
    together = run(weights(name), {value.name: batch})
    for index in range(3):
        alone = run(weights(name), {value.name: batch[index : index + 1]})
        for whole, single in zip(together, alone, strict=True):
            np.testing.assert_allclose(whole[index], single[0], rtol=1e-3, atol=1e-4 * np.abs(single).max())


def flattening(shape=(1, 2, 4, 4)):
    """A graph of an old exporter: fixed sizes, and its constant listed among the inputs."""
    graph = helper.make_graph(
        [helper.make_node("Reshape", ["x", "to"], ["y"])],
        "flat",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, shape),
            helper.make_tensor_value_info("to", TensorProto.INT64, [3]),
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 2, 16])],
        [numpy_helper.from_array(np.array([1, 2, -1]), "to")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=6)


def test_constants_are_no_inputs_any_more():
    opened = with_shapes(flattening(), [("x", ("N", 2, "H", "W"))], [("y", ("N", 2, "pixels"))])
    assert [value.name for value in opened.graph.input] == ["x"]


def test_the_published_graph_stays_as_it_is():
    model = flattening()
    before = model.SerializeToString()
    with_shapes(model, [("x", ("N", 2, "H", "W"))], [("y", ("N", 2, "pixels"))])
    assert model.SerializeToString() == before


@pytest.mark.parametrize(
    ("inputs", "outputs", "told"),
    [
        ([("z", ("N", 2, "H", "W"))], [("y", ("N", 2, "P"))], r"\['x'\].*\['z'\]"),
        ([("x", ("N", 3, "H", "W"))], [("y", ("N", 2, "P"))], r"x of flat has shape \[1, 2, 4, 4\]"),
        ([("x", ("N", 2, "H"))], [("y", ("N", 2, "P"))], r"x of flat has shape \[1, 2, 4, 4\]"),
        ([("x", ("N", 2, "H", "W"))], [("y", ("N", 2, 17))], r"y of flat has shape \[1, 2, 16\]"),
    ],
)
def test_a_graph_with_other_inputs_or_outputs_is_refused(inputs, outputs, told):
    with pytest.raises(ConversionError, match=told):
        with_shapes(flattening(), inputs, outputs)
