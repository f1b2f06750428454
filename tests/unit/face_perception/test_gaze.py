import math
from dataclasses import replace

import cv2
import numpy as np
import pytest

from face_perception.eyes import Eyes
from face_perception.gaze import Attention, Gaze, GazeTracker, angle_to_camera_deg, gaze_of_eyes
from face_perception.head_pose import assumed_intrinsics, head_pose, rotation_of
from face_perception.landmark_schemes import to_scheme
from face_perception.landmarks import LandmarkScheme

FRAME_NS = 33_333_333
OPEN = Eyes(0.0, 0.0, False, False)
SHUT = Eyes(1.0, 1.0, True, True)
LOOK_AT_THE_CAMERA = ["obama", "biden", "astronaut", "happy_face", "angry_face"]


def camera_of(image):
    return assumed_intrinsics(image.shape[1], image.shape[0])


@pytest.fixture(scope="module")
def face_in(photograph, landmarks_in, canonical_face):
    def find(name, mirrored=False):
        image = cv2.flip(photograph(name), 1) if mirrored else photograph(name)
        landmarks = landmarks_in(image)
        return landmarks, head_pose(canonical_face, landmarks, camera_of(image))

    return find


def moved_irises(landmarks, shift):
    points = landmarks.points.copy()
    points[468:, :2] += shift
    return replace(landmarks, points=points)


@pytest.mark.parametrize("name", LOOK_AT_THE_CAMERA)
def test_who_looks_into_the_camera_is_seen_to(face_in, name):
    landmarks, pose = face_in(name)
    gaze = GazeTracker().update(landmarks, pose, OPEN, 0)
    assert gaze.by_eyes
    assert math.hypot(*gaze.direction) == pytest.approx(1)
    assert angle_to_camera_deg(gaze, pose) < 10


def test_who_looks_aside_is_seen_to(face_in):
    landmarks, pose = face_in("obama_other")
    gaze = GazeTracker().update(landmarks, pose, OPEN, 0)
    assert angle_to_camera_deg(gaze, pose) > 20
    assert gaze.direction[0] < pose.forward[0]  # the eyes are turned further to the left of the image than the head


def test_a_mirrored_picture_has_a_mirrored_gaze(face_in):
    (landmarks, pose), (mirrored, its_pose) = face_in("obama_other"), face_in("obama_other", mirrored=True)
    direction = gaze_of_eyes(landmarks, pose, OPEN)
    assert gaze_of_eyes(mirrored, its_pose, OPEN) == pytest.approx(direction * (-1, 1, 1), abs=0.08)


@pytest.mark.parametrize("shift", [(-3.0, 0.0), (3.0, 0.0)])
def test_the_gaze_goes_where_the_irises_go(face_in, shift):
    landmarks, pose = face_in("astronaut")
    before = gaze_of_eyes(landmarks, pose, OPEN)
    after = gaze_of_eyes(moved_irises(landmarks, shift), pose, OPEN)
    # 3 px of 44 between the eyes are 4.3 mm of a circle of 10.5 mm
    assert after[0] - before[0] == pytest.approx(math.copysign(4.3 / 10.5, shift[0]), abs=0.06)


def test_with_one_eye_shut_the_other_looks(face_in):
    landmarks, pose = face_in("happy_face")
    both = gaze_of_eyes(landmarks, pose, OPEN)
    one = gaze_of_eyes(landmarks, pose, Eyes(1.0, 0.0, True, False))
    other = gaze_of_eyes(landmarks, pose, Eyes(0.0, 1.0, False, True))
    assert not np.allclose(one, other)
    assert min(one[0], other[0]) <= both[0] <= max(one[0], other[0])


def test_shut_eyes_do_not_look(face_in):
    landmarks, pose = face_in("happy_face")
    assert gaze_of_eyes(landmarks, pose, SHUT) is None
    gaze = GazeTracker().update(landmarks, pose, SHUT, 0)
    assert not gaze.by_eyes
    assert gaze.direction == pytest.approx(tuple(pose.forward))


