import math
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.head_views import painted, view
from face_perception.detection import FaceDetector
from face_perception.face_region import region_of_detection, region_of_landmarks
from face_perception.head_pose import assumed_intrinsics, head_pose, rotation_of
from face_perception.landmarks import Landmarks, LandmarkScheme
from perception_core.depth import Position3D, PositionSource, locate
from perception_core.engines.engine import open_engine
from perception_core.face_anatomy import SELLION, face_size_prior, sellion
from perception_core.frame import Intrinsics
from perception_core.sources.scene_source import SceneSource
from perception_core.sources.scenes import static

CAMERA = Intrinsics(640, 480, 600.0, 600.0, 320.0, 240.0)
ANGLES = [(0, 0, 0), (-40, 0, 0), (-20, 10, 15), (20, -15, -15), (30, 20, 0), (40, 0, 10), (0, 25, 0), (0, -25, 20)]


def angle_between_deg(one, other):
    return math.degrees(math.acos(np.clip((np.trace(one.T @ other) - 1) / 2, -1, 1)))


def seen(face, angles, place, camera=CAMERA):
    """Landmarks without error of a face like the canonical one."""
    metres = face.points @ rotation_of(*angles).T + np.array(place)
    middle = metres.mean(axis=0)
    along_sight = (metres - middle) @ middle / (middle @ middle)
    size = np.linalg.norm(np.array([middle[0], middle[1]]) / middle[2])
    depth = along_sight * camera.fx * math.hypot(1, size) / 1.15  # as flat as the networks see it
    points = np.column_stack([camera.project(metres), depth]).astype(np.float32)
    return Landmarks(LandmarkScheme.MEDIAPIPE468, points, 1.0)


@pytest.fixture(scope="module")
def look_at(full_mesh):
    """Landmarks of a view, looked for where they are expected."""

    def find(image, expected):
        region = region_of_landmarks(expected)
        for _ in range(2):
            (found,) = full_mesh(image, [region])
            region = region_of_landmarks(found)
        return found

    return find


def test_the_angles_say_where_the_head_is_turned(canonical_face):
    facing = head_pose(canonical_face, seen(canonical_face, (0, 0, 0), (0, 0, 0.7)), CAMERA)
    assert facing.forward == pytest.approx((0, 0, -1), abs=0.02)
    to_its_left = head_pose(canonical_face, seen(canonical_face, (30, 0, 0), (0, 0, 0.7)), CAMERA)
    assert to_its_left.forward[0] > 0.4  # to the right in the image
    down = head_pose(canonical_face, seen(canonical_face, (0, 20, 0), (0, 0, 0.7)), CAMERA)
    assert down.forward[1] > 0.3
    leaning = head_pose(canonical_face, seen(canonical_face, (0, 0, 25), (0, 0, 0.7)), CAMERA)
    assert leaning.rotation[0, 2] < -0.3  # the top of the head to the left in the image


@given(
    st.tuples(st.floats(-60, 60), st.floats(-45, 45), st.floats(-180, 180)),
    st.tuples(st.floats(-0.4, 0.4), st.floats(-0.3, 0.3)),
    st.floats(0.3, 3.0),
)
@settings(max_examples=60)
def test_a_head_like_the_canonical_one_is_found_anywhere(canonical_face, angles, direction, z):
    place = (direction[0] * z, direction[1] * z, z)
    pose = head_pose(canonical_face, seen(canonical_face, angles, place), CAMERA)
    assert angle_between_deg(pose.rotation, rotation_of(*angles)) < 5
    assert pose.position.xyz == pytest.approx(place, rel=0.02, abs=0.01)
    assert pose.position.source is PositionSource.SIZE_PRIOR
    assert pose.position.sigma == pytest.approx(0.055 * z, rel=0.05)
    assert np.linalg.det(pose.rotation) == pytest.approx(1)


