import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_perception.alignment import alignment, template
from face_perception.detection import FaceDetection, FaceKeypoints
from face_perception.view_quality import HeadAngles, Refusal, head_angles, sharpness, view_quality
from perception_core.geometry import Box, transformed

# MediaPipe's canonical face in millimetres about the middle between the eyes: x to the person's left, y down,
# z forward.
HEAD = np.array([[-31.5, 0, 0], [31.5, 0, 0], [0, 39.4, 41.2], [-24, 69.7, 8.2], [24, 69.7, 8.2]])


def seen(yaw=0.0, pitch=0.0, roll=0.0):
    """Five points of the canonical head, turned, as a far camera sees them: 2 pixels to the millimetre."""
    y, p, r = yaw, pitch, roll
    turn_y = np.array([[math.cos(y), 0, math.sin(y)], [0, 1, 0], [-math.sin(y), 0, math.cos(y)]])
    turn_p = np.array([[1, 0, 0], [0, math.cos(p), math.sin(p)], [0, -math.sin(p), math.cos(p)]])
    turn_r = np.array([[math.cos(r), -math.sin(r), 0], [math.sin(r), math.cos(r), 0], [0, 0, 1]])
    return 2 * (HEAD @ turn_p.T @ turn_y.T @ turn_r.T)[:, :2] + 300


def some_texture(sigma=0.7, seed=0):
    """A crop with detail of all sizes, as a face has."""
    rng = np.random.default_rng(seed)
    layers = [
        cv2.resize(rng.normal(0, 20, (size, size)), (112, 112), interpolation=cv2.INTER_CUBIC)
        for size in (7, 14, 28, 56)
    ]
    grey = cv2.GaussianBlur(128 + sum(layers), (0, 0), sigma)
    return np.repeat(grey.clip(0, 255).astype(np.uint8)[:, :, None], 3, axis=2)


def judged(crop=None, points=None, score=0.9, picture=(640, 640), angles=None):
    points = seen() if points is None else points
    width, height = points.max(axis=0) - points.min(axis=0)
    box = Box(*(points.mean(axis=0) - [width, height]), 2 * width, 2 * height)
    face = FaceDetection(box, score, FaceKeypoints.from_array(points))
    return view_quality(some_texture() if crop is None else crop, face, alignment(points), picture, angles)


def test_a_sharp_bright_level_face_is_good():
    quality = judged()
    assert quality.refusals == ()
    assert quality.weight == 1.0


@pytest.mark.parametrize("size", [20, 26])
def test_a_small_face_is_refused(size):
    shrunk = transformed(template(), np.array([[size / 106, 0, 100], [0, size / 106, 100]]))
    assert Refusal.TOO_SMALL in judged(points=shrunk).refusals


def test_the_height_is_that_of_the_detectors_box():
    points = transformed(template(), np.array([[2.0, 0, 50], [0, 2.0, 50]]))
    face = FaceDetection(Box(60, 40, 160, 230), 0.9, FaceKeypoints.from_array(points))
    assert view_quality(some_texture(), face, alignment(points), (400, 400)).height == pytest.approx(212.6, abs=0.5)


def test_blur_is_refused_and_some_of_it_weighs_less():
    qualities = [judged(cv2.GaussianBlur(some_texture(0.3), (0, 0), sigma)) for sigma in (0.3, 1.2, 1.8, 3.0)]
    assert [quality.sharpness for quality in qualities] == sorted((q.sharpness for q in qualities), reverse=True)
    assert Refusal.BLURRED in qualities[-1].refusals
    assert Refusal.BLURRED not in qualities[0].refusals


@given(gain=st.floats(0.2, 1.0), offset=st.integers(0, 40))
def test_sharpness_depends_neither_on_contrast_nor_on_brightness(gain, offset):
    grey = some_texture()[:, :, 0]
    changed = (grey * gain + offset).clip(0, 255).astype(np.uint8)
    assert sharpness(changed) == pytest.approx(sharpness(grey), abs=0.03)