def test_irises_that_are_too_small_say_nothing(canonical_face, photograph, landmarks_in, full_mesh):
    image = photograph("happy_face")
    landmarks = landmarks_in(image)
    small = replace(landmarks, points=landmarks.points * np.float32(0.15))  # eyes 20 px apart
    pose = head_pose(canonical_face, small, camera_of(cv2.resize(image, None, fx=0.15, fy=0.15)))
    assert gaze_of_eyes(small, pose, OPEN) is None


def test_without_irises_the_head_tells(face_in):
    landmarks, pose = face_in("happy_face")
    mesh = to_scheme(landmarks, LandmarkScheme.MEDIAPIPE468)
    assert not GazeTracker().update(mesh, pose, OPEN, 0).by_eyes


def test_a_profile_shows_no_gaze(face_in):
    landmarks, pose = face_in("happy_face")
    turned = replace(pose, rotation=rotation_of(80, 0, 0))
    assert gaze_of_eyes(landmarks, turned, OPEN) is None


def test_jitter_of_the_irises_is_calmed(face_in):
    landmarks, pose = face_in("astronaut")
    rng, tracker, raw, calm = np.random.default_rng(0), GazeTracker(), [], []
    for k in range(60):
        jittered = moved_irises(landmarks, rng.normal(0, 0.3, 2))
        raw.append(gaze_of_eyes(jittered, pose, OPEN))
        calm.append(tracker.update(jittered, pose, OPEN, k * FRAME_NS).direction)
    assert np.diff(calm, axis=0).std() < 0.5 * np.diff(raw, axis=0).std()


def test_after_a_blink_the_gaze_goes_on(face_in):
    landmarks, pose = face_in("happy_face")
    tracker = GazeTracker()
    before = tracker.update(landmarks, pose, OPEN, 0)
    tracker.update(landmarks, pose, SHUT, FRAME_NS)
    after = tracker.update(landmarks, pose, OPEN, 2 * FRAME_NS)
    assert after.by_eyes
    assert after.direction == pytest.approx(before.direction, abs=1e-6)


def looking(degrees, pose, by_eyes=True):
    direction = pose.to_camera @ (math.sin(math.radians(degrees)), 0, -math.cos(math.radians(degrees)))
    return Gaze(tuple(direction), by_eyes)


@pytest.fixture
def pose(face_in):
    return face_in("obama")[1]


def answers(attention, pose, angles, eyes=OPEN):
    return [attention.update(looking(angle, pose), pose, eyes, k * FRAME_NS) for k, angle in enumerate(angles)]


def test_attention_begins_and_ends_soon_but_not_at_once(pose):
    looks = answers(Attention(), pose, [40.0] * 5 + [3.0] * 20 + [40.0] * 20)
    assert not any(looks[:6])
    assert all(looks[10:26])
    assert not any(looks[37:])


def test_attention_does_not_flicker_at_its_limit(pose):
    rng = np.random.default_rng(0)
    looks = answers(Attention(), pose, [3.0] * 20 + list(12 + rng.normal(0, 2, 200)))
    assert all(looks[10:])


def test_a_blink_does_not_end_attention_but_sleep_does(pose):
    attention = Attention()
    answers(attention, pose, [0.0] * 20)
    blink = [attention.update(looking(0, pose), pose, SHUT, (20 + k) * FRAME_NS) for k in range(6)]
    sleep = [attention.update(looking(0, pose), pose, SHUT, (26 + k) * FRAME_NS) for k in range(30)]
    assert all(blink)
    assert not sleep[-1]


def test_the_head_alone_may_be_further_off_than_the_eyes(pose):
    by_head, by_eyes = Attention(on_after_s=0.0), Attention(on_after_s=0.0)
    assert by_head.update(looking(14, pose, by_eyes=False), pose, OPEN, 0)
    assert not by_eyes.update(looking(14, pose), pose, OPEN, 0)


def test_a_jump_back_begins_with_no(pose):
    attention = Attention()
    answers(attention, pose, [0.0] * 20)
    assert not attention.update(looking(0, pose), pose, OPEN, -FRAME_NS)


@pytest.mark.parametrize("angles", [(0.0, 16.0), (12.0, -1.0), (math.nan, 16.0)])
def test_limits_without_sense_are_refused(angles):
    with pytest.raises(ValueError, match="needs angles above 0 degrees"):
        Attention(*angles)
