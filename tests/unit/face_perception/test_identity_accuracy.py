"""Real faces of several photographs through detector, alignment, gate, embedding and threshold."""

import itertools

import cv2
import numpy as np
import pytest

from face_perception.detection import FaceDetector
from face_perception.embedding import FaceEmbedder
from face_perception.gallery import FaceView, Gallery
from face_perception.identity_threshold import identity_threshold
from face_perception.view_gate import ViewGate
from perception_core.engines.engine import open_engine
from perception_core.zoo.manifest import load_models

# Who is to be seen; where nobody is named, everybody is somebody else. clips are sampled.
PHOTOGRAPHS = {
    "obama": "Obama",
    "obama_other": "Obama",
    "obama_third": "Obama",
    "biden": "Biden",
    "astronaut": "Collins",
    "six_faces": None,
    "group_of_faces": None,
    "happy_face": None,
    "angry_face": None,
    "disgusted_face": None,
    "surprised_face": None,
}
DEGRADED = {
    "blurred": lambda colour, height: cv2.GaussianBlur(colour, (0, 0), 3 * height / 106),
    "dark": lambda colour, height: (colour * 0.1).astype(np.uint8),
    "24 pixels": lambda colour, height: cv2.resize(
        colour, None, fx=24 / height, fy=24 / height, interpolation=cv2.INTER_AREA
    ),
    "upside down": lambda colour, height: np.ascontiguousarray(colour[::-1, ::-1]),
    "on its side": lambda colour, height: np.ascontiguousarray(np.rot90(colour)),
}


@pytest.fixture(scope="module")
def detector_engine(weights):
    return open_engine(weights("yunet"))


@pytest.fixture(scope="module")
def detect(detector_engine):
    return FaceDetector(detector_engine)


@pytest.fixture(scope="module", params=["face_identity", "mobilefacenet"])
def embed(request, weights):
    return FaceEmbedder(open_engine(weights(request.param)), load_models()[request.param])


@pytest.fixture(scope="module")
def views_in(detect, detector_engine):
    """The views of a picture that the gate lets through."""
    gate = ViewGate(detector_engine)

    def find(colour):
        views = [gate(colour, face) for face in detect(colour)]
        return [view for view in views if view.usable]

    return find


@pytest.fixture(scope="module")
def faces(embed, views_in, picture):
    """Every usable face: in which photograph, whose it is, and its embedding."""
    found = []
    for name, person in PHOTOGRAPHS.items():
        for number, view in enumerate(views_in(cv2.imread(str(picture(name))))):
            found.append((name, person or f"{name} {number}", embed([view.crop])[0]))
    return found


def test_faces_of_many_people_are_at_hand(faces):
    assert len({person for _, person, _ in faces}) >= 12
    assert sum(person == "Obama" for _, person, _ in faces) == 3


def test_at_the_default_threshold_all_faces_of_two_photographs_are_judged_right(faces, embed):
    people = len({person for _, person, _ in faces})
    threshold = identity_threshold(people, 0.01, embed.thresholds).cosine
    same, different = [], []
    for (photograph, person, embedding), (other, somebody, another) in itertools.combinations(faces, 2):
        if photograph != other:
            (same if person == somebody else different).append(float(embedding @ another))
    assert len(same) == 3
    assert len(different) > 60
    assert min(same) > threshold + 0.25
    assert max(different) < threshold


def test_a_gallery_names_the_other_photographs_and_nobody_else(faces, embed, tmp_path):
    gallery = Gallery(tmp_path / "gallery.db", embed.space)
    enrolled = {}
    for _, person, embedding in faces:
        if person not in enrolled and person in {"Obama", "Biden", "Collins"}:
            enrolled[person] = embedding
            gallery.enrol(person, [FaceView(embedding)], 0)
    threshold = identity_threshold(len(gallery.index.people), 0.01, embed.thresholds).cosine
    for _, person, embedding in faces:
        best = gallery.index.search(embedding[None])[0][0]
        named = best.person.name if best.similarity >= threshold else None
        assert named == (person if person in enrolled else None)
    gallery.close()


@pytest.mark.parametrize("name", ["obama", "obama_other", "biden", "astronaut"])
@pytest.mark.parametrize("harm", DEGRADED)
def test_a_harmed_picture_is_refused_not_misnamed(views_in, detect, picture, name, harm):
    colour = cv2.imread(str(picture(name)))
    height = detect(colour)[0].box.height
    assert views_in(DEGRADED[harm](colour, height)) == []
