from dataclasses import replace

import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from face_perception.detection import FaceDetector
from face_perception.expression_crop import FaceView
from face_perception.expression_labels import AFFECTNET8, FER7
from face_perception.expression_network import ExpressionNetwork, ExpressionReader
from perception_core.engines.engine import EngineError, open_engine
from perception_core.geometry import Box
from perception_core.zoo.manifest import load_models
from perception_core.zoo.spec import FaceCrop

SQUARE = FaceCrop("square", 1.0, grey=False)
GREY = FaceCrop("square", 1.0, grey=True)
NAMES = ("face_expression", "face_expression_densenet")


def opened(weights, name):
    return ExpressionNetwork(open_engine(weights(name)), load_models()[name])


@pytest.fixture(scope="module")
def network(weights):
    return opened(weights, "face_expression")


@pytest.fixture(scope="module")
def densenet(weights):
    return opened(weights, "face_expression_densenet")


@pytest.fixture(scope="module")
def faces(weights, picture):
    """Pictures of one face each and where it is."""
    detector = FaceDetector(open_engine(weights("yunet")))

    def find(name):
        colour = cv2.imread(str(picture(name)))
        best = max(detector(colour), key=lambda face: face.box.area)
        return colour, FaceView(best.box, best.keypoints)

    return find


def best(scores):
    return FER7.classes[int(scores.argmax())]


@pytest.mark.parametrize(
    ("name", "shown"), [("happy_face", "happy"), ("surprised_face", "surprised"), ("obama", "happy")]
)
def test_clear_faces_are_read(network, faces, name, shown):
    colour, view = faces(name)
    (scores,) = ExpressionReader([network])(colour, [view])
    assert best(scores) == shown
    assert scores.max() > 0.9


def test_the_second_opinion_knows_a_smile_too(densenet, faces):
    colour, view = faces("happy_face")
    assert best(ExpressionReader([densenet])(colour, [view])[0]) == "happy"


@pytest.mark.parametrize("mirrored", [False, True])
def test_several_faces_in_one_call_are_read_like_one_by_one(network, densenet, weights, picture, mirrored):
    colour = cv2.imread(str(picture("six_faces")))
    views = [FaceView(face.box, face.keypoints) for face in FaceDetector(open_engine(weights("yunet")))(colour)]
    reader = ExpressionReader([network, densenet], mirrored=mirrored)
    together = reader(colour, views)
    assert together.shape == (6, 7)
    np.testing.assert_allclose(together.sum(axis=1), 1)
    for view, scores in zip(views, together, strict=True):
        np.testing.assert_allclose(reader(colour, [view])[0], scores, atol=1e-4)


def test_the_mean_of_two_networks_is_their_mean(network, densenet, faces):
    colour, view = faces("angry_face")
    single = [ExpressionReader([each])(colour, [view]) for each in (network, densenet)]
    both = ExpressionReader([network, densenet])(colour, [view])
    np.testing.assert_allclose(both, (single[0] + single[1]) / 2)


def test_with_the_mirrored_crop_a_face_and_its_mirror_image_are_the_same(network, faces):
    colour, view = faces("disgusted_face")
    width = colour.shape[1]
    box = view.box
    other = FaceView(Box(width - 1 - box.right, box.y, box.width, box.height))
    turned = np.ascontiguousarray(colour[:, ::-1])
    reader = ExpressionReader([network], mirrored=True)
    np.testing.assert_allclose(reader(colour, [view]), reader(turned, [other]), atol=0.02)
    plain = ExpressionReader([network])
    assert np.abs(plain(colour, [view]) - plain(turned, [other])).max() > 0.02


def test_a_face_that_cannot_be_cut_out_has_no_scores_and_disturbs_no_other(network, faces):
    colour, view = faces("happy_face")
    views = [FaceView(Box(-900, 0, 80, 80)), view, FaceView(Box(0, 0, float("nan"), 80)), FaceView(Box(5, 5, 0, 0))]
    scores = ExpressionReader([network], mirrored=True)(colour, views)
    assert np.isnan(scores[[0, 2, 3]]).all()
    assert best(scores[1]) == "happy"


def test_no_face_costs_nothing_and_gives_nothing(network):
    assert ExpressionReader([network])(np.zeros((48, 64, 3), np.uint8), []).shape == (0, 7)


