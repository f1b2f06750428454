import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gesture_perception.hand_smoothing import HandSmoother, hand_size

FRAME_NS = 33_333_333


@pytest.fixture
def still(open_hand, landmarks_of):
    return landmarks_of(open_hand * 1000 + [300, 400, 0], open_hand, presence=0.8, right=0.7)


def moved(landmarks, shift):
    return replace(landmarks, points=landmarks.points + np.float32([*shift, 0]))


def jittering(landmarks, rng):
    noise = rng.normal(0, 1.0, (21, 3)).astype(np.float32)
    return replace(landmarks, points=landmarks.points + noise, metric=landmarks.metric + noise / 1000)


@pytest.mark.parametrize("hz", [10, 30, 60])
def test_a_still_hand_is_calm(still, hz):
    rng, smooth = np.random.default_rng(0), HandSmoother()
    found = [smooth(jittering(still, rng), round(k * 1e9 / hz)) for k in range(6 * hz)][hz:]
    for which, unit in (("points", 1.0), ("metric", 0.001)):
        jitter = np.std([getattr(each, which) for each in found], axis=0).mean() / unit
        assert jitter < 0.75


def test_what_is_not_smoothed_stays(still):
    found = HandSmoother()(still, 0)
    assert (found.presence, found.right) == (still.presence, still.right)
    assert found.points.dtype == found.metric.dtype == np.float32
    assert np.array_equal(found.points, still.points) and np.array_equal(found.metric, still.metric)


@pytest.mark.parametrize("speed", [0.5, 3.0, 10.0])
def test_a_hand_that_moves_lags_by_less_than_an_image(still, speed):
    smooth, size = HandSmoother(), hand_size(still.points[:, :2].astype(float))
    step = speed * size / 30
    for k in range(60):
        now = moved(still, (k * step, 0))
        found = smooth(now, k * FRAME_NS)
    assert 0 <= (now.points - found.points)[:, 0].max() < max(step, 0.02 * size)


def test_a_waving_hand_is_not_held_back(still):
    smooth, size = HandSmoother(), hand_size(still.points[:, :2].astype(float))
    there, found = [], []
    for k in range(90):
        now = moved(still, (size * math.sin(2 * math.pi * 2.5 * k / 30), 0))
        there.append(now.points[0, 0])
        found.append(smooth(now, k * FRAME_NS).points[0, 0])
    assert np.ptp(found[30:]) > 0.8 * np.ptp(there[30:])


@given(scale=st.floats(0.05, 10.0))
def test_a_far_hand_is_smoothed_like_a_near_one(open_hand, landmarks_of, scale):
    rng = np.random.default_rng(2)
    near, far = HandSmoother(), HandSmoother()
    for k in range(4):
        points = (open_hand * 1000 + rng.normal(0, 5, (21, 3))) * max(1.0, 1 / scale)
        expected = near(landmarks_of(points, open_hand), k * FRAME_NS).points
        found = far(landmarks_of(points * scale, open_hand), k * FRAME_NS).points
        assert np.allclose(found, expected * scale, rtol=1e-3, atol=1e-3 * scale)


@pytest.mark.parametrize("which", ["points", "metric"])
def test_broken_numbers_leave_no_trace(still, which):
    smooth, plain = HandSmoother(), HandSmoother()
    broken = replace(still, **{which: np.full((21, 3), np.nan, np.float32)})
    smooth(still, 0)
    plain(still, 0)
    assert smooth(broken, FRAME_NS) is broken
    after = moved(still, (5, 0))
    assert np.array_equal(smooth(after, 2 * FRAME_NS).points, plain(after, 2 * FRAME_NS).points)


@pytest.mark.parametrize("stamp_ns", [-1, -(10**12), 600_000_000, 10**15])
def test_time_that_jumps_begins_anew(still, stamp_ns):
    smooth = HandSmoother()
    smooth(still, 0)
    there = moved(still, (300, 0))
    assert np.array_equal(smooth(there, stamp_ns).points, there.points)


def test_after_a_reset_the_old_points_say_nothing(still):
    smooth = HandSmoother()
    smooth(still, 0)
    smooth.reset()
    there = moved(still, (300, 0))
    assert np.array_equal(smooth(there, FRAME_NS).points, there.points)


def test_a_hand_of_no_size_does_no_harm(landmarks_of):
    smooth = HandSmoother()
    for k in range(3):
        found = smooth(landmarks_of(np.full((21, 2), 50.0 + k)), k * FRAME_NS)
        assert np.isfinite(found.points).all()


def test_the_size_of_a_hand_does_not_depend_on_its_fingers(open_hand):
    fist = open_hand.copy()
    fist[[8, 12, 16, 20]] = open_hand[[5, 9, 13, 17]]
    assert hand_size(fist) == hand_size(open_hand) == pytest.approx(0.105, abs=0.01)


@pytest.mark.parametrize(("min_cutoff_hz", "beta"), [(0.0, 1.0), (1.0, -1.0)])
def test_a_filter_without_sense_is_refused(min_cutoff_hz, beta):
    with pytest.raises(ValueError, match="needs a cutoff"):
        HandSmoother(min_cutoff_hz, beta)
