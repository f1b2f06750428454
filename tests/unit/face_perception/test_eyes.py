import cv2
import numpy as np
import pytest

from face_perception.eyes import EyeLids, lid_distances_mm
from face_perception.face_region import region_of_detection, region_of_landmarks
from face_perception.head_pose import assumed_intrinsics, head_pose, rotation_of
from face_perception.landmarks import Landmarks, LandmarkScheme
from perception_core.frame import Intrinsics

CAMERA = Intrinsics(640, 480, 600.0, 600.0, 320.0, 240.0)
FRAME_NS = 33_333_333
LIDS = {"right": ([159, 158, 160], [145, 153, 144]), "left": ([386, 385, 387], [374, 380, 373])}


def with_lids(face, apart_mm, angles=(0, 0, 0), distance=0.6):
    """A face like the canonical one with its lids so far apart, right and left, and its pose."""
    points = face.points.copy()
    for (upper, lower), apart in zip(LIDS.values(), apart_mm, strict=True):
        middle = (points[upper] + points[lower]) / 2
        half = np.array([0, 0, apart / 2000])
        points[upper], points[lower] = middle + half, middle - half
    metres = points @ rotation_of(*angles).T + np.array([0, 0, distance])
    depth = (metres[:, 2] - distance) * CAMERA.fx / distance
    seen = np.column_stack([CAMERA.project(metres), depth]).astype(np.float32)
    landmarks = Landmarks(LandmarkScheme.MEDIAPIPE468, seen, 1.0)
    return landmarks, head_pose(face, landmarks, CAMERA)


@pytest.mark.parametrize("angles", [(0, 0, 0), (25, 0, 0), (0, 25, 0), (0, -25, 0), (0, 0, 60), (-20, 15, 170)])
@pytest.mark.parametrize("distance", [0.4, 2.0])
def test_lids_are_as_far_apart_however_the_head_is_turned(canonical_face, angles, distance):
    landmarks, pose = with_lids(canonical_face, (9.0, 3.0), angles, distance)
    assert lid_distances_mm(landmarks, pose) == pytest.approx((9, 3), rel=0.12, abs=0.3)


def test_closed_eyes_are_closed_and_open_ones_open(canonical_face):
    eyes = EyeLids().update(*with_lids(canonical_face, (0.5, 7.5)), 0)
    assert eyes.right_closed == pytest.approx(1, abs=0.05)
    assert eyes.left_closed == pytest.approx(0, abs=0.05)
    assert (eyes.right_shut, eyes.left_shut) == (True, False)


def test_half_closed_eyes_do_not_flicker(canonical_face):
    lids, rng, shut = EyeLids(), np.random.default_rng(0), []
    for k in range(60):
        apart = 2.6 + rng.normal(0, 0.25)
        shut.append(lids.update(*with_lids(canonical_face, (apart, apart)), k * FRAME_NS).right_shut)
    assert np.count_nonzero(np.diff(shut)) <= 2


def test_narrow_eyes_are_learned_to_be_open(canonical_face):
    lids = EyeLids()
    first = lids.update(*with_lids(canonical_face, (5.0, 5.0)), 0)
    for second in range(1, 90):
        last = lids.update(*with_lids(canonical_face, (5.0, 5.0)), second * 1_000_000_000)
    assert first.right_closed > 0.25
    assert last.right_closed < 0.1
    assert lids.update(*with_lids(canonical_face, (0.8, 0.8)), 90_000_000_000).right_shut


def test_who_sleeps_is_not_learned_to_have_narrow_eyes(canonical_face):
    lids = EyeLids()
    for second in range(200):
        lids.update(*with_lids(canonical_face, (1.0, 1.0)), second * 1_000_000_000)
    half_open = with_lids(canonical_face, (4.0, 4.0))
    assert lids.update(*half_open, 200_000_000_000) == EyeLids().update(*half_open, 0)


def test_a_jump_back_forgets_the_person(canonical_face):
    lids = EyeLids()
    for second in range(90):
        lids.update(*with_lids(canonical_face, (5.0, 5.0)), second * 1_000_000_000)
    fresh = EyeLids().update(*with_lids(canonical_face, (5.0, 5.0)), 0)
    assert lids.update(*with_lids(canonical_face, (5.0, 5.0)), 0) == fresh


def test_the_blink_in_a_clip_is_seen_and_nothing_else(canonical_face, picture, find_faces, full_mesh):
    clip = cv2.VideoCapture(str(picture("one_face_clip")))
    lids, region, shut = EyeLids(), None, []
    while True:
        there, image = clip.read()
        if not there:
            break
        (found,) = full_mesh(image, [region or region_of_detection(find_faces(image)[0])])
        region = region_of_landmarks(found)
        pose = head_pose(canonical_face, found, assumed_intrinsics(640, 360))
        eyes = lids.update(found, pose, len(shut) * FRAME_NS)
        shut.append(eyes.right_shut and eyes.left_shut)
    clip.release()
    assert {26, 27} <= set(np.flatnonzero(shut)) <= set(range(24, 32))
