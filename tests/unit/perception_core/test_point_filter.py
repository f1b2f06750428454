import math

import numpy as np
import pytest

from perception_core.point_filter import PointFilter


def test_at_the_same_stamp_the_filter_repeats_itself():
    filtered = PointFilter(1.0, 0.0)
    filtered(np.zeros((3, 2)), 1.0, 0)
    assert np.array_equal(filtered(np.ones((3, 2)), 1.0, 0), np.zeros((3, 2)))


@pytest.mark.parametrize(("min_cutoff_hz", "beta"), [(0.0, 1.0), (-1.0, 1.0), (1.0, -0.1), (math.nan, 1.0)])
def test_a_filter_without_sense_is_refused(min_cutoff_hz, beta):
    with pytest.raises(ValueError, match="needs a cutoff above 0 Hz"):
        PointFilter(min_cutoff_hz, beta)


def test_what_is_far_is_filtered_like_what_is_near():
    rng = np.random.default_rng(0)
    near, far = PointFilter(1.0, 10.0), PointFilter(1.0, 10.0)
    for k in range(20):
        points = rng.normal(size=(5, 2)) + k
        assert np.allclose(near(points, 2.0, k * 33_000_000), 8 * far(points / 8, 0.25, k * 33_000_000))


def test_still_points_are_calmed_and_moving_ones_keep_up():
    rng = np.random.default_rng(0)
    filtered = PointFilter(1.5, 10.0)
    still = [filtered(rng.normal(0, 0.01, (4, 2)), 1.0, k * 33_000_000) for k in range(60)]
    assert np.std(still[20:]) < 0.006
    for k in range(60, 90):
        where = np.full((4, 2), 0.2 * (k - 60))
        at = filtered(where, 1.0, k * 33_000_000)
    assert np.abs(at - where).max() < 0.2  # one sample


def test_its_velocity_is_that_of_all_points():
    filtered = PointFilter(1.0, 50.0)
    for k in range(90):
        filtered(np.full((3, 2), 0.1) * k, 1.0, k * 100_000_000)
    assert filtered.velocity == pytest.approx([1.0, 1.0], rel=0.05)


def test_points_of_two_things_are_filtered_as_each_alone():
    rng = np.random.default_rng(0)
    both, one, other = PointFilter(1.0, 10.0), PointFilter(1.0, 10.0), PointFilter(1.0, 10.0)
    units = np.array([2.0, 2.0, 2.0, 0.1, 0.1])
    for k in range(20):
        points, stamp_ns = rng.normal(size=(5, 3)), k * 33_000_000
        apart = np.concatenate([one(points[:3], 2.0, stamp_ns), other(points[3:], 0.1, stamp_ns)])
        assert np.allclose(both(points, units, stamp_ns), apart)
