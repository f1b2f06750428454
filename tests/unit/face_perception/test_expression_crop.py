import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_perception.detection import FaceDetector, FaceKeypoints
from face_perception.expression_crop import FaceView, box_of_landmarks, face_region
from face_perception.face_region import region_of_detection, region_of_landmarks
from face_perception.landmarks import LandmarkNetwork
from perception_core.cropping import cut
from perception_core.engines.engine import open_engine
from perception_core.geometry import Box, RotatedRegion, transformed
from perception_core.zoo.spec import FaceCrop

SQUARE, ALIGNED = FaceCrop("square", 1.0, grey=False), FaceCrop("aligned", 1.0, grey=True)
BOX = Box(100, 80, 60, 80)
POINTS = np.array([[115.0, 110], [145, 110], [130, 130], [118, 145], [142, 145]])


def view(points=POINTS, box=BOX):
    return FaceView(box, FaceKeypoints.from_array(points))


def turned(points, degrees):
    return transformed(points, cv2.getRotationMatrix2D((130, 120), degrees, 1.0))


def test_a_square_is_upright_about_the_box_whatever_the_face_does():
    for degrees in (0, 20, -60):
        region = face_region(view(turned(POINTS, degrees)), FaceCrop("square", 1.1, grey=False), 640, 480)
        assert region == RotatedRegion(BOX.centre, pytest.approx(88), 0.0)


@given(st.floats(-180, 180), st.floats(0.5, 2.0))
def test_an_aligned_face_lies_the_same_however_it_was_turned_and_sized(degrees, size):
    upright, other = POINTS, turned(POINTS, degrees) * size
    box = Box.around((130 * size, 120 * size), 80 * size, 80 * size)
    wanted, found = (face_region(v, ALIGNED, 640, 640) for v in (view(upright), view(other, box)))
    np.testing.assert_allclose(
        transformed(other, found.to_crop(112)), transformed(upright, wanted.to_crop(112)), atol=1e-6
    )


def test_an_aligned_face_has_its_eyes_and_mouth_where_arcface_has_them():
    region = face_region(view(), ALIGNED, 640, 480)
    right_eye, left_eye, nose, *_ = transformed(POINTS, region.to_crop(112))
    assert right_eye == pytest.approx((38.3, 51.7), abs=4)
    assert left_eye == pytest.approx((73.5, 51.5), abs=4)
    assert nose == pytest.approx((56.0, 71.7), abs=4)


def test_an_aligned_crop_without_keypoints_is_taken_by_the_box():
    region = face_region(FaceView(BOX), ALIGNED, 640, 480)
    assert (region.centre, region.side, region.angle) == (BOX.centre, 80, 0)


@pytest.mark.parametrize(
    "box",
    [
        Box(700, 80, 60, 80),
        Box(-45, 80, 60, 80),
        Box(100, 450, 60, 80),
        Box(100, 80, 0, 80),
        Box(100, 80, math.nan, 80),
        Box(math.inf, 80, 60, 80),
        Box(100, 80, 60, math.inf),
    ],
)
def test_a_face_of_which_little_is_in_the_picture_is_not_read(box):
    assert face_region(view(box=box), SQUARE, 640, 480) is None
    assert face_region(view(box=box), ALIGNED, 640, 480) is None


@pytest.mark.parametrize("points", [np.full((5, 2), 120.0), np.where(POINTS == 130, np.nan, POINTS)])
def test_keypoints_that_cannot_be_aligned_are_no_face(points):
    assert face_region(view(points), ALIGNED, 640, 480) is None


def test_a_crop_of_the_whole_picture_is_the_picture():
    picture = np.random.default_rng(0).integers(0, 256, (48, 48, 3), np.uint8)
    region = face_region(FaceView(Box(-0.5, -0.5, 48, 48)), SQUARE, 48, 48)
    np.testing.assert_array_equal(cut(picture, region, 48), picture)


def test_the_box_of_landmarks_is_that_of_the_detector(weights, picture):
    detector = FaceDetector(open_engine(weights("yunet")))
    landmarks = LandmarkNetwork(open_engine(weights("face_landmarks")))
    differences = []
    for name in ("six_faces", "group_of_faces", "astronaut", "happy_face", "surprised_face"):
        colour = cv2.imread(str(picture(name)))
        faces = detector(colour)
        first = landmarks(colour, [region_of_detection(face) for face in faces])
        for face, found in zip(
            faces, landmarks(colour, [region_of_landmarks(points) for points in first]), strict=True
        ):
            box, side = box_of_landmarks(found.points), face.box.height
            (x, y), (wanted_x, wanted_y) = box.centre, face.box.centre
            differences.append(
                [(x - wanted_x) / side, (y - wanted_y) / side, box.width / face.box.width - 1, box.height / side - 1]
            )
    assert len(differences) >= 13
    assert np.abs(np.mean(differences, axis=0)).max() < 0.03
    assert np.abs(differences).max() < 0.15
