import functools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gesture_perception.hand import HandLandmarks
from gesture_perception.hand_points import INDEX_DIP, INDEX_MCP, INDEX_PIP, INDEX_TIP, POINTS
from gesture_perception.pointing import pointing_of
from perception_core.depth import PositionSource
from perception_core.frame import DepthImage, Intrinsics, RgbdFrame

SIZE = (320, 240)
PINHOLE = Intrinsics(*SIZE, 300.0, 300.0, 160.0, 120.0)
BARREL = replace(PINHOLE, distortion=(-0.25, 0.08, 0.001, -0.0005, 0.0))
FISHEYE = Intrinsics(*SIZE, 150.0, 150.0, 160.0, 120.0, (0.05, -0.01, 0.002, 0.0), fisheye=True)
CAMERAS = pytest.mark.parametrize("camera", [PINHOLE, BARREL, FISHEYE], ids=["pinhole", "barrel", "fisheye"])
FINGER = [INDEX_MCP, INDEX_PIP, INDEX_DIP, INDEX_TIP]
HAND = (-0.3, 0.0, 1.5)


def unit(*vector):
    return np.array(vector) / np.linalg.norm(vector)


@functools.cache
def rays(camera):
    """HxWx3: direction of every pixel, z = 1."""
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]]
    pixels = np.stack([columns, rows], axis=-1).reshape(-1, 2).astype(float)
    directions = np.column_stack([camera._undistorted(pixels), np.ones(len(pixels))])
    return directions.reshape(SIZE[1], SIZE[0], 3)


class Room:
    """A depth image of planes, boxes and the hand that points; the nearest surface is seen."""

    def __init__(self, camera=PINHOLE):
        self.camera, self._rays = camera, rays(camera)
        self.depth = np.full((SIZE[1], SIZE[0]), np.inf)

    def plane(self, point, normal):
        with np.errstate(divide="ignore"):
            distance = np.dot(point, normal) / (self._rays @ np.array(normal))
        self._see(np.where(distance > 0, distance, np.inf))
        return self

    def front(self, left, top, right, bottom, distance):
        """The front of a box: a rectangle across the camera's view, metres."""
        x, y = self._rays[..., 0] * distance, self._rays[..., 1] * distance
        inside = (x >= left) & (x <= right) & (y >= top) & (y <= bottom)
        self._see(np.where(inside, distance, np.inf))
        return self

    def hand(self, points):
        for x, y, z in points[[0, 9, *FINGER]]:
            self.front(x - 0.02, y - 0.02, x + 0.02, y + 0.02, z)
        return self

    def frame(self, noise=0.0, holes=0.0, seed=0):
        random = np.random.default_rng(seed)
        depth = self.depth + random.normal(0, 1, self.depth.shape) * noise * np.minimum(self.depth, 20) ** 2
        depth[random.random(depth.shape) < holes] = 0
        depth[~np.isfinite(depth)] = 0
        raw = np.round(depth * 1000).clip(0, 65535).astype(np.uint16)
        colour = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
        return RgbdFrame(0, "camera", colour, DepthImage(raw, 0.001), self.camera)

    def _see(self, depth):
        self.depth = np.minimum(self.depth, depth)


def hand_pointing(direction, wrist=HAND, camera=PINHOLE):
    """A hand whose index finger lies along a line 10 cm from its wrist on: in pixels and in metres."""
    points = np.zeros((POINTS, 3))
    sideways = np.linspace(-0.03, 0.03, POINTS)[:, None] * unit(*np.cross(direction, [0.3, 0.5, 0.8]))
    points[:] = np.array(wrist) + 0.07 * direction + sideways
    points[0] = wrist
    for joint, along in zip(FINGER, (0.1, 0.14, 0.165, 0.185), strict=True):
        points[joint] = np.array(wrist) + along * direction
    pixels = np.column_stack([camera.project(points), (points[:, 2] - points[0, 2]) * 400])
    landmarks = HandLandmarks(pixels.astype(np.float32), points.astype(np.float32), 1.0, 1.0)
    return landmarks, points.astype(np.float32)


