import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gesture_perception.hand import HandLandmarks
from gesture_perception.hand_crop import box_of_hand, hand_square
from perception_core.zoo.spec import HandCrop


def hand(left=100.0, top=200.0, right=180.0, bottom=300.0):
    points = np.full((21, 3), np.nan, np.float32)
    points[:, 0] = np.linspace(left, right, 21)
    points[:, 1] = np.linspace(bottom, top, 21)
    return HandLandmarks(points, np.zeros((21, 3), np.float32), 1.0, 1.0)


@given(st.floats(0, 4), st.floats(0, 1000))
def test_the_margin_is_in_sides_of_the_box_and_in_pixels(margin, margin_px):
    square = hand_square(hand(), HandCrop(margin, margin_px, grey=False), 640, 480)
    assert square.centre == (140.0, 250.0)
    assert square.side == pytest.approx(100 + 2 * (100 * margin + margin_px))
    assert square.angle == 0.0


def test_the_box_holds_all_points():
    box = box_of_hand(hand())
    assert (box.x, box.y, box.right, box.bottom) == (100.0, 200.0, 180.0, 300.0)


@pytest.mark.parametrize(
    "box",
    [
        (-90.0, 200.0, 5.0, 300.0),
        (700.0, 200.0, 780.0, 300.0),
        (100.0, 200.0, 101.0, 201.0),
        (np.nan, 200.0, 180.0, 300.0),
        (100.0, np.nan, 180.0, np.nan),
    ],
)
def test_a_hand_of_which_there_is_little_to_see_is_not_read(box):
    assert hand_square(hand(*box), HandCrop(0.3, 0.0, grey=False), 640, 480) is None


def test_a_hand_at_the_border_is_read():
    assert hand_square(hand(left=-30.0, right=70.0), HandCrop(0.3, 0.0, grey=False), 640, 480) is not None


def test_a_hand_seen_from_the_side_is_read_though_its_box_is_a_line():
    assert hand_square(hand(left=140.0, right=140.0), HandCrop(0.0, 0.0, grey=False), 640, 480).side == 100.0
