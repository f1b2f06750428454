import cv2
import numpy as np
import pytest

from face_perception.detection import FaceDetector
from perception_core.engines.engine import EngineError, open_engine


@pytest.fixture(scope="module")
def engine(weights):
    return open_engine(weights("yunet"))


@pytest.fixture(scope="module")
def detector(engine):
    return FaceDetector(engine)


@pytest.fixture(scope="module")
def group(picture):
    return cv2.imread(str(picture("six_faces")))


@pytest.fixture(scope="module")
def astronaut(picture):
    return cv2.imread(str(picture("astronaut")))


def test_the_six_faces_of_a_group_are_found(detector, group):
    assert len(detector(group)) == 6


def test_boxes_and_keypoints_are_those_of_opencv(detector, group, weights_original):
    height, width = group.shape[:2]
    reference = cv2.FaceDetectorYN.create(str(weights_original("yunet")), "", (width, height), 0.6, 0.3, 5000)
    rows = reference.detect(group)[1]
    rows = rows[rows[:, 0].argsort()]
    found = sorted(detector(group), key=lambda face: face.box.x)
    assert len(found) == len(rows)
    for face, row in zip(found, rows, strict=True):
        assert (face.box.x, face.box.y, face.box.width, face.box.height) == pytest.approx(row[:4], abs=1.0)
        assert face.keypoints.as_array().ravel() == pytest.approx(row[4:14], abs=1.0)
        assert face.score == pytest.approx(row[14], abs=1e-3)


def test_right_and_left_are_the_persons_own(detector, astronaut):
    (face,) = detector(astronaut)
    points = face.keypoints
    assert points.right_eye[0] < points.left_eye[0]
    assert points.right_mouth[0] < points.left_mouth[0]
    assert max(points.right_eye[1], points.left_eye[1]) < points.nose_tip[1] < points.left_mouth[1]


@pytest.mark.parametrize("size", [(512, 512), (500, 333), (641, 479), (97, 130)])
def test_any_size_of_picture_is_taken(detector, astronaut, size):
    picture = cv2.resize(astronaut, size)
    assert len(detector(picture)) == 1


def test_a_shrunk_picture_gives_boxes_of_the_whole_one(engine, astronaut):
    whole, shrunk = FaceDetector(engine), FaceDetector(engine, width=256)
    assert shrunk(astronaut)[0].box.overlap(whole(astronaut)[0].box) > 0.8


def test_a_part_of_a_larger_image_is_taken_as_it_is(detector, astronaut):
    canvas = np.zeros((700, 700, 3), np.uint8)
    canvas[100:612, 60:572] = astronaut
    view = canvas[100:612, 60:572]
    assert not view.flags.c_contiguous
    assert detector(view) == detector(astronaut)


@pytest.mark.parametrize("picture_of_nothing", [np.zeros((480, 640, 3), np.uint8), np.full((1, 1, 3), 200, np.uint8)])
def test_nobody_is_found_where_nobody_is(detector, picture_of_nothing):
    assert detector(picture_of_nothing) == []


def test_another_network_is_refused(weights):
    with pytest.raises(EngineError, match="has to be a YuNet"):
        FaceDetector(open_engine(weights("hand_landmarks")))
