import math

import cv2
import numpy as np
import pytest

from face_perception.face_region import region_of_detection
from face_perception.landmark_motion import FaceMesh, moved
from face_perception.landmarks import Landmarks, LandmarkScheme
from perception_core.geometry import RotatedRegion

FRAME_NS = 33_333_333
EYES = [33, 263]


@pytest.fixture(scope="module")
def both(photograph, find_faces, full_mesh, light_mesh):
    """What both networks find in the same region of the same picture."""
    picture = photograph("astronaut")
    region = region_of_detection(find_faces(picture)[0])
    return light_mesh(picture, [region])[0], full_mesh(picture, [region])[0]


def shifted(landmarks, angle_deg=0.0, scale=1.0, shift=(0.0, 0.0)):
    angle = math.radians(angle_deg)
    turn = scale * np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    points = landmarks.points.copy()
    points[:, :2] = points[:, :2] @ turn + shift
    points[:, 2] *= scale
    return Landmarks(landmarks.scheme, points, landmarks.presence)


def distance(one, other):
    return float(np.linalg.norm(one.points[:, :2] - other.points[:, :2], axis=1).max())


def test_the_larger_network_is_believed(both):
    light, full = both
    found = FaceMesh().update(light, full, 0)
    assert found.scheme is LandmarkScheme.MEDIAPIPE478
    assert np.array_equal(found.points, full.points)
    assert found.presence == full.presence


@pytest.mark.parametrize(
    "motion", [{"shift": (9.0, -4.0)}, {"angle_deg": 12}, {"scale": 1.2}, {"angle_deg": -20, "scale": 0.8}]
)
def test_a_motion_that_the_light_network_sees_moves_all_points(both, motion):
    light, full = both
    mesh = FaceMesh(min_cutoff_hz=1e6)
    mesh.update(light, full, 0)
    found = mesh.update(shifted(light, **motion), None, FRAME_NS)
    assert found.scheme is LandmarkScheme.MEDIAPIPE478
    assert distance(found, shifted(full, **motion)) < 0.2


def test_a_lid_that_falls_takes_nothing_else_along(both):
    light, full = both
    blink = light.points.copy()
    blink[159, 1] += 3
    now = moved(full.points.astype(float), light.points.astype(float), blink.astype(float))
    change = np.linalg.norm(now - full.points, axis=1)
    assert change[159] == pytest.approx(3, abs=0.1)
    assert np.delete(change, 159).max() < 0.2


def test_there_is_no_flicker_between_the_networks_on_a_still_face(photograph, find_faces, full_mesh, light_mesh):
    picture = photograph("astronaut")
    rng = np.random.default_rng(2)
    mesh, found, alone = FaceMesh(), [], []
    region = region_of_detection(find_faces(picture)[0])
    for k in range(30):
        noisy = np.clip(picture + rng.normal(0, 5, picture.shape), 0, 255).astype(np.uint8)
        full = full_mesh(noisy, [region])[0]
        found.append(mesh.update(light_mesh(noisy, [region])[0], full if k % 3 == 0 else None, k * FRAME_NS).points)
        alone.append(full.points)
        region = mesh.region
    ours, theirs = (np.median(np.abs(np.diff(np.array(points)[8:, :, :2], axis=0))) for points in (found, alone))
    assert ours < 0.5 * theirs
    assert np.median(np.abs(np.mean(found, axis=0) - np.mean(alone, axis=0))[:, :2]) < 0.5


@pytest.mark.parametrize("name", ["one_face_clip", "pexels"])
def test_between_the_larger_networks_frames_the_points_are_nearly_as_good(
    picture, find_faces, full_mesh, light_mesh, name
):
    clip = cv2.VideoCapture(str(picture(name)))
    mesh, errors, held = FaceMesh(min_cutoff_hz=1e6), [], []
    last = None
    for k in range(60):
        image = clip.read()[1]
        region = mesh.region or region_of_detection(find_faces(image)[0])
        light, full = light_mesh(image, [region])[0], full_mesh(image, [region])[0]
        if k % 3 == 0:
            last = full
        found = mesh.update(light, full if k % 3 == 0 else None, k * FRAME_NS)
        eyes = np.linalg.norm(np.subtract(*full.points[EYES, :2]))
        if k % 3:
            errors.append(np.linalg.norm((found.points - full.points)[:, :2], axis=1).mean() / eyes)
            held.append(np.linalg.norm((last.points - full.points)[:, :2], axis=1).mean() / eyes)
    clip.release()
    assert np.mean(errors) < 0.015
    assert np.mean(errors) < 0.8 * np.mean(held)