@pytest.fixture
def own(tmp_path):
    """An engine whose scores are fixed numbers, whatever it sees, and an entry that fits."""

    def make(scores, entry=None, batch="N", size=8, channels=3, **changed):
        classes = len(scores)
        nodes = [
            helper.make_node("GlobalAveragePool", ["image"], ["mean"]),
            helper.make_node("Flatten", ["mean"], ["flat"]),
            helper.make_node("MatMul", ["flat", "zeros"], ["none"]),
            helper.make_node("Add", ["none", "fixed"], ["scores"]),
        ]
        graph = helper.make_graph(
            nodes,
            "fixed",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, [batch, channels, size, size])],
            [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [batch, classes])],
            [
                numpy_helper.from_array(np.zeros((channels, classes), np.float32), "zeros"),
                numpy_helper.from_array(np.array(scores, np.float32), "fixed"),
            ],
        )
        path = tmp_path / "fixed.onnx"
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)
        spec = replace(load_models()["face_expression"], **({"labels": AFFECTNET8.classes[:classes]} | changed))
        return ExpressionNetwork(open_engine(path), spec)

    return make


def crops(count=1, size=8):
    return [np.zeros((size, size, 3), np.uint8)] * count


def test_logits_become_probabilities_in_the_sets_order(own):
    network = own([0.0, 1.0, 2.0], labels=("c", "a", "b"), decoder="class_logits")
    np.testing.assert_allclose(network(crops())[0], np.exp([0, 1, 2]) / np.exp([0, 1, 2]).sum(), rtol=1e-6)
    fer = own([0, 0, 0, 9, 0, 0, 0], labels=("anger", "disgust", "fear", "joy", "sadness", "surprise", "neutral"),
              decoder="class_logits")  # fmt: skip
    assert best(fer(crops())[0]) == "happy"


def test_a_network_of_one_face_at_a_time_takes_several_in_turn(own):
    network = own([0.25, 0.75], batch=1, labels=("a", "b"))
    np.testing.assert_allclose(network(crops(3)), [[0.25, 0.75]] * 3, atol=1e-6)


def test_eight_classes_are_affectnet(own):
    network = own([9.0] + [0.0] * 7, decoder="class_logits")
    assert network.label_set is AFFECTNET8
    assert network(crops())[0, 0] > 0.99


@pytest.mark.parametrize("scores", [[3.0, -1.0], [0.2, 0.2], [-0.5, 1.5]])
def test_logits_that_are_called_probabilities_are_found_out(own, scores):
    with pytest.raises(EngineError, match="class_logits"):
        own(scores, labels=("a", "b"))(crops())


@pytest.mark.parametrize("decoder", ["class_logits", "class_scores"])
def test_numbers_that_are_not_finite_give_no_scores(own, decoder):
    assert np.isnan(own([np.nan, 1.0], labels=("a", "b"), decoder=decoder)(crops())).all()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"decoder": "embedding"}, "cannot read expressions"),
        ({"outputs": ()}, "one output"),
        ({"labels": ("a", "b", "c")}, "3 labels, so the output scores has to be Nx3"),
        ({"labels": ()}, r"0 labels|two or more"),
        ({"labels": ("happy", "joy")}, "mean the same"),
        ({"size": 8, "channels": 1}, "3 channels"),
    ],
)
def test_an_entry_that_does_not_fit_is_refused(own, changed, told):
    with pytest.raises(EngineError, match=told):
        own([0.5, 0.5], **({"labels": ("a", "b")} | changed))


def test_an_entry_without_a_crop_is_refused_with_what_to_add(own):
    spec = load_models()["face_expression"]
    image = replace(spec.inputs[0].image, face_crop=None)
    with pytest.raises(EngineError, match=r"face_crop: \{kind: square"):
        own([0.5, 0.5], labels=("a", "b"), inputs=(replace(spec.inputs[0], image=image),))


@pytest.mark.parametrize("name", ["yunet", "face_identity", "gesture_classifier"])
def test_a_network_of_another_kind_is_refused(weights, name):
    with pytest.raises(EngineError, match=f"{name} cannot read expressions"):
        opened(weights, name)


def test_networks_with_different_classes_are_not_averaged(own, network):
    with pytest.raises(EngineError, match=r"AFFECTNET8.*FER7"):
        ExpressionReader([network, own([0.0] * 8, decoder="class_logits")])
    with pytest.raises(EngineError, match="averaged"):
        ExpressionReader([])


@pytest.mark.parametrize("name", NAMES)
def test_every_expression_network_of_ours_says_its_crop(weights, name):
    network = opened(weights, name)
    assert network.label_set is FER7
    assert network.crop == load_models()[name].inputs[0].image.face_crop
