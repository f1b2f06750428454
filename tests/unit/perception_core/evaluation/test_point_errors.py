import math

import numpy as np
import pytest

from perception_core.evaluation.point_errors import normalised_error, summary


@pytest.mark.parametrize("size", [1.0, 40.0])
def test_an_error_is_measured_in_widths_of_the_face_whatever_its_size(size):
    truth = np.array([[0, 0], [2, 0], [1, 1]]) * size
    assert normalised_error(truth + np.array([0, 0.1 * size]), truth, 0, 1) == pytest.approx(0.05)


def test_a_face_without_width_has_no_error():
    assert math.isnan(normalised_error(np.ones((3, 2)), np.ones((3, 2)), 0, 1))


def test_the_area_is_what_integration_gives():
    errors = np.random.default_rng(0).uniform(0, 0.2, 1000)
    steps = np.linspace(0, 0.1, 20_001)
    area = np.mean([np.mean(errors <= step) for step in steps])
    found = summary(errors.tolist())
    assert found.auc == pytest.approx(area, abs=1e-3)
    assert found.failure_rate == np.mean(errors > 0.1)
    assert (found.mean, found.median) == (pytest.approx(errors.mean()), pytest.approx(np.median(errors)))


def test_a_face_that_was_not_found_fails_and_leaves_the_mean_alone():
    found = summary([0.02, 0.04, math.inf, math.inf])
    assert (found.faces, found.mean, found.failure_rate) == (4, pytest.approx(0.03), 0.5)
    assert found.auc == pytest.approx((0.8 + 0.6) / 4)


@pytest.mark.parametrize(("errors", "failed"), [([], math.nan), ([math.inf], 1.0)])
def test_where_nothing_was_found_there_is_no_mean(errors, failed):
    found = summary(errors)
    assert math.isnan(found.mean) and found.failure_rate == pytest.approx(failed, nan_ok=True)
