import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_perception.alignment import aligned_crop, alignment, five_points, template
from face_perception.detection import FaceDetector
from face_perception.face_region import region_of_detection, region_of_landmarks
from face_perception.landmarks import LandmarkNetwork
from perception_core.engines.engine import open_engine
from perception_core.geometry import GeometryError, transformed


@pytest.fixture(scope="module")
def astronaut(picture):
    return cv2.imread(str(picture("astronaut")))


@pytest.fixture(scope="module")
def face(weights, astronaut):
    (found,) = FaceDetector(open_engine(weights("yunet")))(astronaut)
    return found


def a_gradient(height, width):
    rows, columns = np.mgrid[:height, :width]
    return np.dstack([columns * 255 / width, rows * 255 / height, np.zeros((height, width))]).astype(np.uint8)


@given(
    angle=st.floats(-math.pi, math.pi),
    scale=st.floats(0.05, 20),
    shift=st.tuples(st.floats(-500, 500), st.floats(-500, 500)),
    size=st.sampled_from([112, 160, 224]),
)
def test_a_face_that_is_turned_scaled_and_moved_comes_to_lie_on_the_template(angle, scale, shift, size):
    turn = scale * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    points = template() @ turn.T + np.array(shift)
    assert transformed(points, alignment(points, size)) == pytest.approx(template(size), abs=1e-6)


def test_the_template_of_another_size_shows_the_same_part_of_the_face():
    centres = (template(112) + 0.5) / 112
    assert (template(160) + 0.5) / 160 == pytest.approx(centres)


@pytest.mark.parametrize("scale", [0.9, 0.4, 0.13])
def test_a_large_face_is_shrunk_to_the_same_place_as_a_small_one(scale):
    picture = a_gradient(900, 1200)
    to_crop = np.array([[scale, 0.0, -200 * scale], [0.0, scale, -100 * scale]])
    crop = aligned_crop(picture, to_crop)
    where = np.linspace(20, 90, 5)
    columns = where / scale + 200
    inside = columns < 1190
    assert crop[50, where.astype(int), 0][inside] == pytest.approx((columns * 255 / 1200)[inside], abs=2.5)


def test_a_large_face_is_averaged_not_picked_from():
    noise = np.random.default_rng(0).integers(0, 256, (1120, 1120, 3), np.uint8)
    crop = aligned_crop(noise, np.array([[0.1, 0.0, 0.0], [0.0, 0.1, 0.0]]))
    assert crop[5:-5, 5:-5].std() < noise.std() / 5


@pytest.mark.parametrize("corner", [(-400.0, -400.0), (5000.0, 5000.0)])
@pytest.mark.parametrize("scale", [0.2, 1.0, 5.0])
def test_beyond_the_picture_its_border_goes_on(corner, scale):
    to_crop = np.array([[scale, 0.0, -corner[0] * scale], [0.0, scale, -corner[1] * scale]])
    picture = a_gradient(40, 40)
    crop = aligned_crop(picture, to_crop)
    assert crop.shape == (112, 112, 3)
    if corner[0] > 0:
        assert np.abs(crop.astype(int) - picture[-1, -1]).max() <= 16


def test_points_that_coincide_are_refused():
    with pytest.raises(GeometryError):
        alignment(np.ones((5, 2)))


@pytest.mark.parametrize("model", ["face_landmarks", "face_landmarks_light"])
def test_landmarks_give_the_same_crop_as_the_detectors_points(model, weights, astronaut, face):
    network = LandmarkNetwork(open_engine(weights(model)))
    (first,) = network(astronaut, [region_of_detection(face)])
    (mesh,) = network(astronaut, [region_of_landmarks(first)])
    to_crop = alignment(face.keypoints.as_array())
    off = transformed(five_points(mesh.points), to_crop) - transformed(face.keypoints.as_array(), to_crop)
    assert np.hypot(*off.T).mean() < 5.0  # pixels of 112