@pytest.mark.parametrize("size", [0.25, 1.0, 4.0])
def test_a_far_face_is_filtered_like_a_near_one(both, size):
    _, full = both
    rng = np.random.default_rng(0)
    near, other = FaceMesh(), FaceMesh()
    for k in range(20):
        noise = rng.normal(0, 0.3, full.points.shape).astype(np.float32)
        jittered = Landmarks(full.scheme, full.points + noise + k, 1.0)
        one = near.update(None, jittered, k * FRAME_NS)
        two = other.update(None, Landmarks(full.scheme, jittered.points * np.float32(size), 1.0), k * FRAME_NS)
    assert two.points == pytest.approx(one.points * size, rel=1e-3, abs=1e-2)


@pytest.mark.parametrize("speed", [0.5, 2.0, 6.0])  # inter-ocular distances per second: a nod, a step, a run
def test_a_moving_face_lags_by_less_than_a_frame(both, speed):
    _, full = both
    eyes = float(np.linalg.norm(full.points[[33, 133], :2].mean(axis=0) - full.points[[362, 263], :2].mean(axis=0)))
    step = speed * eyes * FRAME_NS / 1e9
    mesh = FaceMesh()
    for k in range(40):
        there = shifted(full, shift=(k * step, 0.0))
        found = mesh.update(None, there, k * FRAME_NS)
    assert distance(found, there) < step


def test_alone_the_light_network_gives_its_own_points(both):
    light, _ = both
    found = FaceMesh().update(light, None, 0)
    assert found.scheme is LandmarkScheme.MEDIAPIPE468
    assert np.array_equal(found.points, light.points)


def test_without_the_light_network_on_its_frame_the_larger_one_is_moved_as_a_whole(both):
    light, full = both
    mesh = FaceMesh(min_cutoff_hz=1e6)
    mesh.update(None, full, 0)
    first = mesh.update(light, None, FRAME_NS)
    then = mesh.update(shifted(light, shift=(5.0, 5.0)), None, 2 * FRAME_NS)
    assert first.scheme is then.scheme is LandmarkScheme.MEDIAPIPE478
    assert distance(then, shifted(first, shift=(5.0, 5.0))) < 0.1


def test_the_region_follows_without_lag(both):
    light, full = both
    mesh = FaceMesh()
    mesh.update(light, full, 0)
    before = mesh.region
    mesh.update(shifted(light, shift=(20.0, 0.0)), None, FRAME_NS)
    assert mesh.region.centre[0] - before.centre[0] == pytest.approx(20, abs=0.1)
    assert isinstance(mesh.region, RotatedRegion)


@pytest.mark.parametrize("jump_ns", [-FRAME_NS, 2_000_000_000])
def test_a_jump_in_time_begins_anew(both, jump_ns):
    light, full = both
    mesh = FaceMesh()
    start = 10_000_000_000
    mesh.update(light, full, start)
    elsewhere = shifted(light, shift=(100.0, 0.0))
    found = mesh.update(elsewhere, None, start + jump_ns)
    assert np.array_equal(found.points, elsewhere.points)


def test_points_that_are_not_finite_change_nothing(both):
    light, full = both
    mesh = FaceMesh()
    before = mesh.update(light, full, 0)
    region = mesh.region
    broken = Landmarks(light.scheme, np.full_like(light.points, np.nan), 1.0)
    assert mesh.update(broken, None, FRAME_NS) is None
    assert mesh.update(broken, full, FRAME_NS) is None
    assert mesh.update(None, None, FRAME_NS) is None
    assert mesh.region == region
    assert np.allclose(mesh.update(light, full, 2 * FRAME_NS).points, before.points, atol=0.01)


def test_a_face_that_moves_on_is_ahead_where_it_goes(both):
    light, full = both
    mesh = FaceMesh()
    for frame in range(30):
        shift = {"shift": (3.0 * frame, -2.0 * frame)}
        mesh.update(shifted(light, **shift), shifted(full, **shift), frame * FRAME_NS)
    ahead = mesh.ahead(30 * FRAME_NS)
    assert ahead.scheme is LandmarkScheme.MEDIAPIPE478
    assert distance(ahead, shifted(full, shift=(90.0, -60.0))) < 1.5


def test_nobody_is_ahead_without_points_or_long_after_them(both):
    mesh = FaceMesh()
    assert mesh.ahead(0) is None
    mesh.update(*both, 0)
    assert mesh.ahead(FRAME_NS) is not None
    assert mesh.ahead(600_000_000) is None
    mesh.reset()
    assert mesh.ahead(FRAME_NS) is None