@given(st.floats(-170, 170), st.floats(-80, 80), st.floats(-170, 170))
@settings(max_examples=50)
def test_angles_and_quaternion_are_those_of_the_rotation(canonical_face, yaw, pitch, roll):
    pose = head_pose(canonical_face, seen(canonical_face, (0, 0, 0), (0, 0, 1)), CAMERA)
    turned = replace(pose, rotation=rotation_of(yaw, pitch, roll))
    assert (turned.yaw_deg, turned.pitch_deg, turned.roll_deg) == pytest.approx((yaw, pitch, roll), abs=1e-6)
    x, y, z, w = turned.quaternion
    vector = np.array([x, y, z])
    back = np.eye(3) + 2 * w * cross(vector) + 2 * cross(vector) @ cross(vector)
    assert back == pytest.approx(turned.rotation, abs=1e-9)
    assert vector @ vector + w * w == pytest.approx(1)


def cross(vector):
    x, y, z = vector
    return np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])


@pytest.mark.parametrize("name", ["obama", "biden", "happy_face"])
def test_rotations_of_rendered_heads_are_found(canonical_face, photograph, landmarks_in, look_at, name):
    picture = photograph(name)
    head = painted(canonical_face, picture, landmarks_in(picture))
    errors = []
    for angles in ANGLES:
        place = (0.05, -0.03, 0.6)
        found = look_at(view(head, angles, place, CAMERA), seen(canonical_face, angles, place))
        pose = head_pose(canonical_face, found, CAMERA)
        errors.append(angle_between_deg(pose.rotation, rotation_of(*angles)))
        assert math.dist(pose.position.xyz, place) < 0.04
    assert np.median(errors) <= 3
    assert max(errors) < 9


def test_a_mirrored_picture_has_mirrored_angles(canonical_face, photograph, landmarks_in):
    picture = photograph("obama_third")
    camera = assumed_intrinsics(picture.shape[1], picture.shape[0])
    pose = head_pose(canonical_face, landmarks_in(picture), camera)
    mirrored = head_pose(canonical_face, landmarks_in(cv2.flip(picture, 1)), camera)
    assert abs(pose.yaw_deg) > 5
    assert mirrored.yaw_deg == pytest.approx(-pose.yaw_deg, abs=3)
    assert mirrored.roll_deg == pytest.approx(-pose.roll_deg, abs=2)
    assert mirrored.pitch_deg == pytest.approx(pose.pitch_deg, abs=3)


def test_a_turning_head_turns_smoothly(canonical_face, photograph, landmarks_in, look_at):
    picture = photograph("obama")
    head = painted(canonical_face, picture, landmarks_in(picture))
    yaws = []
    for yaw in range(-36, 37, 4):
        place = (0.0, 0.0, 1.2)
        found = look_at(view(head, (yaw, 0, 0), place, CAMERA), seen(canonical_face, (yaw, 0, 0), place))
        yaws.append(head_pose(canonical_face, found, CAMERA).yaw_deg)
    steps = np.diff(yaws)
    assert (steps > -2).all()
    assert (steps < 10).all()


def test_with_depth_the_head_is_within_a_centimetre_and_a_half(
    canonical_face, pictures, find_faces, full_mesh, weights
):
    source = SceneSource(static(1.0))
    detector = FaceDetector(open_engine(weights("yunet")), 0.6)
    errors = []
    for k in range(0, 30, 3):
        frame, (truth, *_) = source.frame(k), source.truth(k).faces
        face = min(detector(frame.colour), key=lambda each: math.dist(each.box.centre, truth.box.centre))
        (found,) = full_mesh(frame.colour, [region_of_detection(face)])
        points = face.keypoints
        eyes, mouth = (points.right_eye, points.left_eye), (points.right_mouth, points.left_mouth)
        prior = face_size_prior(eyes, mouth, frame.intrinsics)
        position = locate(frame, sellion(eyes, points.nose_tip, mouth), prior, SELLION)
        pose = head_pose(canonical_face, found, frame.intrinsics, position)
        assert pose.position.source is PositionSource.DEPTH
        errors.append(math.dist(pose.position.xyz, truth.sellion))
    assert np.median(errors) < 0.015


def test_depth_gives_the_distance_and_landmarks_the_direction(canonical_face):
    landmarks = seen(canonical_face, (10, 5, 0), (0.2, 0.1, 1.0))
    elsewhere = Position3D((0.3, 0.3, 1.1), 0.01, 0.9, PositionSource.DEPTH)
    pose = head_pose(canonical_face, landmarks, CAMERA, elsewhere)
    assert pose.position.xyz == pytest.approx((0.22, 0.11, 1.1), abs=0.002)
    assert (pose.position.sigma, pose.position.valid_share) == (0.01, 0.9)


