from dataclasses import replace

import pytest

from gesture_perception.hand import NOT_EXAMINED, Gesture, Origin, Side
from gesture_perception.hand_words import finger_words, gesture_words, shown_words, side_words

from .seen_hands import seen_hand

NONE = Gesture("None", 0.9, fingers=3)
WAVE = Gesture("Wave", 0.8, Origin.MOTION)


def test_a_gesture_is_said_as_people_say_it():
    assert gesture_words(Gesture("Thumb_Up", 0.9, Origin.NETWORK)) == "Thumb Up"
    assert gesture_words(NONE) == gesture_words(NOT_EXAMINED) == ""


def test_pose_and_movement_are_said_together():
    waving = replace(seen_hand(), motion=WAVE)
    assert shown_words(waving) == "Victory, Wave"
    assert shown_words(replace(waving, gesture=NONE)) == "Wave"
    assert shown_words(replace(waving, gesture=NONE, motion=NOT_EXAMINED)) == ""


@pytest.mark.parametrize(("side", "words"), [(Side.LEFT, "left"), (Side.RIGHT, "right"), (Side.UNKNOWN, "")])
def test_an_unknown_side_is_not_said(side, words):
    assert side_words(side) == words


@pytest.mark.parametrize(("fingers", "words"), [(-1, ""), (0, "0 fingers"), (1, "1 finger"), (5, "5 fingers")])
def test_fingers_are_counted(fingers, words):
    assert finger_words(Gesture("None", 0.9, fingers=fingers)) == words
