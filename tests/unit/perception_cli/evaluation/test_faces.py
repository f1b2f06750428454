import numpy as np
import pytest

from face_perception.detection import FaceDetection, FaceKeypoints
from perception_cli.evaluation.faces import FaceFinder, main_face
from perception_cli.evaluation.work import Networks
from perception_core.geometry import Box
from perception_core.sources.pictures import read_picture

NOWHERE = FaceKeypoints(*[(0.0, 0.0)] * 5)


def face(x, y, side):
    return FaceDetection(Box.around((x, y), side, side), 0.9, NOWHERE)


def test_the_person_in_the_middle_is_meant_not_the_larger_one_beside():
    middle, beside = face(120, 130, 60), face(220, 50, 90)
    assert main_face([beside, middle], 250, 250) is middle


def test_of_faces_one_in_the_other_the_larger_is_meant():
    small, large = face(125, 125, 20), face(125, 125, 100)
    assert main_face([small, large], 250, 250) is large


def test_where_nobody_is_in_the_middle_the_nearest_to_it_is_meant():
    near, far = face(60, 125, 40), face(10, 10, 80)
    assert main_face([far, near], 250, 250) is near
    assert main_face([], 250, 250) is None


@pytest.fixture
def networks(weights):
    weights("yunet")
    with Networks() as opened:
        yield opened


def test_in_a_picture_larger_than_any_frame_the_face_has_the_pixels_of_the_picture(networks, picture):
    """A face of a third of the picture, which is looked at in a sixth of its size."""
    portrait = read_picture(picture("astronaut"))
    large = np.asarray(np.kron(portrait, np.ones((6, 6, 1), np.uint8)), np.uint8)
    finder = FaceFinder(networks)
    small_face, large_face = finder.main(portrait), finder.main(large)
    assert large_face.box.overlap(Box(*(6 * x for x in _sides(small_face.box)))) > 0.9
    near = pytest.approx(6 * small_face.keypoints.as_array(), abs=0.05 * large_face.box.width)
    assert large_face.keypoints.as_array() == near
    assert finder.time.mean_ms > 0


def _sides(box):
    return box.x, box.y, box.width, box.height
