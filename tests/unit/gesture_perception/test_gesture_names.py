import pytest

from gesture_perception.gesture_names import CANNED, MOTIONS, POSES, gesture_named
from perception_core.zoo.manifest import load_models


@pytest.mark.parametrize(
    "write", [str, str.lower, str.upper, lambda name: name.replace("_", "-"), lambda name: f" {name} "]
)
def test_our_own_names_are_known_however_they_are_written(write):
    assert [gesture_named(write(name)) for name in POSES + MOTIONS] == list(POSES + MOTIONS)


@pytest.mark.parametrize(
    ("name", "gesture"),
    [
        ("Fist", "Closed_Fist"),
        ("closed-fist", "Closed_Fist"),
        ("stop", "Open_Palm"),
        ("palm", "Open_Palm"),
        ("like", "Thumb_Up"),
        ("thumbs up", "Thumb_Up"),
        ("dislike", "Thumb_Down"),
        ("peace", "Victory"),
        ("one", "Pointing_Up"),
        ("okay", "OK"),
        ("no_gesture", "None"),
        ("come here", "Beckon"),
    ],
)
def test_what_others_call_them_is_understood(name, gesture):
    assert gesture_named(name) == gesture


@pytest.mark.parametrize("name", ["", "7", "rock", "cat", "___", "fist2"])
def test_a_name_that_nobody_knows_is_not_guessed(name):
    assert gesture_named(name) is None


def test_the_canned_classes_are_those_of_the_network():
    assert load_models()["gesture_classifier"].labels == CANNED
