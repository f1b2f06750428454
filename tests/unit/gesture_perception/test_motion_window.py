import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.harness.model_hand import model_hand
from benchmarks.harness.motion_sequences import Pose, landmarks_of
from gesture_perception.motion_window import LONGEST_GAP_S, STEP_S, MotionSample, MotionWindow, motion_sample, quantile
from perception_core.depth import Position3D, PositionSource

STILL = np.zeros((21, 3))
NOWHERE = Position3D((math.nan,) * 3, math.nan, 0.0, PositionSource.NONE)
SAMPLE = MotionSample((320.0, 240.0), (320.0, 200.0), 400.0, 0.95, 0.95, 1.0, 1.0, 0.0, math.nan)


def sample_of(pose, right=True, position=NOWHERE):
    return motion_sample(landmarks_of(model_hand(right), pose, STILL), position)


def at(seconds):
    return 5_000_000_000 + round(seconds * 1e9)


@pytest.mark.parametrize("right", [True, False])
def test_an_open_palm_that_is_held_up_is_upright_and_faces_the_camera(right):
    sample = sample_of(Pose(), right)
    assert sample.raised > 0.98 and sample.facing > 0.98 and abs(sample.palm_up) < 0.15
    assert sample.extension > 0.9 and sample.index_extension > 0.9


@pytest.mark.parametrize("right", [True, False])
def test_the_pose_of_a_hand_is_told(right):
    assert sample_of(Pose(roll=math.pi), right).raised < -0.98
    assert sample_of(Pose(yaw=math.pi), right).facing < -0.98
    palm_up = sample_of(Pose(yaw=math.pi, pitch=math.radians(80)), right)
    assert palm_up.palm_up > 0.9 and abs(palm_up.raised) < 0.3
    assert sample_of(Pose(pitch=math.radians(80)), right).palm_up < -0.9


def test_fingers_that_bend_are_less_extended():
    extensions = [sample_of(Pose(curl=curl)).extension for curl in (0.0, 0.3, 0.6, 1.0)]
    assert extensions[0] > 0.9 > extensions[1] > extensions[2]
    assert max(extensions[2:]) < 0.65


@pytest.mark.parametrize("distance", [0.6, 1.5, 4.0])
@pytest.mark.parametrize("pose", [Pose(), Pose(yaw=1.2), Pose(pitch=1.0), Pose(curl=0.8)])
def test_a_metre_is_known_at_every_distance_and_in_every_pose(distance, pose):
    sample = sample_of(replace(pose, distance=distance))
    assert sample.pixels_per_metre == pytest.approx(615 / distance, rel=0.05)


def test_only_measured_distances_are_used():
    measured = Position3D((0, 0, 1.2), 0.01, 1.0, PositionSource.DEPTH)
    assert sample_of(Pose(), position=measured).distance == 1.2
    judged = replace(measured, source=PositionSource.SIZE_PRIOR)
    assert math.isnan(sample_of(Pose(), position=judged).distance)
    assert math.isnan(sample_of(Pose()).distance)


@pytest.mark.parametrize("broken", ["points", "metric"])
@pytest.mark.parametrize("value", [math.nan, math.inf, 0.0])
def test_broken_points_give_no_sample(broken, value):
    landmarks = landmarks_of(model_hand(), Pose(), STILL)
    wrong = np.full((21, 3), value, np.float32)
    assert motion_sample(replace(landmarks, **{broken: wrong}), NOWHERE) is None


def seen_at(times, place):
    window = MotionWindow()
    for time in times:
        right = place(time) * SAMPLE.pixels_per_metre
        window.add(replace(SAMPLE, palm=(right, 0.0), tips=(right, 0.0)), at(time))
    return window.movement()


@pytest.mark.parametrize("rate_hz", [10, 15, 30, 60, 120])
def test_at_every_rate_a_movement_looks_the_same(rate_hz):
    def wave(time):
        return 0.1 * math.sin(2 * math.pi * 1.5 * time)

    movement = seen_at(np.arange(0, 2.0 + 1e-9, 1 / rate_hz), wave)
    steps = 2.0 - STEP_S * np.arange(len(movement.palm))[::-1]
    expected = np.array([wave(time) for time in steps])
    assert len(movement.palm) == 65
    assert movement.palm[4:-4, 0] == pytest.approx(expected[4:-4], abs=0.012)


@given(st.lists(st.floats(1 / 60, 0.2), min_size=12, max_size=60))
def test_a_rate_that_jumps_does_not_show(steps):
    times = np.cumsum(steps)
    movement = seen_at(times, lambda time: 0.3 * time)
    expected = 0.3 * (times[-1] - STEP_S * np.arange(len(movement.palm))[::-1])
    assert movement.palm[3:-3, 0] == pytest.approx(expected[3:-3], abs=1e-6)


def test_a_long_gap_forgets_what_was_before():
    times = np.arange(0, 1, 1 / 30)
    assert len(seen_at(times, lambda _: 0.0).palm) > 35
    assert seen_at([*times, times[-1] + LONGEST_GAP_S + 0.01], lambda _: 0.0) is None


def test_a_window_that_is_too_short_tells_nothing():
    assert MotionWindow().movement() is None
    assert seen_at([0.0], lambda _: 0.0) is None
    assert seen_at([0.0, 0.05, 0.1], lambda _: 0.0) is None
    assert seen_at([0.0, 0.05, 0.1, 0.2], lambda _: 0.0) is not None


def test_a_sample_that_is_not_newer_is_ignored():
    window = MotionWindow()
    for time in (0.0, 0.1, 0.2, 0.2, 0.15):
        window.add(replace(SAMPLE, palm=(400.0 * time, 0.0)), at(time))
    assert window.last_ns == at(0.2)
    assert window.movement().palm[-1, 0] == pytest.approx(0.2, abs=0.03)


def test_nearness_is_metres_where_most_distances_are_known():
    window = MotionWindow()
    for k in range(40):
        distance = math.nan if k % 6 == 0 else 2.0 - 0.01 * k
        window.add(replace(SAMPLE, distance=distance), at(k / 30))
    movement = window.movement()
    assert movement.measured
    assert movement.nearness[-3] - movement.nearness[5] == pytest.approx(
        0.3 * (len(movement.nearness) - 8) * STEP_S, 0.1
    )


def test_nearness_is_told_by_the_size_where_it_is_not():
    window = MotionWindow()
    for k in range(40):
        window.add(replace(SAMPLE, pixels_per_metre=400 * 1.01**k, distance=2.0 if k < 5 else math.nan), at(k / 30))
    movement = window.movement()
    assert not movement.measured
    assert np.diff(movement.nearness[5:-5]) == pytest.approx(math.log(1.01) * 30 * STEP_S, rel=0.01)


def test_long_watching_takes_no_more_room():
    window = MotionWindow()
    for k in range(5000):
        window.add(replace(SAMPLE, palm=(float(k % 7), 0.0)), at(k / 100))
    assert window._rows.shape[1] == 1024
    assert len(window.movement().palm) == 65


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=50), st.floats(0, 1))
def test_a_quantile_is_one_of_the_values_with_that_share_below(values, share):
    found = quantile(np.array(values), share)
    assert found in values
    below = sum(value < found for value in values)
    assert below <= share * len(values) + 1
