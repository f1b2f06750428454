"""Where hands are in metres, of hands whose place is known."""

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gesture_perception.hand_location import in_camera, wrist_position
from perception_core.depth import PositionSource
from perception_core.frame import DepthImage, Intrinsics, RgbdFrame

CAMERA = Intrinsics(640, 480, 615.0, 615.0, 320.0, 240.0)
WIDE = Intrinsics(640, 480, 320.0, 320.0, 320.0, 240.0, distortion=(-0.2, 0.03, 0.0, 0.0, 0.0))
COLOUR = np.zeros((480, 640, 3), np.uint8)
SKIN = 0.012  # half the thickness of a hand, metres: what the camera sees of a joint lies so much before it


def turned(points, yaw=0.0, pitch=0.0, roll=0.0):
    rotation = cv2.Rodrigues(np.array([0.0, yaw, 0.0]))[0] @ cv2.Rodrigues(np.array([pitch, 0.0, 0.0]))[0]
    return points @ (cv2.Rodrigues(np.array([0.0, 0.0, roll]))[0] @ rotation).T


def depth_of(hand, wall=3.0, camera=CAMERA):
    """A depth image of spheres about points of the palm and fingers, before a wall; of what is nearest."""
    image = np.full((480, 640), wall, np.float32)
    bones = [(0, 5), (0, 9), (0, 13), (0, 17), (5, 9), (9, 13), (13, 17), *((k, k + 1) for k in range(1, 20) if k % 4)]
    along = [hand[one] + share * (hand[other] - hand[one]) for one, other in bones for share in np.linspace(0, 1, 6)]
    forearm = [hand[0] + share * (hand[0] - hand[9]) for share in np.linspace(0, 1.5, 8)]
    for point in sorted([*along, *forearm], key=lambda each: -each[2]):
        (x, y), radius = camera.project(point[None])[0], 0.02 * camera.fx / point[2]
        cv2.circle(image, (round(x), round(y)), max(1, round(radius)), float(point[2] - SKIN), -1)
    return image


def frame(depth=None, intrinsics=CAMERA):
    image = None if depth is None else DepthImage(depth, 1.0)
    return RgbdFrame(0, "camera", COLOUR, image, intrinsics)


@pytest.fixture
def seen(landmarks_of):
    """Landmarks of a hand in metres in the camera's frame."""

    def look(hand, size=1.0, camera=CAMERA):
        shape = (hand - hand.mean(axis=0)) / size  # the network knows the shape, not the size
        return landmarks_of(camera.project(hand), shape)

    return look


@pytest.fixture
def placed(open_hand):
    def place(distance=0.8, size=1.0, **turns):
        return turned(open_hand.astype(np.float64) * size, **turns) + np.array([0.1, 0.05, distance])

    return place


@pytest.mark.parametrize("distance", [0.4, 0.8, 1.5, 3.0])
def test_the_wrist_is_where_the_depth_has_it(placed, seen, distance):
    hand = placed(distance)
    found = wrist_position(frame(depth_of(hand, wall=distance + 1)), seen(hand))
    assert found.source is PositionSource.DEPTH
    assert found.xyz[2] == pytest.approx(distance - SKIN, abs=0.01)
    assert math.dist(found.xyz[:2], hand[0, :2]) < 0.02
    assert found.valid_share == 1.0


@pytest.mark.parametrize("distance", [0.4, 1.0, 2.5])
@pytest.mark.parametrize("turns", [{}, {"yaw": 0.9}, {"pitch": 0.8}, {"pitch": -0.8}, {"roll": 2.0}, {"yaw": 1.3}])
def test_without_depth_on_the_hand_its_size_tells_the_distance(placed, seen, distance, turns):
    hand = placed(distance, **turns)
    found = wrist_position(frame(np.full((480, 640), np.nan, np.float32)), seen(hand))
    assert found.source is PositionSource.SIZE_PRIOR
    assert found.xyz[2] == pytest.approx(distance, rel=0.1)
    assert found.valid_share == 0.0
    assert wrist_position(frame(), seen(hand)).xyz == found.xyz


def test_sigma_is_as_large_as_the_errors_over_people_and_poses(placed, seen):
    rng = np.random.default_rng(1)
    ratios = []
    for _ in range(300):
        size = rng.normal(1, 0.06)
        hand = placed(1.0, size, yaw=rng.normal(0, 0.5), pitch=rng.normal(0, 0.5), roll=rng.uniform(-3, 3))
        landmarks = seen(hand, size)
        jitter = rng.normal(0, 1.0, (21, 3)).astype(np.float32)
        metric = turned(landmarks.metric, yaw=rng.normal(0, 0.15), pitch=rng.normal(0, 0.15)).astype(np.float32)
        found = wrist_position(frame(), replace(landmarks, points=landmarks.points + jitter, metric=metric))
        ratios.append((found.xyz[2] - 1.0) / found.sigma)
    assert 0.6 < np.sqrt(np.mean(np.square(ratios))) < 1.3


