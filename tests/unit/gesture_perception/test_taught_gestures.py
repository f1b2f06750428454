import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gesture_perception.gesture_names import CANNED, GEOMETRIC
from gesture_perception.gesture_records import TaughtGesture
from gesture_perception.hand import NOT_EXAMINED, Gesture, HandLandmarks, Origin, Side
from gesture_perception.taught_gestures import (
    NOTHING_TAUGHT,
    TaughtIndex,
    TaughtMatch,
    built_in_rival,
    threshold,
    with_taught,
)


def a_hand(right=1.0):
    return HandLandmarks(np.zeros((21, 3), np.float32), np.zeros((21, 3), np.float32), 1.0, right)


def pose(seed):
    """Two poses are as good as orthogonal."""
    numbers = np.random.default_rng(seed).normal(size=128)
    return (numbers / np.linalg.norm(numbers)).astype(np.float32)


def like(row, cosine, seed=99):
    """A pose of this cosine to another."""
    aside = pose(seed) - (pose(seed) @ row) * row
    return (cosine * row + math.sqrt(1 - cosine**2) * aside / np.linalg.norm(aside)).astype(np.float32)


def index_of(**gestures):
    """Of poses by name."""
    records = [TaughtGesture(name, Side.UNKNOWN, 0, len(rows)) for name, rows in gestures.items()]
    owners = [name for name, rows in gestures.items() for _ in rows]
    return TaughtIndex(records, owners, np.stack([row for rows in gestures.values() for row in rows]))


def names(index, *rows, right=1.0):
    matches = index.match([a_hand(right)] * len(rows), np.stack(rows))
    return [None if match is None else match.name for match in matches]


def test_a_hand_shows_the_gesture_that_it_is_most_like():
    index = index_of(Three=[pose(3)], Four=[pose(4), like(pose(3), 0.9)])
    assert names(index, pose(3), pose(4), like(pose(3), 0.97, seed=98), pose(5)) == ["Three", "Four", "Three", None]


def test_how_long_a_description_is_does_not_count():
    assert names(index_of(Three=[pose(3)]), 70 * pose(3), 0.1 * pose(3)) == ["Three", "Three"]


@given(st.floats(0.5, 0.9999), st.integers(1, 200))
def test_the_score_grows_from_a_half_at_the_threshold_to_one_at_an_example(cosine, examples):
    index = index_of(Three=[pose(3)] * examples)
    (match,) = index.match([a_hand()], like(pose(3), cosine)[None])
    if abs(cosine - threshold(examples)) < 1e-5:
        return
    assert (match is not None) == (cosine > threshold(examples))
    if match is not None:
        assert match.similarity == pytest.approx(cosine, abs=1e-5)
        rising = (cosine - threshold(examples)) / (1 - threshold(examples))
        assert match.score == pytest.approx(0.5 + rising / 2, abs=1e-4)


@given(st.integers(1, 200))
def test_the_threshold_never_falls_with_more_examples(examples):
    assert 0.88 <= threshold(examples) <= threshold(examples + 1) <= 0.94


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0])
def test_what_is_no_description_is_no_gesture(value):
    index = index_of(Three=[pose(3)])
    assert names(index, np.full(128, value, np.float32), pose(3)) == [None, "Three"]


def test_nothing_taught_is_never_shown():
    assert NOTHING_TAUGHT.match([a_hand(), a_hand()], np.stack([pose(0), pose(1)])) == [None, None]
    assert index_of(Three=[pose(3)]).match([], np.empty((0, 128), np.float32)) == []


def test_a_gesture_of_one_side_is_shown_by_hands_of_that_side_only():
    records = [TaughtGesture("Left", Side.LEFT, 0, 1), TaughtGesture("Both", Side.UNKNOWN, 0, 1)]
    index = TaughtIndex(records, ["Left", "Both"], np.stack([pose(3), like(pose(3), 0.95)]))
    assert names(index, pose(3), right=0.1) == ["Left"]
    assert names(index, pose(3), right=0.9) == ["Both"]


NETWORK = Gesture("Open_Palm", 0.8, Origin.NETWORK, 5)
MATCH = TaughtMatch("Three", 0.7, 0.95)


def test_a_taught_gesture_takes_the_place_of_none_and_keeps_the_fingers():
    assert with_taught(Gesture("None", 0.9, Origin.NOTHING, 3), MATCH) == Gesture("Three", 0.7, Origin.TAUGHT, 3)


@pytest.mark.parametrize("label", GEOMETRIC)
def test_a_taught_gesture_counts_more_than_what_geometry_alone_tells(label):
    assert with_taught(Gesture(label, 0.9, Origin.GEOMETRY, 2), MATCH).label == "Three"


@pytest.mark.parametrize("label", CANNED[1:])
@pytest.mark.parametrize("origin", [Origin.NETWORK, Origin.GEOMETRY])
def test_a_class_of_the_network_is_never_lowered_by_what_was_taught(label, origin):
    gesture = Gesture(label, 0.6, origin)
    assert with_taught(gesture, MATCH) is gesture


def test_a_class_of_the_users_own_network_stands_too():
    gesture = Gesture("Salute", 0.6, Origin.NETWORK)
    assert with_taught(gesture, MATCH) is gesture


def test_without_a_match_all_is_as_it_was():
    assert with_taught(NETWORK, None) is NETWORK and with_taught(NOT_EXAMINED, None) is NOT_EXAMINED


def test_a_set_most_of_which_would_be_another_gesture_has_that_as_its_rival():
    index = index_of(Three=[pose(3)], Four=[pose(4)])
    near, far = like(pose(3), 0.95)[None], pose(7)[None]
    assert index.rival([near, near, far], "Six") == "Three"
    assert index.rival([near, far, far], "Six") is None
    assert NOTHING_TAUGHT.rival([near], "Six") is None
    assert index.rival([], "Six") is None


def test_a_gesture_is_no_rival_of_itself():
    assert index_of(Three=[pose(3)]).rival([pose(3)[None]], "THREE") is None


NOTHING = Gesture("None", 0.9)


@pytest.mark.parametrize(
    ("shown", "rival"),
    [
        ([NETWORK] * 5, "Open_Palm"),
        ([NETWORK, NOTHING], "Open_Palm"),
        ([NETWORK, NOTHING, NOTHING], None),
        ([Gesture("Closed_Fist", 0.7, Origin.GEOMETRY)] * 2, "Closed_Fist"),
        ([Gesture("OK", 0.9, Origin.GEOMETRY)] * 2, None),
        ([NOT_EXAMINED], None),
        ([], None),
    ],
)
def test_a_set_that_is_mostly_read_as_a_class_of_the_network_has_it_as_its_rival(shown, rival):
    assert built_in_rival(shown) == rival
