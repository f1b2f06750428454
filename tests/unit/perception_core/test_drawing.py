import numpy as np
import pytest

from perception_core.drawing import (
    SHIFT,
    depth_picture,
    draw_box,
    draw_label,
    draw_pointer,
    draw_text,
    fixed,
    part_around,
    shade,
    stroke,
    text_width,
    track_colour,
)
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


def test_a_label_larger_than_the_picture_is_cut():
    picture = np.zeros((8, 12, 3), np.uint8)
    draw_label(picture, (4, 4), "#1  1.20 m", (255, 255, 255))
    assert picture.any()


def test_boxes_of_any_size_can_be_drawn():
    picture = np.zeros((100, 100, 3), np.uint8)
    for dashed in (False, True):
        draw_box(picture, Box(-1e12, 50, 2e12, 1e12), (255, 255, 255), dashed=dashed)
    assert picture[50].any()


@pytest.mark.parametrize("height", [6.0, 9.5, 80.0])
def test_text_is_as_wide_and_high_as_said(height):
    picture = np.zeros((200, 2000, 3), np.uint8)
    draw_text(picture, (20, 150), "HEAD 42", (255, 255, 255), height)
    rows, columns = np.nonzero(picture.max(axis=2) > 60)
    width = text_width("HEAD 42", height)
    assert columns.min() >= 18 and 0.9 * width - 3 < columns.max() - 20 < width + 0.1 * height + 1
    assert rows.max() - rows.min() + 1 == pytest.approx(height, abs=0.15 * height + 2)


def test_letters_and_lines_are_neither_too_small_in_small_pictures_nor_lost_in_large_ones():
    strokes = [stroke(np.zeros((round(0.75 * width), width, 3), np.uint8)) for width in (64, 320, 640, 1280, 5120)]
    assert strokes == [0.7, 0.8, 1.0, 1.0, 4.0]


def test_shade_leaves_light_letters_readable_and_the_rest_alone():
    picture = np.full((60, 80, 3), 250, np.uint8)
    shade(picture, Box(10, 20, 30, 25))
    assert (picture[20:45, 10:40] < 100).all()
    picture[20:45, 10:40] = 250
    assert (picture == 250).all()
    shade(picture, Box(500, 500, 10, 10))
    assert (picture == 250).all()


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


def test_pixels_are_told_to_a_sixteenth_and_none_is_too_large_for_opencv():
    assert fixed([(1.25, -0.5), (1e12, -np.inf)]).tolist() == [[20, -8], [1_600_000, -1_600_000]]


@pytest.mark.parametrize("width", [1.0, 4.0])
def test_a_pointer_leads_from_its_start_to_its_end(width):
    picture = np.full((60, 80, 3), 200, np.uint8)
    draw_pointer(picture, (10.0, 30.0), (70.0, 30.0), (0, 0, 255), width)
    assert (picture[30, 11:70, 1] < 30).all() and (picture[30, 11:70, 2] > 190).all()
    assert (picture[20:41, :5] == 200).all()
    assert (picture < 100).all(axis=2).any() == (width > 2)  # a dark edge
    draw_pointer(picture, (10.0, 30.0), (1e9, -1e9), (0, 0, 255), width)


def test_the_part_around_points_is_a_view_in_which_they_lie_at_their_places():
    picture = np.zeros((100, 200, 3), np.uint8)
    part, placed = part_around(picture, np.array([[50.0, 20.0], [90.0, 60.0]]), 10)
    assert part.shape == (61, 61, 3)
    np.testing.assert_array_equal(placed / (1 << SHIFT), [[10, 10], [50, 50]])
    part[10, 10] = 255
    assert picture[20, 50].all()


@pytest.mark.parametrize("corner", [(-500, 20), (20, -500), (500, 20), (20, 500)])
def test_there_is_no_part_around_points_that_lie_outside(corner):
    part, _ = part_around(np.zeros((100, 200, 3), np.uint8), np.array([corner, np.add(corner, 40)], float), 10)
    assert part.size == 0