def pointed_at(room, direction, wrist=HAND, **frame):
    landmarks, points = hand_pointing(direction, wrist, room.camera)
    room.hand(points)
    return pointing_of(room.frame(**frame), landmarks, points)


def test_the_ray_begins_at_the_fingertip_and_follows_the_finger():
    direction = unit(0.5, -0.3, -0.6)
    landmarks, points = hand_pointing(direction)
    pointing = pointing_of(Room().frame(), landmarks, points)
    assert pointing.origin == pytest.approx(points[INDEX_TIP], abs=1e-4)
    assert pointing.direction == pytest.approx(direction, abs=1e-4)
    assert pointing.target.source is PositionSource.NONE


@CAMERAS
@pytest.mark.parametrize("direction", [unit(1, 0.2, 1.2), unit(0.3, 0.1, 1), unit(0.8, -0.3, 0.6)])
def test_the_place_on_a_wall_is_found(camera, direction):
    room = Room(camera).plane((0, 0, 2.5), (0, 0, 1))
    pointing = pointed_at(room, direction)
    origin = np.array(pointing.origin)
    expected = origin + direction * (2.5 - origin[2]) / direction[2]
    assert pointing.target.source is PositionSource.DEPTH
    assert pointing.target.xyz == pytest.approx(expected, abs=0.006)


@CAMERAS
def test_the_place_on_a_slanted_floor_is_found_with_noise_and_holes(camera):
    normal = unit(0.0, -1.0, -0.25)
    room = Room(camera).plane((0, 0.6, 2.5), normal)
    direction = unit(0.45, 0.5, 0.4)
    pointing = pointed_at(room, direction, noise=0.002, holes=0.3)
    origin = np.array(pointing.origin)
    expected = origin + direction * (((0, 0.6, 2.5) - origin) @ normal) / (direction @ normal)
    assert math.dist(pointing.target.xyz, expected) < 0.05
    assert 0.5 < pointing.target.valid_share < 0.9
    assert 0 < pointing.target.sigma < 0.3


def test_a_box_before_the_wall_is_met_first():
    room = Room().plane((0, 0, 3.0), (0, 0, 1)).front(0.2, -0.3, 0.7, 0.3, 2.0)
    direction = unit(0.9, 0.0, 0.7)
    pointing = pointed_at(room, direction)
    assert pointing.target.xyz[2] == pytest.approx(2.0, abs=0.01)
    assert pointing.target.sigma < 0.6


def test_what_the_ray_passes_far_behind_does_not_stop_it():
    room = Room().plane((0, 0, 3.0), (0, 0, 1)).front(0.05, -1.0, 0.15, 1.0, 0.9)
    pointing = pointed_at(room, unit(0.5, 0.0, 0.8))
    assert pointing.target.xyz[2] == pytest.approx(3.0, abs=0.02)


def test_the_hand_itself_is_not_pointed_at():
    for direction in (unit(0.05, 0.02, 1.0), unit(0.3, 0.3, 0.3), unit(0.2, 0.0, -0.9)):
        pointing = pointed_at(Room(), direction)
        assert pointing.target.source is PositionSource.NONE


def test_what_lies_towards_the_camera_is_found():
    room = Room().plane((0, 0.8, 1.0), (0, 1, 0)).plane((0, 0, 4), (0, 0, 1))
    direction = unit(0.2, 0.35, -0.6)
    pointing = pointed_at(room, direction, wrist=(-0.2, 0.1, 2.2))
    origin = np.array(pointing.origin)
    expected = origin + direction * (0.8 - origin[1]) / direction[1]
    assert expected[2] > 0.5
    inside = PINHOLE.project(expected[None])[0]
    if not (0 <= inside[0] < SIZE[0] and 0 <= inside[1] < SIZE[1]):
        assert pointing.target.source is PositionSource.NONE
    else:
        assert math.dist(pointing.target.xyz, expected) < 0.03


