import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from gesture_perception.gesture_names import CANNED
from gesture_perception.hand import HandLandmarks
from gesture_perception.user_classifier import open_gesture_classifier
from perception_core.engines.engine import EngineError, open_engine
from perception_core.zoo.manifest import load_models, read_models

NUMBERS = "{name: x, shape: [N, 128], meaning: numbers}"
CROP = "hand_crop: {margin: 0.5}"
IMAGE = "{{name: x, shape: [N, 3, 16, 16], image: {{layout: NCHW, colour: RGB, crop: the hand, {crop}}}}}"
ENTRY = """
models:
  mine:
    task: gestures
    description: My own.
    licence: {{spdx: LicenseRef-mine}}
    sources: [{{file: mine.onnx}}]
    conversion: onnx
    decoder: {decoder}
    inputs: [{taken}]
    outputs: [{{name: y, shape: [N, {classes}], meaning: scores}}]
    labels: [{labels}]
    label_map: {{{label_map}}}
"""


def saved(path, nodes, taken, classes, constants, *, batch="N"):
    graph = helper.make_graph(
        nodes,
        "mine",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, *taken])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [batch, classes])],
        [numpy_helper.from_array(np.asarray(value, np.float32), name) for name, value in constants.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)


@pytest.fixture
def own(tmp_path):
    """A network of the user's with the entry that goes with it."""

    def opened(labels, taken=NUMBERS, decoder="class_logits", label_map="", **network):
        text = ENTRY.format(
            decoder=decoder, taken=taken, labels=", ".join(labels), classes=len(labels), label_map=label_map
        )
        (tmp_path / "models.yaml").write_text(text)
        make = first_numbers if taken == NUMBERS else mean_colours
        make(tmp_path / "mine.onnx", len(labels), **network)
        return open_gesture_classifier(
            open_engine(tmp_path / "mine.onnx"), read_models(tmp_path / "models.yaml")["mine"]
        )

    return opened


def first_numbers(path, classes, batch="N", width=128):
    """A network that gives the first numbers of an embedding."""
    saved(
        path,
        [helper.make_node("MatMul", ["x", "first"], ["y"])],
        [width],
        classes,
        {"first": np.eye(width, classes)},
        batch=batch,
    )