@pytest.mark.parametrize("source", [PositionSource.SIZE_PRIOR, PositionSource.PREDICTED, PositionSource.NONE])
def test_a_distance_that_was_not_measured_is_judged_by_the_landmarks(canonical_face, source):
    landmarks = seen(canonical_face, (0, 0, 0), (0.0, 0.0, 1.0))
    guess = Position3D((math.nan,) * 3, math.nan, 0.1, source)
    pose = head_pose(canonical_face, landmarks, CAMERA, guess)
    assert pose.position.xyz == pytest.approx((0, 0, 1), abs=0.02)
    assert pose.position.source is PositionSource.SIZE_PRIOR


@pytest.mark.parametrize(
    "distortion",
    [{"distortion": (0.1, -0.25, 0.001, 0.0005, 0.1)}, {"distortion": (0.05, 0.01, 0, 0), "fisheye": True}],
)
def test_the_lens_does_not_bend_the_head(canonical_face, distortion):
    bent = replace(CAMERA, **distortion)
    angles, place = (15, -10, 5), (0.35, 0.2, 0.9)
    straight = head_pose(canonical_face, seen(canonical_face, angles, place), CAMERA)
    pose = head_pose(canonical_face, seen(canonical_face, angles, place, bent), bent)
    assert angle_between_deg(pose.rotation, straight.rotation) < 1
    assert pose.position.xyz == pytest.approx(straight.position.xyz, rel=0.01)


def test_a_face_larger_than_the_canonical_one_keeps_its_rotation(canonical_face):
    child = replace(canonical_face, points=canonical_face.points * 0.8)
    pose = head_pose(canonical_face, seen(child, (25, 10, 0), (0, 0, 0.8)), CAMERA)
    assert angle_between_deg(pose.rotation, rotation_of(25, 10, 0)) < 3
    assert pose.position.xyz[2] == pytest.approx(1.0, rel=0.03)


def test_a_point_gives_a_pose_to_nobody(canonical_face):
    nothing = Landmarks(LandmarkScheme.MEDIAPIPE468, np.full((468, 3), 5, np.float32), 1.0)
    assert head_pose(canonical_face, nothing, CAMERA) is None


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_points_that_are_not_finite_give_no_pose(canonical_face, value):
    landmarks = seen(canonical_face, (0, 0, 0), (0, 0, 1))
    landmarks.points[200, 1] = value
    assert head_pose(canonical_face, landmarks, CAMERA) is None


def test_a_head_that_goes_far_away_keeps_its_rotation(canonical_face):
    distances = np.linspace(1.0, 8.0, 60)
    poses = [head_pose(canonical_face, seen(canonical_face, (20, 5, 0), (0.1, 0, z)), CAMERA) for z in distances]
    steps = [angle_between_deg(one.rotation, other.rotation) for one, other in pairwise(poses)]
    assert max(steps) < 1
    assert angle_between_deg(poses[-1].rotation, rotation_of(20, 5, 0)) < 5
    assert [pose.position.xyz[2] for pose in poses] == pytest.approx(distances, rel=0.03)


@given(st.integers(0, 2**32 - 1), st.sampled_from(["noise", "line", "plane"]), st.floats(-1, 30))
@settings(max_examples=150)
def test_nonsense_gives_a_rotation_or_nothing(canonical_face, seed, kind, magnitude):
    points = (np.random.default_rng(seed).normal(0, 1, (478, 3)) * 10**magnitude + 200).astype(np.float32)
    if kind == "line":
        points[:, 1:] = points[:, :1]
    if kind == "plane":
        points[:, 2] = 0
    pose = head_pose(canonical_face, Landmarks(LandmarkScheme.MEDIAPIPE478, points, 0.0), CAMERA)
    if pose is not None:
        assert np.isfinite(pose.rotation).all()
        assert np.linalg.det(pose.rotation) == pytest.approx(1)
        assert np.isfinite(pose.position.xyz).all()
        assert pose.position.xyz[2] > 0


@pytest.mark.parametrize("size", [(640, 480), (480, 640), (4000, 300), (10, 10)])
def test_a_camera_can_be_assumed_for_any_picture(size):
    assert assumed_intrinsics(*size).width == size[0]