def test_a_wall_right_behind_does_not_pull_the_wrist_back(placed, seen):
    hand = placed(1.0)
    found = wrist_position(frame(depth_of(hand, wall=1.35)), seen(hand))
    assert found.xyz[2] == pytest.approx(1.0 - SKIN, abs=0.015)


def test_holes_in_the_depth_are_no_harm(placed, seen):
    hand = placed(0.9)
    depth = depth_of(hand)
    depth[np.random.default_rng(0).random(depth.shape) < 0.5] = np.nan
    found = wrist_position(frame(depth), seen(hand))
    assert found.xyz[2] == pytest.approx(0.9 - SKIN, abs=0.015)
    assert found.valid_share == pytest.approx(0.5, abs=0.15)


def test_a_hand_that_points_to_the_camera_does_not_bring_its_wrist_forward(placed, seen):
    hand = placed(0.7, pitch=1.45)
    hand[:] = hand - hand[0] + [0.0, 0.0, 0.7]
    assert hand[9, 2] < 0.61  # the fingers before the wrist
    found = wrist_position(frame(depth_of(hand)), seen(hand))
    assert found.source is PositionSource.DEPTH
    assert found.xyz[2] == pytest.approx(0.7, abs=0.04)


def test_without_intrinsics_nothing_is_said_in_metres(placed, seen):
    hand = placed()
    nowhere = wrist_position(frame(depth_of(hand), None), seen(hand))
    assert nowhere.source is PositionSource.NONE
    assert in_camera(frame(depth_of(hand), None), seen(hand), nowhere) is None


@pytest.mark.parametrize("which", ["points", "metric"])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_points_that_are_no_numbers_are_nowhere(placed, seen, which, value):
    hand = placed()
    there, landmarks = frame(depth_of(hand)), seen(hand)
    position = wrist_position(there, landmarks)
    broken = replace(landmarks, **{which: np.full((21, 3), value, np.float32)})
    assert wrist_position(there, broken).source is PositionSource.NONE
    assert in_camera(there, broken, position) is None


@pytest.mark.parametrize("size", [0.65, 0.9, 1.15])
@pytest.mark.parametrize("turns", [{}, {"yaw": 0.7}, {"pitch": 0.9, "roll": 1.0}])
def test_all_points_are_where_they_are(placed, seen, size, turns):
    hand = placed(0.8, size, **turns)
    there, landmarks = frame(depth_of(hand)), seen(hand, size)
    position = wrist_position(there, landmarks)
    found = in_camera(there, landmarks, position)
    assert found.shape == (21, 3) and found.dtype == np.float32
    skin_to_joint = hand[0, 2] - position.xyz[2]
    assert np.abs(found - hand).max() < abs(skin_to_joint) + 0.012
    assert CAMERA.project(found) == pytest.approx(landmarks.points[:, :2], abs=0.05)


def test_the_wrist_is_the_first_of_the_points(placed, seen):
    hand = placed(1.2, yaw=0.4)
    there, landmarks = frame(depth_of(hand)), seen(hand)
    position = wrist_position(there, landmarks)
    assert in_camera(there, landmarks, position)[0] == pytest.approx(position.xyz, abs=1e-4)


def test_a_lens_with_distortion_is_taken_into_account(placed, seen):
    hand = placed(0.5)
    depth, landmarks = depth_of(hand, camera=WIDE), seen(hand, camera=WIDE)
    position = wrist_position(frame(depth, WIDE), landmarks)
    found = in_camera(frame(depth, WIDE), landmarks, position)
    assert np.abs(found - hand).max() < 0.03


def test_without_depth_there_are_no_points_in_metres(placed, seen):
    landmarks = seen(placed())
    for there in (frame(), frame(np.full((480, 640), np.nan, np.float32)), frame(np.full((48, 64), 0.8, np.float32))):
        position = wrist_position(there, landmarks)
        assert position.source is PositionSource.SIZE_PRIOR
        assert in_camera(there, landmarks, position) is None


@pytest.mark.parametrize("wrong", [0.2, 4.0])
def test_depth_at_which_the_hand_would_be_no_hand_gives_no_points(placed, seen, wrong):
    landmarks = seen(placed(0.8))
    position = replace(wrist_position(frame(depth_of(placed(0.8))), landmarks), xyz=(0.1, 0.1, wrong))
    assert in_camera(frame(depth_of(placed(0.8))), landmarks, position) is None


@given(
    points=st.lists(st.tuples(st.floats(-2e3, 3e3), st.floats(-2e3, 3e3)), min_size=21, max_size=21),
    spread=st.floats(0.0, 0.5),
)
def test_whatever_the_points_are_what_is_said_is_finite(landmarks_of, points, spread):
    metric = np.random.default_rng(0).normal(0, spread, (21, 3))
    landmarks = landmarks_of(points, metric)
    there = frame(np.full((480, 640), 1.0, np.float32))
    position = wrist_position(there, landmarks)
    found = in_camera(there, landmarks, position)
    assert position.source is PositionSource.NONE or all(map(math.isfinite, (*position.xyz, position.sigma)))
    assert found is None or np.isfinite(found).all()