def mean_colours(path, classes, batch="N", channels=3):
    """A network that gives the mean of each channel."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["x"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["flat"]),
        helper.make_node("MatMul", ["flat", "some"], ["y"]),
    ]
    saved(path, nodes, [channels, 16, 16], classes, {"some": np.eye(channels, classes)}, batch=batch)


def hand(x=100.0, y=100.0, size=60.0):
    points = np.zeros((21, 3), np.float32)
    points[:, 0] = np.linspace(x - size / 2, x + size / 2, 21)
    points[:, 1] = np.linspace(y - size / 2, y + size / 2, 21)
    return HandLandmarks(points, np.zeros((21, 3), np.float32), 1.0, 1.0)


def black(height=240, width=320):
    return np.zeros((height, width, 3), np.uint8)


def embeddings(*rows):
    found = np.zeros((len(rows), 128), np.float32)
    for row, numbers in zip(found, rows, strict=True):
        row[: len(numbers)] = numbers
    return found


def softmax(*logits):
    shares = np.exp(np.array(logits, float))
    return shares / shares.sum()


@pytest.mark.parametrize("batch", ["N", 1])
def test_a_network_on_the_description_names_the_pose(own, batch):
    classify = own(["fist", "peace", "none"], batch=batch)
    assert classify.labels == ("Closed_Fist", "Victory", "None")
    scores = classify(black(), [hand(), hand()], embeddings([0, 2, 1], [5, 0, 0]))
    np.testing.assert_allclose(scores, [softmax(0, 2, 1), softmax(5, 0, 0)], atol=1e-6)


def test_classes_with_one_name_are_one_class(own):
    classify = own(["rock", "junk", "paper", "rest"], label_map="rock: Closed_Fist, junk: None, rest: null")
    assert classify.labels == ("Closed_Fist", "None", "paper")
    (scores,) = classify(black(), [hand()], embeddings([0, 1, 2, 3]))
    fist, junk, paper, rest = softmax(0, 1, 2, 3)
    np.testing.assert_allclose(scores, [fist, junk + rest, paper], atol=1e-6)


def test_a_network_on_the_picture_sees_the_hand_with_its_margin_and_nothing_else(own):
    """The hand is red, a ring about it green, and blue what lies beyond the margin."""
    classify = own(["Red", "Green", "Blue"], IMAGE.format(crop=CROP), label_map="Red: red, Green: green, Blue: blue")
    picture = black()
    picture[:, :] = (200, 0, 0)
    picture[40:161, 40:161] = (0, 4, 0)
    picture[70:131, 70:131] = (0, 0, 4)
    (scores,) = classify(picture, [hand()], embeddings([]))
    logits = np.log(scores) - np.log(scores[2])
    # The square of 120 pixels holds 60x60 red ones, a quarter, and no blue one.
    np.testing.assert_allclose(logits, [1.0, 3.0, 0.0], atol=0.1)
    assert classify.labels == ("red", "green", "blue")


@pytest.mark.parametrize("batch", ["N", 1])
def test_several_hands_are_read_as_one_by_one(own, batch):
    classify = own(["a", "b", "c"], IMAGE.format(crop=CROP), batch=batch)
    picture = np.random.default_rng(0).integers(0, 8, (240, 320, 3), np.uint8)
    hands = [hand(), hand(200, 150, 90), hand(20, 20, 50)]
    together = classify(picture, hands, embeddings([], [], []))
    single = [classify(picture, [each], embeddings([]))[0] for each in hands]
    np.testing.assert_allclose(together, single, atol=1e-6)


@pytest.mark.parametrize("taken", [NUMBERS, IMAGE.format(crop=CROP)])
def test_a_hand_that_cannot_be_read_has_no_scores_and_disturbs_no_other(own, taken):
    classify = own(["a", "b", "c"], taken)
    numbers = embeddings([np.nan], [1, 0, 0], [np.inf])
    scores = classify(black(), [hand(-500), hand(), hand(np.nan)], numbers)
    assert np.isnan(scores[[0, 2]]).all()
    assert scores[1].sum() == pytest.approx(1)
    assert np.isnan(classify(black(), [hand(-500)], embeddings([np.nan]))).all()


@pytest.mark.parametrize("taken", [NUMBERS, IMAGE.format(crop=CROP)])
def test_no_hand_gives_nothing(own, taken):
    assert own(["a", "b", "c"], taken)(black(), [], embeddings()).shape == (0, 3)


def test_the_suites_own_classifier_is_of_this_kind(weights):
    model = load_models()["gesture_classifier"]
    classify = open_gesture_classifier(open_engine(weights("gesture_classifier")), model)
    assert classify.labels == CANNED
    scores = classify(black(), [hand()] * 3, np.zeros((3, 128), np.float32))
    np.testing.assert_allclose(scores.sum(axis=1), 1)


@pytest.mark.parametrize("decoder", ["class_logits", "class_scores"])
def test_numbers_that_are_not_finite_give_no_scores(own, decoder, tmp_path):
    own(["a", "b"], decoder=decoder)
    saved(
        tmp_path / "mine.onnx",
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        [128],
        2,
        {"w": np.full((128, 2), np.nan)},
    )
    classify = open_gesture_classifier(
        open_engine(tmp_path / "mine.onnx"), read_models(tmp_path / "models.yaml")["mine"]
    )
    assert np.isnan(classify(black(), [hand()], embeddings([1, 1]))).all()


def test_logits_that_are_called_probabilities_are_found_out(own):
    with pytest.raises(EngineError, match="its decoder is class_logits"):
        own(["a", "b"], decoder="class_scores")(black(), [hand()], embeddings([3, -1]))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"labels": ["a"]}, "two labels or more"),
        ({"labels": ["a", "b"], "decoder": "embedding"}, "takes a decoder class_scores or class_logits"),
        ({"labels": ["a", "b"], "width": 64}, "has to be Nx128 numbers"),
        (
            {"labels": ["a", "b"], "taken": IMAGE.format(crop="face_crop: {kind: square}")},
            r"add `hand_crop: \{margin: 0.3",
        ),
        ({"labels": ["a", "b"], "taken": IMAGE.format(crop=CROP), "channels": 1}, "has to have 3 channels"),
    ],
)
def test_an_entry_that_says_too_little_or_does_not_fit_is_refused(own, words, told):
    with pytest.raises(EngineError, match=told):
        own(**words)


def test_as_many_classes_as_labels(own, tmp_path):
    own(["a", "b", "c"])
    first_numbers(tmp_path / "mine.onnx", 2)
    with pytest.raises(EngineError, match="3 labels, so the output y has to be Nx3"):
        open_gesture_classifier(open_engine(tmp_path / "mine.onnx"), read_models(tmp_path / "models.yaml")["mine"])


@pytest.mark.parametrize("name", ["palm_detection", "hand_landmarks", "gesture_embedder", "face_expression"])
def test_a_network_of_another_kind_is_refused(weights, name):
    with pytest.raises(EngineError, match=f"{name} cannot read gestures"):
        open_gesture_classifier(open_engine(weights(name)), load_models()[name])
