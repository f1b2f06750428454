import cv2
import numpy as np
import pytest

from face_perception.blendshapes import BlendshapeNetwork
from face_perception.landmarks import Landmarks, LandmarkScheme
from perception_core.engines.engine import EngineError, open_engine
from perception_core.zoo.manifest import load_models

# What mediapipe 0.10.14 gives for the happy face with the same weights.
MEDIAPIPES = {
    "eyeLookInRight": 0.30, "eyeLookOutLeft": 0.24, "eyeSquintLeft": 0.56, "eyeSquintRight": 0.49,
    "mouthLowerDownLeft": 0.23, "mouthLowerDownRight": 0.30, "mouthSmileLeft": 0.80, "mouthSmileRight": 0.87,
    "mouthUpperUpLeft": 0.61, "mouthUpperUpRight": 0.71, "jawOpen": 0.07, "eyeBlinkLeft": 0.17,
}  # fmt: skip


@pytest.fixture(scope="module")
def blendshapes(weights):
    return BlendshapeNetwork(open_engine(weights("face_blendshapes")), load_models()["face_blendshapes"].labels)


@pytest.fixture(scope="module")
def scores(photograph, landmarks_in, blendshapes):
    def of(name):
        return blendshapes([landmarks_in(photograph(name))])[0]

    return of


def test_a_smile_a_surprise_and_a_frown_are_seen(scores):
    happy, surprised, angry = scores("happy_face"), scores("surprised_face"), scores("angry_face")
    assert happy["mouthSmileLeft"] > 0.5 > max(surprised["mouthSmileLeft"], angry["mouthSmileLeft"])
    assert surprised["jawOpen"] > 0.2 > angry["jawOpen"]
    assert surprised["browInnerUp"] > angry["browInnerUp"]
    assert angry["browDownLeft"] > max(happy["browDownLeft"], surprised["browDownLeft"])


def test_the_coefficients_are_mediapipes_own(scores):
    found = scores("happy_face")
    assert np.mean([abs(found[label] - value) for label, value in MEDIAPIPES.items()]) < 0.03


def test_there_are_52_between_0_and_1(scores):
    found = scores("happy_face")
    assert found.scores.shape == (52,)
    assert len(set(found.labels)) == 52
    assert (found.scores >= 0).all()
    assert (found.scores <= 1).all()


def test_several_faces_are_as_one_by_one(blendshapes, photograph, landmarks_in):
    faces = [landmarks_in(photograph(name)) for name in ("happy_face", "angry_face", "astronaut")]
    for face, found in zip(faces, blendshapes(faces), strict=True):
        assert np.array_equal(found.scores, blendshapes([face])[0].scores)
    assert blendshapes([]) == []


def test_place_and_size_do_not_matter(blendshapes, photograph, landmarks_in):
    face = landmarks_in(photograph("happy_face"))
    elsewhere = Landmarks(face.scheme, face.points * np.float32(0.3) + np.float32(500), 1.0)
    assert blendshapes([elsewhere])[0].scores == pytest.approx(blendshapes([face])[0].scores, abs=1e-3)


def test_in_a_mirrored_picture_left_and_right_change_places(scores, blendshapes, photograph, landmarks_in):
    found = scores("obama_other")  # looks aside
    mirrored = blendshapes([landmarks_in(cv2.flip(photograph("obama_other"), 1))])[0]
    assert abs(found["eyeLookInLeft"] - found["eyeLookInRight"]) > 0.3
    assert mirrored["eyeLookInLeft"] == pytest.approx(found["eyeLookInRight"], abs=0.15)
    assert mirrored["eyeLookInRight"] == pytest.approx(found["eyeLookInLeft"], abs=0.15)


def test_an_unknown_coefficient_is_an_error(scores):
    with pytest.raises(KeyError, match="earWiggle"):
        scores("happy_face")["earWiggle"]


def test_without_irises_there_are_none(blendshapes):
    mesh = Landmarks(LandmarkScheme.MEDIAPIPE468, np.zeros((468, 3), np.float32), 1.0)
    with pytest.raises(ValueError, match="need MEDIAPIPE478 landmarks, got MEDIAPIPE468"):
        blendshapes([mesh])


def test_another_network_or_other_labels_are_refused(weights):
    with pytest.raises(EngineError, match="blendshape network has to take"):
        BlendshapeNetwork(open_engine(weights("yunet")), ["one"] * 52)
    with pytest.raises(EngineError, match="each of 3 labels"):
        BlendshapeNetwork(open_engine(weights("face_blendshapes")), ["one", "two", "three"])
