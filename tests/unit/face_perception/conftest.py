"""The landmark networks, and what they find in a picture."""

import cv2
import pytest

from face_perception.canonical_face import read_canonical_face
from face_perception.detection import FaceDetector
from face_perception.face_region import region_of_detection, region_of_landmarks
from face_perception.landmarks import LandmarkNetwork
from perception_core.engines.engine import open_engine


@pytest.fixture(scope="session")
def find_faces(weights):
    return FaceDetector(open_engine(weights("yunet")))


@pytest.fixture(scope="session")
def full_mesh(weights):
    """The network of 478 points."""
    return LandmarkNetwork(open_engine(weights("face_landmarks")))


@pytest.fixture(scope="session")
def light_mesh(weights):
    """The network of 468 points."""
    return LandmarkNetwork(open_engine(weights("face_landmarks_light")))


@pytest.fixture(scope="session")
def canonical_face(weights):
    return read_canonical_face(weights("face_geometry"))


@pytest.fixture(scope="session")
def photograph(picture):
    """A picture of one person by its name, and where its face is."""

    def read(name):
        return cv2.imread(str(picture(name)))

    return read


@pytest.fixture(scope="session")
def landmarks_in(find_faces, full_mesh):
    """478 landmarks of the surest face in a picture, from a region that has settled."""

    def find(image, network=full_mesh):
        region = region_of_detection(find_faces(image)[0])
        for _ in range(3):
            (landmarks,) = network(image, [region])
            region = region_of_landmarks(landmarks)
        return landmarks

    return find
