from contextlib import closing

import pytest

from gesture_perception.assembly import network_count, open_hand_pipeline
from gesture_perception.parameters import GestureParameters

NO_READING = {"light_hand_model": "", "gesture_embedder": "", "gesture_classifier": ""}


@pytest.mark.parametrize("wanted", [{}, NO_READING], ids=["all", "hands and palms"])
def test_as_many_networks_are_counted_as_are_loaded(weights, wanted):
    for name in ("palm_detection", "hand_landmarks", "hand_landmarks_light", "gesture_embedder", "gesture_classifier"):
        weights(name)
    parameters = GestureParameters(**wanted)
    with closing(open_hand_pipeline(parameters, print, taught=False)) as assembly:
        assert network_count(parameters) == len(assembly.engines)
