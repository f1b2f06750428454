import math

import numpy as np
import pytest

from benchmarks.harness.made_motions import MOTIONS, OTHERS
from benchmarks.harness.model_hand import model_hand
from benchmarks.harness.motion_sequences import Filming, Pose, film, glide, landmarks_of, upright
from gesture_perception.hand_points import FINGERS, MIDDLE_MCP, WRIST
from perception_core.depth import PositionSource

STILL = np.zeros((50, 21, 3))


@pytest.mark.parametrize("right", [True, False])
@pytest.mark.parametrize("angles", [(0.4, 0.0, 0.0), (0.0, -0.8, 0.3), (2.5, 0.7, 1.4)])
def test_a_hand_in_any_position_is_turned_upright(right, angles):
    shape = model_hand(right)
    turned = landmarks_of(shape, Pose(roll=angles[0], pitch=angles[1], yaw=angles[2]), STILL[0]).metric
    assert upright(turned.astype(float), right).metric == pytest.approx(upright(shape.metric, right).metric, abs=1e-6)


def test_bones_keep_their_length_when_fingers_bend():
    def links(curl):
        metric = landmarks_of(model_hand(), Pose(curl=curl), STILL[0]).metric
        return np.linalg.norm(np.diff(metric[FINGERS], axis=1), axis=2)

    for curl in (0.3, 1.0):
        assert links(curl) == pytest.approx(links(0.0), abs=1e-6)


def test_a_hand_of_nine_centimetres_has_its_size_in_pixels():
    points = landmarks_of(model_hand(), Pose(distance=2.0), STILL[0]).points
    assert math.dist(points[WRIST, :2], points[MIDDLE_MCP, :2]) == pytest.approx(0.09 * 615 / 2.0, rel=0.03)


def test_fingers_that_lean_to_the_camera_are_nearer():
    metric = landmarks_of(model_hand(), Pose(pitch=0.8), STILL[0]).metric
    assert metric[MIDDLE_MCP, 2] < metric[WRIST, 2]


def test_an_arm_moves_from_rest_to_rest():
    times = np.linspace(0, 2, 201)
    there = np.array([glide(time, 0.5, 1.0) for time in times])
    assert there[0] == 0 and there[-1] == 1
    assert (np.diff(there) >= 0).all()
    assert np.diff(there).max() == pytest.approx(1.875 * 0.01, rel=0.01)


def test_a_hand_is_filmed_as_wanted():
    filming = Filming(STILL, 20.0, missed=0.25, depth=True)
    frames = film(lambda _: Pose(distance=1.2), 50.0, model_hand(), filming, np.random.default_rng(0))
    stamps = np.array([stamp for stamp, _, _ in frames]) / 1e9
    assert len(frames) == 1000
    assert np.diff(stamps).min() > 0 and np.diff(stamps).mean() == pytest.approx(0.05, rel=0.01)
    assert np.mean([landmarks is None for _, landmarks, _ in frames]) == pytest.approx(0.25, abs=0.05)
    measured = [where.xyz[2] for _, _, where in frames if where.source is PositionSource.DEPTH]
    assert len(measured) > 900
    assert np.mean(measured) == pytest.approx(1.2, abs=0.02)
    blind = film(lambda _: Pose(), 5.0, model_hand(), Filming(STILL, 20.0, depth=False), np.random.default_rng(0))
    assert all(where.source is PositionSource.NONE for _, _, where in blind)


@pytest.mark.parametrize("name", [*MOTIONS, *OTHERS])
def test_every_path_is_smooth_and_says_what_it_is(name):
    for seed in range(10):
        made = {**MOTIONS, **OTHERS}[name](np.random.default_rng(seed))
        assert made.label == (name if name in MOTIONS else "")
        assert 1.0 < made.seconds < 15.0
        poses = [made.path(time) for time in np.arange(0, made.seconds, 0.01)]
        places = np.array([(*pose.place, pose.distance) for pose in poses])
        assert np.isfinite(places).all()
        assert np.linalg.norm(np.diff(places, axis=0), axis=1).max() < 0.01 * 6.0
        assert min(pose.distance for pose in poses) > 0.3
        assert all(-0.01 <= pose.curl <= 1.01 for pose in poses)
