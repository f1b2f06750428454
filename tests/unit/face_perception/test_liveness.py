"""Heads have relief, pictures of them have not."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from face_perception.canonical_face import read_canonical_face
from face_perception.head_pose import rotation_of
from face_perception.landmarks import Landmarks, LandmarkScheme
from face_perception.liveness import Liveness, LivenessEvidence, Relief, measure_relief
from perception_core.depth import Position3D, PositionSource
from perception_core.frame import DepthImage, Intrinsics

CAMERA = Intrinsics(640, 480, 600.0, 600.0, 320.0, 240.0)
SECOND = 1_000_000_000


@pytest.fixture(scope="module")
def face(weights):
    return read_canonical_face(weights("face_geometry"))


def head_at(distance, angles):
    return rotation_of(*angles), Position3D((0.0, 0.0, distance), 0.003, 1.0, PositionSource.DEPTH)


def seen(face, pose):
    """Landmarks of the head, and its points in the camera's frame."""
    rotation, position = pose
    points = face.points @ rotation.T + np.array(position.xyz)
    pixels = np.column_stack([CAMERA.project(points), np.zeros(len(points))]).astype(np.float32)
    return Landmarks(LandmarkScheme.MEDIAPIPE468, pixels, 1.0), points


def depth_of(landmarks, z_at_points, noise_m=0.0, seed=0):
    """A depth image that has given distances at the landmarks, with noise alike within small patches."""
    metres = np.zeros((480, 640), np.float32)
    for (column, row), z in zip(np.rint(landmarks.points[:, :2]).astype(int), z_at_points, strict=True):
        metres[row, column] = z
    noise = np.random.default_rng(seed).normal(0, 1, metres.shape).astype(np.float32)
    patches = cv2.blur(noise, (7, 7)) * 7
    return DepthImage(np.where(metres > 0, metres + noise_m * patches, 0).astype(np.float32), 1.0)


POSES = [(0, 0, 0), (25, 0, 0), (-15, 15, 10), (0, -20, -20)]


@pytest.mark.parametrize("angles", POSES)
@pytest.mark.parametrize("distance", [0.5, 1.0, 1.5])
def test_a_head_measures_as_a_head(face, angles, distance):
    landmarks, points = seen(face, head_at(distance, angles))
    relief = measure_relief(face, depth_of(landmarks, points[:, 2], 0.002), landmarks, *head_at(distance, angles))
    assert relief.share == pytest.approx(1.0, abs=max(4 * relief.sigma, 0.1))


def tilted(points, right, down):
    return 1.0 + right * points[:, 0] + down * points[:, 1]


def bent(points, per_m, degrees):
    across = points[:, 0] * np.cos(np.radians(degrees)) + points[:, 1] * np.sin(np.radians(degrees))
    return 1.0 + per_m * across**2


@pytest.mark.parametrize("angles", POSES)
@pytest.mark.parametrize(
    "sheet",
    [
        lambda points: tilted(points, 0, 0),
        lambda points: tilted(points, 0.5, -0.2),
        lambda points: bent(points, 4.0, 0),
        lambda points: bent(points, 4.0, 70),
    ],
)
def test_a_sheet_is_flat_however_it_is_tilted_or_bent(face, angles, sheet):
    pose = head_at(1.0, angles)
    landmarks, points = seen(face, pose)
    relief = measure_relief(face, depth_of(landmarks, sheet(points), 0.002), landmarks, *pose)
    assert relief.share == pytest.approx(0.0, abs=max(4 * relief.sigma, 0.2))


def test_more_noise_is_less_sure(face):
    pose = head_at(1.0, (0, 0, 0))
    landmarks, points = seen(face, pose)
    calm, noisy = (
        measure_relief(face, depth_of(landmarks, points[:, 2], noise), landmarks, *pose) for noise in (0.001, 0.01)
    )
    assert noisy.sigma > 3 * calm.sigma


def test_without_depth_there_is_no_answer(face):
    pose = head_at(1.0, (0, 0, 0))
    landmarks, points = seen(face, pose)
    assert measure_relief(face, DepthImage(np.zeros((480, 640), np.uint16), 0.001), landmarks, *pose) is None
    rotation, position = pose
    by_size = replace(position, source=PositionSource.SIZE_PRIOR)
    assert measure_relief(face, depth_of(landmarks, points[:, 2]), landmarks, rotation, by_size) is None


def test_landmarks_that_are_not_finite_or_outside_are_not_looked_at(face):
    pose = head_at(1.0, (0, 0, 0))
    landmarks, points = seen(face, pose)
    depth = depth_of(landmarks, points[:, 2])
    broken = landmarks.points.copy()
    broken[::3] = np.nan
    broken[1::3] += 10_000
    assert measure_relief(face, depth, Landmarks(landmarks.scheme, broken, 1.0), *pose) is None


def judged(reliefs, start_ns=0):
    evidence = LivenessEvidence()
    return [evidence.update(relief, start_ns + index * SECOND // 10) for index, relief in enumerate(reliefs)]


def test_clear_measurements_decide_and_unclear_ones_do_not():
    assert judged([Relief(0.8, 0.05)] * 3)[-1] is Liveness.REAL
    assert judged([Relief(0.0, 0.05)] * 3)[-1] is Liveness.FLAT
    assert judged([Relief(0.8, 0.9)] * 20)[-1] is Liveness.UNKNOWN
    assert judged([None] * 5)[-1] is Liveness.UNKNOWN


def test_a_head_that_a_photograph_replaces_turns_flat_within_three_seconds():
    states = judged([Relief(0.7, 0.05)] * 20 + [Relief(0.0, 0.05)] * 30)
    assert states[19] is Liveness.REAL
    assert states[-1] is Liveness.FLAT


def test_a_moment_without_depth_changes_nothing():
    assert judged([Relief(0.7, 0.05)] * 5 + [None] * 5)[-1] is Liveness.REAL


def test_a_jump_of_time_begins_anew():
    evidence = LivenessEvidence()
    for index in range(10):
        evidence.update(Relief(0.8, 0.02), 100 * SECOND + index)
    assert evidence.update(None, 5 * SECOND) is Liveness.UNKNOWN
