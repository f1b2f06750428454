import numpy as np
import pytest

from perception_core.drawing import depth_picture, draw_box, draw_label, track_colour
from perception_core.frame import DepthImage
from perception_core.geometry import Box


def test_neighbouring_ids_have_colours_that_can_be_told_apart():
    for track_id in range(1, 50):
        one, next_one = np.array(track_colour(track_id)), np.array(track_colour(track_id + 1))
        assert np.abs(one - next_one).max() > 60


def test_a_box_is_drawn_along_its_edges_and_leaves_its_inside_alone():
    picture = np.zeros((100, 100, 3), np.uint8)
    draw_box(picture, Box(20, 30, 40, 50), (255, 255, 255))
    assert picture[30, 40].any() and picture[80, 40].any() and picture[50, 20].any() and picture[50, 60].any()
    assert not picture[40:70, 30:50].any()


def test_a_dashed_box_has_corners_only():
    picture = np.zeros((100, 100, 3), np.uint8)
    draw_box(picture, Box(20, 20, 60, 60), (255, 255, 255), dashed=True)
    assert picture[20, 20].any() and picture[80, 80].any()
    assert not picture[20, 50].any()


@pytest.mark.parametrize("at", [(-500, -500), (500, 500), (10, 2)])
def test_a_label_stays_inside_the_picture(at):
    picture = np.zeros((60, 200, 3), np.uint8)
    draw_label(picture, at, "#1  1.20 m", (255, 255, 255))
    assert (picture == 255).any()


@pytest.mark.parametrize("raw", [np.uint16, np.float32])
def test_near_is_red_far_is_blue_and_nothing_is_black(raw):
    scale = 0.001 if raw is np.uint16 else 1.0
    metres = np.array([[0.5, 4.0, 0.0]])
    blue, _, red = range(3)
    picture = depth_picture(DepthImage((metres / scale).astype(raw), scale))
    assert picture[0, 0, red] > 100 > picture[0, 0, blue]
    assert picture[0, 1, blue] > 100 > picture[0, 1, red]
    assert not picture[0, 2].any()


def test_nan_depth_is_black():
    assert not depth_picture(DepthImage(np.full((4, 4), np.nan, np.float32), 1.0)).any()
