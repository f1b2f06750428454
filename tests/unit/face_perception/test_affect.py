import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_perception.affect import affect
from face_perception.expression_labels import AFFECTNET8, FER7, LabelSet


def of(label, label_set=FER7):
    return affect(label_set.classes, [float(name == label) for name in label_set.classes])


def test_feelings_lie_where_people_put_them():
    assert of("neutral") == (0, 0)
    assert of("happy")[0] > 0.5 > of("surprised")[0] > 0
    assert all(of(label)[0] < -0.5 for label in ("sad", "angry", "fearful", "disgusted"))
    assert of("sad")[1] < 0 < of("disgusted")[1] < of("angry")[1] < of("surprised")[1]


def test_the_same_feeling_is_at_the_same_place_in_both_sets():
    assert of("angry") == of("anger", AFFECTNET8)
    assert of("happy") == of("happiness", AFFECTNET8)
    valence, arousal = of("contempt", AFFECTNET8)
    assert -1 < valence < 0 < arousal < 1


@given(st.lists(st.floats(0, 1), min_size=8, max_size=8).filter(lambda scores: sum(scores) > 1e-3))
def test_both_stay_within_their_range(scores):
    valence, arousal = affect(AFFECTNET8.classes, np.array(scores) / sum(scores))
    assert -1 <= valence <= 1
    assert -1 <= arousal <= 1


@pytest.mark.parametrize(
    ("label_set", "scores"),
    [
        (FER7, [np.nan] * 7),
        (FER7, [np.inf] + [0.0] * 6),
        (LabelSet("mine", ("happy", "pain")), [0.5, 0.5]),
        (LabelSet("none", ()), []),
    ],
)
def test_what_has_no_place_has_no_affect(label_set, scores):
    assert all(map(math.isnan, affect(label_set.classes, scores)))
