from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gesture_perception.gesture_names import CANNED
from gesture_perception.gesture_network import EMBEDDING, GestureClassifier, GestureEmbedder, in_longer_sides
from perception_core.engines.engine import EngineError, open_engine

from .bone_hands import NAMES, bones, hand, turn

SIZE = (640, 480)
TAKEN = {"hand": ("N", 21, 3), "handedness": ("N", 1), "world_hand": ("N", 21, 3)}
HANDS = [hand(bones(NAMES, "out")), hand(bones(())), hand(bones(("index",)), turn(20), left=True)]


@pytest.fixture(scope="module")
def embed(weights):
    return GestureEmbedder(open_engine(weights("gesture_embedder")))


@pytest.fixture(scope="module")
def classify(weights):
    return GestureClassifier(open_engine(weights("gesture_classifier")), CANNED)


def test_hands_that_are_held_up_are_named(embed, classify):
    scores = classify(embed(HANDS, SIZE))
    assert [CANNED[k] for k in scores.argmax(axis=1)] == ["Open_Palm", "Closed_Fist", "Pointing_Up"]
    assert scores.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-4)


@given(x=st.floats(-500, 1500), y=st.floats(-500, 1500), scale=st.floats(100, 6000))
@settings(max_examples=20)
def test_where_a_hand_is_and_how_large_does_not_count(embed, x, y, scale):
    elsewhere = hand(bones(("index", "middle")), scale=scale, at=(x, y))
    here = hand(bones(("index", "middle")))
    assert embed([elsewhere], SIZE) == pytest.approx(embed([here], SIZE), abs=0.05)


@pytest.mark.parametrize("size", [(640, 480), (480, 640), (1920, 400)])
def test_a_picture_that_is_not_square_does_not_squeeze_the_hand(embed, size):
    assert embed(HANDS, size) == pytest.approx(embed(HANDS, (640, 640)), abs=0.01)


def test_the_pictures_centre_is_in_the_middle():
    points = np.zeros((21, 3), np.float32)
    points[0, :2], points[1, :2] = (320, 240), (640, 480)
    (there,) = in_longer_sides([replace(HANDS[0], points=points)], SIZE)
    assert there[0] == pytest.approx([0.5, 0.5, 0])
    assert there[1] == pytest.approx([1.0, 0.875, 0])


def test_several_hands_at_once_are_as_each_alone(embed, classify):
    together = embed(HANDS, SIZE)
    alone = np.concatenate([embed([each], SIZE) for each in HANDS])
    assert together == pytest.approx(alone, abs=1e-4)
    assert classify(together) == pytest.approx(np.concatenate([classify(row[None]) for row in together]), abs=1e-5)


@pytest.mark.parametrize("broken", ["points", "metric", "right"])
def test_a_hand_that_is_not_finite_has_no_numbers_and_harms_no_other(embed, classify, broken):
    worth = np.nan if broken == "right" else np.full((21, 3), np.inf, np.float32)
    embeddings = embed([replace(HANDS[0], **{broken: worth}), HANDS[1]], SIZE)
    assert np.isnan(embeddings[0]).all()
    scores = classify(embeddings)
    assert np.isnan(scores[0]).all()
    assert scores[1] == pytest.approx(classify(embed([HANDS[1]], SIZE))[0], abs=1e-5)


def test_no_hands_need_no_network(made_up):
    def never(feeds):
        raise AssertionError("it was run")

    inputs = {name: (None, *shape[1:]) for name, shape in TAKEN.items()}
    embed = GestureEmbedder(made_up(inputs, {"embedding": (None, 128)}, never))
    classify = GestureClassifier(made_up({"x": (None, 128)}, {"scores": (None, 2)}, never), ["a", "b"])
    assert embed([], SIZE).shape == (0, EMBEDDING)
    assert classify(np.empty((0, EMBEDDING), np.float32)).shape == (0, 2)


def test_a_network_of_one_hand_takes_them_in_turn(made_up):
    runs = []

    def answer(feeds):
        runs.append(len(feeds["hand"]))
        return {"embedding": np.full((1, 128), len(runs), np.float32)}

    inputs = {name: (1, *shape[1:]) for name, shape in TAKEN.items()}
    embeddings = GestureEmbedder(made_up(inputs, {"embedding": (1, 128)}, answer))(HANDS, SIZE)
    assert runs == [1, 1, 1]
    assert embeddings[:, 0].tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [
        ({**TAKEN, "hand": ("N", 20, 3)}, {"embedding": (None, 128)}),
        ({"hand": ("N", 21, 3)}, {"embedding": (None, 128)}),
        (TAKEN, {"embedding": (None, 64)}),
        (TAKEN, {"other": (None, 128)}),
    ],
)
def test_another_network_is_no_embedder(made_up, inputs, outputs):
    with pytest.raises(EngineError, match="gesture embedder has to take"):
        GestureEmbedder(made_up(inputs, outputs, None))


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [
        ({"x": (None, 64)}, {"scores": (None, 2)}),
        ({"x": (None, 128)}, {"scores": (None, 3)}),
        ({"x": (None, 128), "z": (None, 1)}, {"scores": (None, 2)}),
        ({"x": (None, 128)}, {"other": (None, 2)}),
    ],
)
def test_another_network_is_no_classifier(made_up, inputs, outputs):
    with pytest.raises(EngineError, match="gesture classifier has to take"):
        GestureClassifier(made_up(inputs, outputs, None), ["a", "b"])


def test_a_label_twice_is_refused(made_up):
    with pytest.raises(EngineError, match="not all different"):
        GestureClassifier(made_up({"x": (None, 128)}, {"scores": (None, 2)}, None), ["a", "a"])