def test_noise_does_not_pass_for_sharpness():
    rng = np.random.default_rng(0)
    blurred = cv2.GaussianBlur(some_texture(), (0, 0), 3)
    noisy = (blurred + rng.normal(0, 3, blurred.shape)).clip(0, 255).astype(np.uint8)
    assert sharpness(noisy[:, :, 0]) < sharpness(some_texture()[:, :, 0]) / 2


@pytest.mark.parametrize("level", [0, 10, 128, 255])
def test_a_plain_surface_has_no_sharpness(level):
    assert sharpness(np.full((92, 80), level, np.uint8)) == 0.0


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (lambda grey: grey * 0.15, Refusal.TOO_DARK),
        (lambda grey: 240 + grey * 0.05, Refusal.TOO_BRIGHT),
        (lambda grey: 120 + grey * 0.05, Refusal.NO_CONTRAST),
    ],
)
def test_bad_light_is_refused_by_its_name(change, refusal):
    assert refusal in judged(change(some_texture().astype(np.float32)).astype(np.uint8)).refusals


@pytest.mark.parametrize("yaw", [-60, -30, 0, 30, 60])
@pytest.mark.parametrize("pitch", [-25, 0, 25])
@pytest.mark.parametrize("roll", [-40, 0, 40])
def test_angles_are_those_of_the_head(yaw, pitch, roll):
    found = head_angles(seen(math.radians(yaw), math.radians(pitch), math.radians(roll)))
    assert abs(math.degrees(found.yaw)) == pytest.approx(abs(yaw), abs=10)
    assert math.degrees(found.pitch) == pytest.approx(pitch, abs=12)


@pytest.mark.parametrize("yaw", [-65, 65])
def test_a_face_that_is_turned_away_is_refused(yaw):
    assert Refusal.TURNED_AWAY in judged(points=seen(yaw=math.radians(yaw))).refusals


def test_a_face_that_is_turned_a_little_counts_less():
    weights = [judged(points=seen(yaw=math.radians(yaw))).weight for yaw in (0, 25, 35, 60)]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] == 1.0
    assert weights[-1] == pytest.approx(0.2)


@pytest.mark.parametrize("angles", [HeadAngles(1.2, 0.0), HeadAngles(0.0, -0.8), HeadAngles(math.nan, 0.0)])
def test_angles_that_are_known_better_are_believed(angles):
    assert Refusal.TURNED_AWAY in judged(angles=angles).refusals
    assert Refusal.TURNED_AWAY not in judged(points=seen(yaw=math.radians(65)), angles=HeadAngles(0.1, 0.1)).refusals


@pytest.mark.parametrize("roll", [-170, -90, 90, 180])
def test_a_head_on_its_side_or_upside_down_is_refused(roll):
    assert Refusal.UPSIDE_DOWN in judged(points=seen(roll=math.radians(roll))).refusals


def test_a_head_that_is_tilted_is_not():
    assert judged(points=seen(roll=math.radians(35))).refusals == ()


@pytest.mark.parametrize("shift", [(-340, 0), (260, 0), (0, 240), (0, -340)])
def test_a_face_cut_by_any_border_is_refused(shift):
    assert Refusal.CUT_OFF in judged(points=seen() + np.array(shift)).refusals


def test_a_tight_picture_that_lacks_forehead_and_chin_is_not_cut_off():
    points = seen() - seen().min(axis=0) + np.array([80, 60])
    width, height = (points.max(axis=0) + np.array([80, 60])).astype(int)
    assert judged(points=points, picture=(width, height)).refusals == ()


def test_a_doubtful_detection_is_refused():
    assert judged(score=0.5).refusals == (Refusal.UNSURE,)


def test_points_on_a_line_are_no_face():
    points = np.column_stack([np.linspace(0, 100, 5), np.linspace(0, 100, 5)])
    assert math.isnan(head_angles(points).yaw)
    assert Refusal.TURNED_AWAY in judged(points=points).refusals


def test_every_reason_has_words_for_the_person():
    assert all(len(refusal.value) > 15 and refusal.value.isprintable() for refusal in Refusal)
    assert len({refusal.value for refusal in Refusal}) == len(Refusal)
