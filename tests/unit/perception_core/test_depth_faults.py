import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perception_core.depth_faults import DepthFault, find_fault
from perception_core.frame import DepthImage

SIZE = (480, 640)


def millimetres(raw):
    return DepthImage(np.asarray(raw, np.uint16), 0.001)


def metres(raw):
    return DepthImage(np.asarray(raw, np.float32), 1.0)


def room():
    """Metres from 0.4 to 6, every fifth pixel without data."""
    depth = np.linspace(0.4, 6.0, SIZE[0] * SIZE[1], dtype=np.float32)
    depth[::5] = np.nan
    return depth.reshape(SIZE)


def test_a_room_is_no_fault_in_either_unit():
    assert find_fault(metres(room())) is None
    assert find_fault(millimetres(np.nan_to_num(room()) * 1000)) is None


@pytest.mark.parametrize("value", [np.nan, 0.0, -1.0, np.inf, -np.inf])
def test_no_distance_in_metres_is_an_empty_image(value):
    assert find_fault(metres(np.full(SIZE, value))) is DepthFault.EMPTY


def test_no_distance_in_millimetres_is_an_empty_image():
    assert find_fault(millimetres(np.zeros(SIZE))) is DepthFault.EMPTY


@given(row=st.integers(0, SIZE[0] - 1), column=st.integers(0, SIZE[1] - 1))
def test_one_distance_anywhere_is_enough(row, column):
    raw = np.zeros(SIZE)
    raw[row, column] = 1000
    assert find_fault(millimetres(raw)) is None
    raw[row, column] = 1.0
    assert find_fault(metres(raw)) is None


def test_a_unit_that_was_mistaken_is_found():
    assert find_fault(metres(room() * 1000)) is DepthFault.MILLIMETRES_AS_METRES
    assert find_fault(millimetres(np.nan_to_num(room()))) is DepthFault.METRES_AS_MILLIMETRES


def test_a_few_absurd_pixels_are_noise():
    depth = room()
    depth[::7] = 5000.0
    assert find_fault(metres(depth)) is None


def test_a_wall_at_the_nearest_distance_that_a_camera_measures_is_no_fault():
    assert find_fault(millimetres(np.full(SIZE, 20))) is None


def test_images_smaller_than_the_grid_are_looked_at_whole():
    assert find_fault(millimetres([[0, 0], [0, 1500]])) is None
