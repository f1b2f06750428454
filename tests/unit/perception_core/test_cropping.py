import numpy as np
import pytest

from perception_core.cropping import cut
from perception_core.geometry import RotatedRegion


def test_a_crop_of_the_whole_picture_is_the_picture():
    picture = np.random.default_rng(0).integers(0, 256, (48, 48, 3), np.uint8)
    np.testing.assert_array_equal(cut(picture, RotatedRegion((23.5, 23.5), 48, 0.0), 48), picture)


def test_a_crop_beyond_the_border_continues_the_picture():
    grey = np.full((480, 640, 3), 90, np.uint8)
    assert (cut(grey, RotatedRegion((0.0, 0.0), 100, 0.3), 112) == 90).all()


def test_fine_lines_of_a_large_region_become_grey_not_stripes():
    stripes = np.zeros((400, 400, 3), np.uint8)
    stripes[:, ::2] = 255
    crop = cut(stripes, RotatedRegion((199.5, 199.5), 400, 0.0), 100)
    assert crop.std() < 3
    assert crop.mean() == pytest.approx(127.5, abs=2)
