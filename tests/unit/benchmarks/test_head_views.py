import numpy as np
import pytest

from benchmarks.head_views import PaintedHead, view
from perception_core.frame import Intrinsics

CAMERA = Intrinsics(320, 240, 300.0, 300.0, 160.0, 120.0)


@pytest.fixture
def head():
    """A square of 20 cm whose right half, as the person has it, is red and whose left half is green."""
    corners = np.array([[0, -0.1, -0.1], [0, 0.1, -0.1], [0, 0.1, 0.1], [0, -0.1, 0.1]])
    photograph = np.zeros((800, 800, 3), np.uint8)  # black but for a corner, which in the background is far away
    photograph[:40, :20, 2] = photograph[:40, 20:40, 1] = 255
    pixels = np.array([[0, 39], [39, 39], [39, 0], [0, 0]], float)
    return PaintedHead(corners, np.array([[0, 1, 2], [0, 2, 3]]), photograph, pixels)


def columns(image):
    """Of what is red and of what is green, without the corner."""
    middle = image[80:160].astype(int)
    return np.nonzero(middle[..., 2] > 200)[1], np.nonzero(middle[..., 1] > 200)[1]


def test_a_head_that_faces_the_camera_is_where_it_should_be(head):
    red, green = columns(view(head, (0, 0, 0), (0.0, 0.0, 1.0), CAMERA))
    assert (red.min(), red.max()) == pytest.approx((130, 159), abs=2)
    assert (green.min(), green.max()) == pytest.approx((160, 190), abs=2)


def test_of_a_head_turned_to_its_left_the_right_side_is_nearer(head):
    red, green = columns(view(head, (40, 0, 0), (0.0, 0.0, 0.6), CAMERA))
    assert np.ptp(red) > np.ptp(green) + 3
    assert red.max() < green.min() + 2
    assert red.max() == pytest.approx(160, abs=2)  # in the right perspective the middle stays in the middle


def test_a_head_seen_from_behind_shows_nothing(head):
    red, green = columns(view(head, (180, 0, 0), (0.0, 0.0, 1.0), CAMERA))
    assert red.size == green.size == 0
