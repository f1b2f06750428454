import math

import numpy as np
import pytest

from perception_core.face_anatomy import face_size_prior, sellion
from perception_core.frame import Intrinsics

CAMERA = Intrinsics(640, 480, 615.0, 615.0, 320.0, 240.0)
# MediaPipe's canonical face about its sellion, metres; x right, y down, z away from the viewer.
EYE, MOUTH_CORNER, NOSE_TIP = (0.0315, 0.0065, 0.0177), (0.02456, 0.0761, 0.0095), (0.0, 0.0374, -0.0235)


def face_seen(distance, yaw=0.0, pitch=0.0, *, eye_scale=1.0, mouth_scale=1.0, jitter=None):
    """Pixels of eyes, nose, mouth corners and sellion."""
    left = np.array([-1.0, 1.0, 1.0])
    eye, mouth = np.array(EYE) * [eye_scale, 1, 1], np.array(MOUTH_CORNER)
    mouth[1] = EYE[1] + (mouth[1] - EYE[1]) * mouth_scale
    points = np.array([eye * left, eye, NOSE_TIP, mouth * left, mouth, [0, 0, 0]])
    about_y = [[math.cos(yaw), 0, math.sin(yaw)], [0, 1, 0], [-math.sin(yaw), 0, math.cos(yaw)]]
    about_x = [[1, 0, 0], [0, math.cos(pitch), -math.sin(pitch)], [0, math.sin(pitch), math.cos(pitch)]]
    turned = points @ (np.array(about_y) @ about_x).T
    pixels = CAMERA.project(turned + np.array([0.05, -0.05, distance]))
    if jitter is not None:
        pixels += jitter
    return [tuple(map(float, pixel)) for pixel in pixels]


@pytest.mark.parametrize("yaw", [-0.7, -0.3, 0.0, 0.3, 0.7])
@pytest.mark.parametrize("pitch", [-0.3, 0.0, 0.3])
def test_the_sellion_is_found_on_a_turned_head(yaw, pitch):
    *face, truth = face_seen(1.0, yaw, pitch)
    found = sellion((face[0], face[1]), face[2], (face[3], face[4]))
    assert math.dist(found, truth) < 0.002 * CAMERA.fx  # 2 mm; the middle between the eyes is off by up to 14 mm


@pytest.mark.parametrize("distance", [0.4, 1.0, 3.0])
@pytest.mark.parametrize("turn", [(0.0, 0.0), (0.7, 0.0), (0.0, 0.4), (0.7, 0.2)])
def test_a_turned_head_does_not_look_further_away(distance, turn):
    *face, _ = face_seen(distance, *turn)
    assert face_size_prior((face[0], face[1]), (face[3], face[4]), CAMERA).distance == pytest.approx(distance, rel=0.10)


@pytest.mark.parametrize("distance", [0.5, 1.0, 3.0])
def test_sigma_is_as_large_as_the_errors_over_people_and_poses(distance):
    rng = np.random.default_rng(1)
    ratios = []
    for _ in range(400):
        yaw, pitch, jitter = rng.normal(0, 0.35), rng.normal(0, 0.15), rng.normal(0, 1.0, (6, 2))
        person = {"eye_scale": rng.normal(1, 0.0035 / 0.063), "mouth_scale": rng.normal(1, 0.0045 / 0.0697)}
        *face, _ = face_seen(distance, yaw, pitch, **person, jitter=jitter)
        prior = face_size_prior((face[0], face[1]), (face[3], face[4]), CAMERA)
        ratios.append((prior.distance - distance) / prior.sigma)
    assert 0.7 < np.sqrt(np.mean(np.square(ratios))) < 1.3


def test_landmarks_in_one_point_give_no_distance():
    assert face_size_prior(((5.0, 5.0), (5.0, 5.0)), ((5.0, 5.0), (5.0, 5.0)), CAMERA) is None
