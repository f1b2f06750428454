import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_perception.expression_labels import AFFECTNET8, FER7, LabelError, meaning, recognised
from perception_core.zoo.manifest import load_models

FER2013_FOLDERS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


@given(st.permutations(range(8)))
def test_whatever_the_networks_order_scores_are_published_in_the_sets_own(order):
    shuffled = [AFFECTNET8.classes[index] for index in order]
    label_set, places = recognised(shuffled, "mine")
    assert label_set is AFFECTNET8
    assert tuple(shuffled[place] for place in places) == AFFECTNET8.classes


def test_both_networks_of_ours_have_the_same_classes():
    models = load_models()
    for name in ("face_expression", "face_expression_densenet"):
        label_set, places = recognised(models[name].labels, name)
        assert label_set is FER7
        assert [meaning(models[name].labels[place]) for place in places] == list(FER7.classes)


def test_seven_classes_of_affectnet_are_the_seven_of_fer():
    assert recognised(AFFECTNET8.classes[:7], "mine")[0] is FER7
    assert recognised(FER2013_FOLDERS, "mine")[0] is FER7


@pytest.mark.parametrize(
    "alike", [("anger", "angry", " Angry "), ("fear", "fearful", "FEAR"), ("surprise", "surprised"), ("joy", "happy")]
)
def test_names_for_the_same_expression_are_the_same(alike):
    assert all(meaning(one) == meaning(other) for one, other in itertools.pairwise(alike))


def test_other_classes_are_a_set_of_the_models_own():
    label_set, places = recognised(("awake", "tired", "asleep"), "drowsiness")
    assert (label_set.name, label_set.classes, places) == ("drowsiness", ("awake", "tired", "asleep"), (0, 1, 2))


@pytest.mark.parametrize("labels", [(), ("happy",), ("happy", "sad", "joy"), ("tired", "Tired")])
def test_labels_that_cannot_be_meant_are_refused(labels):
    with pytest.raises(LabelError, match="labels of mine"):
        recognised(labels, "mine")
