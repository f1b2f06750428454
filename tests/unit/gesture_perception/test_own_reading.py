"""A classifier of the user's beside geometry, on a real hand that shows victory."""

from contextlib import closing

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from gesture_perception.assembly import open_hand_pipeline
from gesture_perception.gesture_names import CANNED
from gesture_perception.gesture_network import GestureEmbedder
from gesture_perception.hand import Origin
from gesture_perception.hand_network import HandNetwork
from gesture_perception.hand_region import region_of_palm
from gesture_perception.own_reading import OwnReader
from gesture_perception.palms import PalmDetector
from gesture_perception.parameters import GestureParameters
from perception_core.engines.engine import EngineError, open_engine
from perception_core.sources.video import VideoSource
from perception_core.stages import StageTimes

ENTRY = """
models:
  {name}:
    task: gestures
    description: My own.
    licence: {{spdx: LicenseRef-mine}}
    sources: [{{file: mine.onnx}}]
    conversion: onnx
    decoder: class_logits
    inputs: [{{name: x, shape: [N, 128], meaning: numbers}}]
    outputs: [{{name: y, shape: [N, {classes}], meaning: scores}}]
    labels: [{labels}]
"""


class Fixed:
    """Always says the same."""

    def __init__(self, labels, scores):
        self.labels, self._scores = labels, scores

    def __call__(self, colour, hands, embeddings):
        assert colour.ndim == 3 and embeddings.shape == (len(hands), 128)
        return np.tile(self._scores, (len(hands), 1))


@pytest.fixture(scope="module")
def frame(picture):
    source = VideoSource(picture("hands_clip"))
    frames = list(source.frames())
    source.close()
    return frames[8]


@pytest.fixture(scope="module")
def hand(weights, frame):
    palms, points = (open_engine(weights(name)) for name in ("palm_detection", "hand_landmarks"))
    (palm,) = PalmDetector(palms)(frame.colour)
    return HandNetwork(points)(frame.colour, [region_of_palm(palm)])[0]


@pytest.fixture
def read(weights, frame, hand):
    embed = GestureEmbedder(open_engine(weights("gesture_embedder")))

    def reading(labels, scores):
        (one,) = OwnReader(embed, Fixed(labels, scores))(frame.colour, [hand])
        return one

    return reading


def test_the_network_names_the_pose_and_geometry_counts_the_fingers(read):
    found = read(("scissors", "None"), [0.8, 0.2])
    assert (found.gesture.label, found.gesture.score, found.gesture.origin) == ("scissors", 0.8, Origin.NETWORK)
    assert found.gesture.fingers == 2 and np.isfinite(found.embedding).all()


def test_a_class_that_is_less_probable_than_all_others_together_is_none(read):
    gesture = read(("a", "b", "c"), [0.4, 0.3, 0.3]).gesture
    assert (gesture.label, gesture.shown) == ("None", False)


def test_none_is_as_sure_as_the_network_is_of_it(read):
    gesture = read(("scissors", "None"), [0.1, 0.9]).gesture
    assert (gesture.label, gesture.score) == ("None", 0.9)


def test_a_hand_that_the_network_cannot_read_is_not_examined(read):
    assert read(("scissors", "None"), [np.nan, np.nan]).gesture.label == ""


def test_without_hands_nothing_is_read(weights, frame):
    embed = GestureEmbedder(open_engine(weights("gesture_embedder")))
    assert OwnReader(embed, Fixed(("a", "b"), [1, 0]))(frame.colour, []) == []


@pytest.fixture
def joined(weights, tmp_path, monkeypatch):
    """A pipeline with a network of the user's, which says the same of every hand."""
    for name in ("palm_detection", "hand_landmarks", "hand_landmarks_light", "gesture_embedder"):
        weights(name)

    def opened(name, labels, said):
        network(tmp_path / "mine.onnx", said)
        (tmp_path / "models.yaml").write_text(ENTRY.format(name=name, labels=", ".join(labels), classes=len(labels)))
        monkeypatch.setenv("PERCEPTION_MODELS_FILE", str(tmp_path / "models.yaml"))
        weights(name)
        return closing(open_hand_pipeline(GestureParameters(gesture_classifier=name), print, taught=False))

    return opened


def network(path, said):
    graph = helper.make_graph(
        [helper.make_node("Gemm", ["x", "w", "b"], ["y"])],
        "mine",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 128])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", len(said)])],
        [
            numpy_helper.from_array(np.zeros((128, len(said)), np.float32), "w"),
            numpy_helper.from_array(np.array(said, np.float32), "b"),
        ],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)


def test_a_network_joins_by_its_entry_and_no_code(joined, frame):
    with joined("scissors_or_not", ["scissors", "None"], [3, 0]) as assembly:
        (found,) = assembly.pipeline(frame, StageTimes()).hands
    assert (found.gesture.label, found.gesture.origin) == ("scissors", Origin.NETWORK)
    assert found.gesture.score == pytest.approx(1 / (1 + np.exp(-3)), abs=1e-3)


def test_a_network_with_our_labels_is_read_as_its_entry_says(joined, frame):
    with joined("like_ours", CANNED, [0, 0, 0, 0.9, 0, 0, 0, 0]) as assembly:
        (found,) = assembly.pipeline(frame, StageTimes()).hands
    assert found.gesture.label == "None"  # of eight logits, 0.9 is a probability of a quarter


def test_a_network_that_gives_no_numbers_is_refused_at_once(joined):
    with pytest.raises(EngineError, match="broken cannot read gestures"), joined("broken", ["a", "b"], [np.nan, 0]):
        pass
