import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perception_core.geometry import (
    Box,
    GeometryError,
    RotatedRegion,
    box_around,
    inverse,
    similarity_between,
    transformed,
)

coordinate = st.floats(-1e3, 1e3)
boxes = st.builds(Box, coordinate, coordinate, st.floats(0.1, 1e3), st.floats(0.1, 1e3))
angles = st.floats(-math.pi, math.pi)


def similarity(scale, angle, shift):
    cos, sin = scale * math.cos(angle), scale * math.sin(angle)
    return np.array([[cos, -sin, shift[0]], [sin, cos, shift[1]]])


@given(boxes, boxes)
def test_overlap_is_a_share_and_the_same_both_ways(one, other):
    assert 0 <= one.overlap(other) <= 1 + 1e-9
    assert one.overlap(other) == pytest.approx(other.overlap(one))
    assert one.overlap(one) == pytest.approx(1)


def test_overlap_of_known_boxes():
    assert Box(0, 0, 2, 2).overlap(Box(1, 0, 2, 2)) == pytest.approx(1 / 3)
    assert Box(0, 0, 2, 2).overlap(Box(2, 0, 2, 2)) == 0
    assert Box(0, 0, 0, 0).overlap(Box(0, 0, 0, 0)) == 0


@given(boxes, st.floats(0.1, 10))
def test_growing_and_squaring_keep_the_centre(box, factor):
    assert box.scaled(factor).centre == pytest.approx(box.centre)
    assert box.squared().centre == pytest.approx(box.centre)
    assert box.squared().width == box.squared().height == max(box.width, box.height)


def test_edges_and_area():
    box = Box(1, 2, 3, 4)
    assert (box.right, box.bottom, box.area, box.centre) == (4, 6, 12, (2.5, 4.0))
    assert Box.around((2.5, 4.0), 3, 4) == box


@given(boxes)
def test_a_clipped_box_lies_in_the_image_and_indexes_it(box):
    clipped = box.clipped(64, 48)
    assert 0 <= clipped.x <= clipped.right <= 64 + 1e-9
    assert 0 <= clipped.y <= clipped.bottom <= 48 + 1e-9
    rows, columns = clipped.slices()
    assert 0 <= rows.start <= rows.stop <= 48
    assert 0 <= columns.start <= columns.stop <= 64


def test_slices_hold_every_pixel_that_is_touched():
    assert Box(1.2, 2.9, 1.0, 0.2).slices() == (slice(2, 4), slice(1, 3))
    assert Box(1, 2, 3, 4).slices() == (slice(2, 6), slice(1, 4))


@given(st.tuples(coordinate, coordinate), st.floats(1, 500), angles)
def test_a_region_is_turned_upright_and_fills_the_crop(centre, side, angle):
    across = np.array([math.cos(angle), math.sin(angle)])
    down = np.array([-across[1], across[0]])
    corners = [np.array(centre) + side / 2 * (x * across + y * down) for x, y in [(-1, -1), (1, -1), (1, 1), (-1, 1)]]
    crop = transformed(corners, RotatedRegion(centre, side, angle).to_crop(100))
    # Pixels are counted from their centres, so that a crop of 100 reaches from -0.5 to 99.5.
    assert crop + 0.5 == pytest.approx(np.array([[0, 0], [100, 0], [100, 100], [0, 100]]), abs=1e-5)


@given(st.floats(0.01, 100), angles, st.tuples(coordinate, coordinate))
def test_a_similarity_is_found_from_its_points(scale, angle, shift):
    source = np.array([[0, 0], [10, 0], [3, 7], [-4, 5]], float)
    truth = similarity(scale, angle, shift)
    assert similarity_between(source, transformed(source, truth)) == pytest.approx(truth, abs=1e-6)


def test_a_mirrored_target_does_not_mirror_the_transform():
    source = np.array([[0, 0], [10, 0], [3, 7]], float)
    found = similarity_between(source, source * [-1, 1])
    assert np.linalg.det(found[:, :2]) > 0


def test_noise_on_the_points_is_averaged():
    rng = np.random.default_rng(0)
    source = rng.uniform(0, 100, (200, 2))
    truth = similarity(1.5, 0.4, (10.0, -5.0))
    found = similarity_between(source, transformed(source, truth) + rng.normal(0, 1, source.shape))
    assert found == pytest.approx(truth, abs=0.5)


@given(st.floats(0.01, 100), angles, st.tuples(coordinate, coordinate))
def test_the_inverse_undoes(scale, angle, shift):
    transform = similarity(scale, angle, shift)
    points = np.array([[0, 0], [100, 50], [-20, 30]], float)
    assert transformed(transformed(points, transform), inverse(transform)) == pytest.approx(points, abs=1e-6)


def test_a_transform_that_flattens_cannot_be_undone():
    with pytest.raises(GeometryError, match="cannot be undone"):
        inverse(np.array([[1.0, 2.0, 0.0], [2.0, 4.0, 0.0]]))


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ([[1, 1], [1, 1]], [[0, 0], [1, 1]]),
        ([[0, 0], [1, math.nan]], [[0, 0], [1, 1]]),
        ([[0, 0], [1, 1]], [[0, 0], [math.inf, 1]]),
    ],
)
def test_points_that_tell_no_similarity_are_refused(source, target):
    with pytest.raises(GeometryError):
        similarity_between(source, target)


def test_the_box_around_points_touches_the_outermost():
    assert box_around(np.array([[3, 9, 1], [1, 4, 2], [2, 5, 3]], np.float32)) == Box(1, 4, 2, 5)
