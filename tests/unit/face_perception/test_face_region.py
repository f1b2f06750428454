import math

import numpy as np
import pytest

from face_perception.detection import FaceDetection, FaceKeypoints
from face_perception.face_region import region_of_detection, region_of_landmarks
from face_perception.landmarks import Landmarks, LandmarkScheme
from perception_core.geometry import Box, transformed


def detection(box, right_eye, left_eye):
    return FaceDetection(box, 0.9, FaceKeypoints(right_eye, left_eye, (0, 0), (0, 0), (0, 0)))


def mesh(points):
    points = np.column_stack([points, np.zeros(len(points))]).astype(np.float32)
    return Landmarks(LandmarkScheme.MEDIAPIPE468, points, 1.0)


def oval():
    """Points on an upright oval of 80 x 100 pixels about (200, 150), the corners of the eyes level."""
    angles = np.linspace(0, 2 * math.pi, 468, endpoint=False)
    points = np.column_stack([200 + 40 * np.cos(angles), 150 + 50 * np.sin(angles)])
    points[33], points[263] = (180, 140), (220, 140)
    return points


def test_a_detected_face_is_looked_at_in_one_and_a_half_times_its_longer_side():
    region = region_of_detection(detection(Box(100, 50, 60, 80), (115, 80), (145, 80)))
    assert region.centre == (130, 90)
    assert region.side == 120
    assert region.angle == 0


@pytest.mark.parametrize("angle_deg", [-170, -45, 10, 90])
def test_the_region_is_turned_as_the_eyes_are(angle_deg):
    angle = math.radians(angle_deg)
    left = (100 + 30 * math.cos(angle), 100 + 30 * math.sin(angle))
    assert region_of_detection(detection(Box(80, 80, 60, 60), (100, 100), left)).angle == pytest.approx(angle)


def test_the_eyes_are_level_in_the_crop(photograph, find_faces):
    (face,) = find_faces(photograph("astronaut"))
    region = region_of_detection(face)
    eyes = transformed([face.keypoints.right_eye, face.keypoints.left_eye], region.to_crop(256))
    assert eyes[0, 1] == pytest.approx(eyes[1, 1], abs=1e-6)
    assert eyes[0, 0] < eyes[1, 0]


def test_landmarks_are_followed_in_one_and_a_half_times_their_longer_side():
    region = region_of_landmarks(mesh(oval()))
    assert region.centre == pytest.approx((200, 150), abs=0.1)
    assert region.side == pytest.approx(150, rel=1e-3)
    assert region.angle == 0


def test_a_face_that_rolls_keeps_its_region_within_a_tenth():
    upright = region_of_landmarks(mesh(oval()))
    for angle in np.radians([30, 45, 90, 170]):
        cos, sin = math.cos(angle), math.sin(angle)
        rolled = region_of_landmarks(mesh((oval() - (200, 150)) @ np.array([[cos, sin], [-sin, cos]]) + (200, 150)))
        assert rolled.angle == pytest.approx(angle)
        assert rolled.side == pytest.approx(upright.side, rel=0.1)
        assert rolled.centre == pytest.approx(upright.centre, abs=1)


@pytest.mark.parametrize(
    "face",
    [
        detection(Box(math.nan, 50, 60, 80), (115, 80), (145, 80)),
        detection(Box(100, 50, 60, 80), (math.nan, 80), (145, 80)),
        detection(Box(100, 50, 60, math.inf), (115, 80), (145, 80)),
        detection(Box(100, 50, 0, 0), (115, 80), (145, 80)),
    ],
)
def test_an_unusable_detection_has_no_region(face):
    assert region_of_detection(face) is None


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_unusable_landmarks_have_no_region(value):
    points = oval()
    points[100] = value
    assert region_of_landmarks(mesh(points)) is None
    assert region_of_landmarks(mesh(np.full((468, 2), 7.0))) is None
