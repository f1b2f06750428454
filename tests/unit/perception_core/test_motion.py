import math

import numpy as np
import pytest

from perception_core.motion import MotionFilters

STEP = 1 / 30
YES, NO = np.array([True]), np.array([False])


def at(column, size=100.0, distance=1.0):
    return np.array([[column, 240.0, math.log(size), math.log(distance)]])


def following(columns, size=100.0, distance=1.0):
    filters = MotionFilters()
    filters.add(at(columns[0], size, distance))
    for column in columns[1:]:
        filters.predict(STEP, YES)
        filters.correct([0], at(column, size, distance), NO)
    return filters


def test_a_steady_motion_is_predicted():
    filters = following([10.0 * index for index in range(30)])
    filters.predict(STEP, YES)
    assert filters.position[0, 0] == pytest.approx(300.0, abs=2.0)


def test_what_may_be_of_something_else_changes_little():
    believed, doubted = following([0.0] * 30), following([0.0] * 30)
    believed.correct([0], at(30.0), NO)
    doubted.correct([0], at(30.0), YES)
    assert 0 < doubted.position[0, 0] < 0.25 * believed.position[0, 0]


def test_near_and_far_things_are_treated_alike():
    near, far = following([0.0] * 10, size=200.0), following([0.0] * 10, size=50.0)
    (near_squared, near_volume), (far_squared, far_volume) = (
        near.deviations(at(40.0, 200.0), NO),
        far.deviations(at(10.0, 50.0), NO),
    )
    assert near_squared[0, 0] - far_squared[0, 0] == pytest.approx(0, abs=0.5)
    assert near_volume == pytest.approx(far_volume)


def test_an_unknown_distance_neither_counts_nor_spoils():
    filters = following([0.0] * 10)
    filters.correct([0], at(0.0, distance=math.nan), NO)
    assert np.isfinite(filters.position).all()
    assert filters.deviations(at(0.0, distance=math.nan), NO)[0][0, 0] < 2


def test_a_distance_learnt_late_is_believed():
    filters = MotionFilters()
    filters.add(at(0.0, distance=math.nan))
    filters.correct([0], at(0.0, distance=3.0), NO)
    assert math.exp(filters.position[0, 3]) == pytest.approx(3.0, rel=0.01)


def test_who_is_not_seen_is_less_and_less_certain():
    filters = following([0.0] * 10)
    volumes = []
    for _ in range(30):
        filters.predict(STEP, NO)
        volumes.append(filters.deviations(at(0.0), NO)[1][0])
    assert (np.diff(volumes) > 0).all()
