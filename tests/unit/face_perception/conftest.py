"""The landmark networks, and what they find in a picture."""

import functools
import math

import cv2
import pytest

from face_perception.canonical_face import read_canonical_face
from face_perception.detection import FaceDetector
from face_perception.eyes import EyeLids
from face_perception.face import Face
from face_perception.face_region import region_of_detection, region_of_landmarks
from face_perception.gaze import GazeTracker
from face_perception.head_pose import assumed_intrinsics, head_pose
from face_perception.landmarks import LandmarkNetwork
from perception_core.depth import Position3D, PositionSource
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


@pytest.fixture(scope="session")
def portrait(photograph, find_faces, landmarks_in, canonical_face):
    """A picture of one person by its name, and the face in it with all that its geometry tells."""
    nowhere = Position3D((math.nan,) * 3, math.nan, 0.0, PositionSource.NONE)

    @functools.cache
    def described(name):
        image = photograph(name)
        detection, landmarks = find_faces(image)[0], landmarks_in(image)
        pose = head_pose(canonical_face, landmarks, assumed_intrinsics(image.shape[1], image.shape[0]))
        eyes = EyeLids().update(landmarks, pose, 0)
        gaze = GazeTracker().update(landmarks, pose, eyes, 0)
        box, points = detection.box, detection.keypoints
        return image, Face(
            1, detection.score, False, box, points, nowhere, landmarks=landmarks, pose=pose, eyes=eyes, gaze=gaze
        )

    return described
