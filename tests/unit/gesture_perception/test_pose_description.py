import math
from contextlib import closing
from dataclasses import replace

import cv2
import numpy as np
import pytest

from gesture_perception.gesture_network import GestureEmbedder
from gesture_perception.gesture_records import POSES
from gesture_perception.hand_network import HandNetwork
from gesture_perception.hand_region import region_of_palm
from gesture_perception.palms import PalmDetector
from gesture_perception.pose_description import TURNS_DEG, described, pose_space, unit_rows
from perception_core.engines.engine import open_engine
from perception_core.zoo.manifest import load_models

FIST, POINTING = "hand_fist", "hand_pointing_up"


@pytest.fixture(scope="module")
def embed(weights):
    with closing(open_engine(weights("gesture_embedder"))) as engine:
        yield GestureEmbedder(engine)


@pytest.fixture(scope="module")
def hand_in(weights, picture):
    """The landmarks of the hand in a picture, by the picture's name."""
    palms = PalmDetector(open_engine(weights("palm_detection")))
    network = HandNetwork(open_engine(weights("hand_landmarks")))

    def find(name):
        colour = cv2.imread(str(picture(name)))
        (hand,) = network(colour, [region_of_palm(palms(colour)[0])])
        return hand

    return find


def turned(hand, degrees):
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]], np.float32)
    return replace(hand, points=hand.points @ turn, metric=hand.metric @ turn)


def nearest(hand, example, embed):
    """Cosine of a hand to the nearest description of an example."""
    return float((example @ unit_rows(embed([hand], (480, 640)))[0]).max())


@pytest.mark.parametrize("name", [FIST, POINTING])
def test_an_example_is_described_as_shown_and_turned_each_at_length_one(hand_in, embed, name):
    (example,) = described([hand_in(name)], embed)
    assert example.shape == (POSES, 128)
    assert np.linalg.norm(example, axis=1) == pytest.approx(1, abs=1e-5)
    assert example[0] == pytest.approx(unit_rows(embed([hand_in(name)], (480, 640)))[0], abs=1e-3)


@pytest.mark.parametrize("degrees", [-30, -25, -15, -8, 8, 15, 25, 30])
def test_a_hand_that_is_turned_a_little_is_still_like_its_example(hand_in, embed, degrees):
    hand = hand_in(POINTING)
    (example,) = described([hand], embed)
    assert nearest(turned(hand, degrees), example, embed) > 0.94


def test_a_hand_that_points_down_is_not_like_one_that_points_up(hand_in, embed):
    hand = hand_in(POINTING)
    (example,) = described([hand], embed)
    assert nearest(turned(hand, 180), example, embed) < 0.5


def test_a_left_hand_is_like_the_same_right_hand(hand_in, embed):
    hand = hand_in(POINTING)
    flip = np.array([-1, 1, 1], np.float32)
    mirrored = replace(hand, points=hand.points * flip, metric=hand.metric * flip, right=1 - hand.right)
    (example,) = described([hand], embed)
    assert nearest(mirrored, example, embed) > 0.999


def test_place_and_size_in_the_picture_do_not_count(hand_in, embed):
    hand = hand_in(POINTING)
    far = replace(hand, points=0.3 * hand.points + np.array([400, 20, 0], np.float32))
    (example,) = described([hand], embed)
    assert nearest(far, example, embed) > 0.999


def test_another_pose_is_not_like_it(hand_in, embed):
    (example,) = described([hand_in(POINTING)], embed)
    assert nearest(hand_in(FIST), example, embed) < 0.8


def test_a_hand_whose_points_are_no_numbers_has_no_description(hand_in, embed):
    hand = hand_in(FIST)
    lost = replace(hand, points=np.full_like(hand.points, np.nan))
    assert len(described([lost, hand], embed)) == 1
    assert described([lost], embed) == described([], embed) == []


def test_the_first_description_is_not_turned():
    assert TURNS_DEG[0] == 0 and len(TURNS_DEG) == POSES


def test_the_space_is_that_of_the_weights():
    models = load_models()
    space = pose_space(models["gesture_embedder"])
    assert (space.model, space.dimension) == ("gesture_embedder", 128)
    assert space == pose_space(load_models()["gesture_embedder"])
    assert space.digest != pose_space(models["hand_landmarks"]).digest