def test_what_is_out_of_the_image_is_not_found():
    room = Room().plane((0, 0, 2.5), (0, 0, 1))
    assert pointed_at(room, unit(-1.0, 0.0, 0.1)).target.source is PositionSource.NONE


def test_a_joint_that_lies_off_the_finger_does_not_turn_the_ray():
    direction = unit(0.5, -0.3, 0.6)
    landmarks, points = hand_pointing(direction)
    points[INDEX_DIP] += [0.0, 0.0, 0.05]
    pointing = pointing_of(Room().frame(), landmarks, points)
    assert np.dot(pointing.direction, direction) > math.cos(math.radians(3))


def test_without_metres_there_is_no_ray():
    landmarks, points = hand_pointing(unit(0.5, 0, 1))
    assert pointing_of(Room().frame(), landmarks, None) is None
    assert pointing_of(Room().frame(), landmarks, np.full_like(points, np.nan)) is None
    assert pointing_of(Room().frame(), landmarks, np.repeat(points[:1], POINTS, axis=0)) is None


@pytest.mark.parametrize("lacks", ["depth", "intrinsics", "aligned"])
def test_without_depth_there_is_a_ray_that_meets_nothing(lacks):
    landmarks, points = hand_pointing(unit(0.5, 0, 1))
    frame = Room().plane((0, 0, 2.5), (0, 0, 1)).frame()
    wrong = {"depth": None} if lacks == "depth" else {"intrinsics": None}
    if lacks == "aligned":
        wrong = {"depth": DepthImage(np.full((120, 160), 2500, np.uint16), 0.001)}
    pointing = pointing_of(replace(frame, **wrong), landmarks, points)
    assert pointing.direction == pytest.approx(unit(0.5, 0, 1), abs=1e-4)
    assert pointing.target.source is PositionSource.NONE


def test_depth_that_is_nan_all_over_is_met_nowhere():
    landmarks, points = hand_pointing(unit(0.5, 0, 1))
    frame = Room().frame()
    nothing = DepthImage(np.full((SIZE[1], SIZE[0]), np.nan, np.float32), 1.0)
    assert pointing_of(replace(frame, depth=nothing), landmarks, points).target.source is PositionSource.NONE


ROOM = (
    Room().plane((0, 0, 3.0), (0, 0, 1)).plane((0, 1.0, 0), (0, 1, 0)).front(0.1, 0.2, 0.6, 1.0, 2.0).frame(holes=0.2)
)


@settings(max_examples=60)
@given(
    st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda each: np.linalg.norm(each) > 0.1),
    st.floats(-0.5, 0.5),
    st.floats(-0.4, 0.4),
    st.floats(0.3, 2.9),
    st.integers(0, 20),
)
def test_whatever_is_pointed_at_lies_on_the_ray_and_on_a_surface(way, x, y, z, missing):
    direction = unit(*way)
    landmarks, points = hand_pointing(direction, (x, y, z))
    points[missing % POINTS] = np.nan
    if not (points[:, 2][np.isfinite(points[:, 2])] > 0.05).all():
        return
    pointing = pointing_of(ROOM, landmarks, points)
    assert math.hypot(*pointing.direction) == pytest.approx(1.0)
    target = pointing.target
    if target.source is PositionSource.NONE:
        assert all(map(math.isnan, target.xyz))
        return
    assert math.isfinite(target.sigma) and target.sigma > 0
    away = np.array(target.xyz) - pointing.origin
    assert np.linalg.norm(np.cross(away, pointing.direction)) < 1e-6
    assert away @ pointing.direction > 0
    column, row = np.rint(PINHOLE.project(np.array([target.xyz]))[0]).astype(int)
    near = ROOM.depth.metres()[max(0, row - 4) : row + 5, max(0, column - 4) : column + 5]
    assert np.nanmin(np.abs(near - target.xyz[2])) < 0.11
