import numpy as np
import pytest

from perception_core.sources.scene_camera import INTRINSICS, VirtualCamera
from perception_core.sources.scene_path import Pose
from perception_core.sources.scene_sprite import StillSprite, pyramid

PIXELS_PER_METRE = 500
RED, GREEN = (0, 0, 255), (0, 255, 0)


def board(colour, side=0.4):
    pixels = round(side * PIXELS_PER_METRE)
    picture = np.full((pixels, pixels, 3), colour, np.uint8)
    levels = pyramid(picture, np.full((pixels, pixels), 255, np.uint8), None)
    return (StillSprite(levels, PIXELS_PER_METRE, (pixels / 2 - 0.5, pixels / 2 - 0.5)),)


@pytest.fixture(scope="module")
def camera():
    return VirtualCamera()


def centre_of(mask):
    rows, columns = np.nonzero(mask)
    return columns.mean(), rows.mean()


def is_red(colour):
    return (colour[..., 2] > 200) & (colour[..., 1] < 60)


@pytest.mark.parametrize("distance", [0.8, 1.0, 2.0])
def test_a_board_appears_where_and_as_large_as_the_pinhole_camera_sees_it(camera, distance):
    pose = Pose(0.1, -0.05, distance)
    frame = camera.render([(pose, board(RED))], 0, 0)
    seen = is_red(frame.colour)
    expected = INTRINSICS.project([[pose.x, pose.y, pose.z]])[0]
    assert centre_of(seen) == pytest.approx(expected, abs=0.3)
    assert np.sqrt(seen.sum()) == pytest.approx(0.4 * 615 / distance, abs=1.5)


def test_depth_lies_two_pixels_to_the_right_of_colour(camera):
    frames = [camera.render([(Pose(0, 0, 1.0), board(RED))], k, 0) for k in range(12)]
    metres = np.stack([frame.depth.metres() for frame in frames])
    near = (np.abs(metres - 1.0) < 0.03).sum(axis=0) > np.isfinite(metres).sum(axis=0) / 2
    shift = np.subtract(centre_of(near), centre_of(is_red(frames[0].colour)))
    assert shift == pytest.approx([2.0, 0.0], abs=0.3)


@pytest.mark.parametrize("order", [1, -1])
def test_the_nearer_of_two_boards_is_seen_whatever_their_order(camera, order):
    things = [(Pose(0, 0, 1.0), board(RED)), (Pose(0, 0, 1.5), board(GREEN, side=0.9))][::order]
    frame = camera.render(things, 0, 0)
    assert frame.colour[235:245, 315:325, 2].min() > 200
    assert np.nanmedian(frame.depth.metres()[200:280, 280:360]) == pytest.approx(1.0, abs=0.01)
    assert frame.colour[240, 150, 1] > 200


def test_a_thing_at_the_lens_or_behind_the_camera_is_not_painted(camera):
    frame = camera.render([(Pose(0, 0, 0.1), board(RED)), (Pose(0, 0, -1.0), board(RED))], 0, 0)
    assert not is_red(frame.colour).any()


def test_a_thing_beyond_the_border_changes_nothing(camera):
    beside = camera.render([(Pose(9.0, 0, 1.0), board(RED))], 5, 0)
    empty = camera.render([], 5, 0)
    np.testing.assert_array_equal(beside.colour, empty.colour)
    np.testing.assert_array_equal(beside.depth.raw, empty.depth.raw)


def test_the_empty_room_ends_at_its_back_wall(camera):
    metres = camera.render([], 0, 0).depth.metres()
    assert np.nanmedian(metres[220:260, 300:340]) == pytest.approx(5.0, abs=0.05)
    assert np.nanmedian(metres[470:, 300:340]) == pytest.approx(1.45 * 615 / 235, abs=0.1)


def test_a_frame_is_what_a_realsense_would_deliver(camera):
    frame = camera.render([], 0, 123)
    assert frame.stamp_ns == 123
    assert frame.colour.shape == (480, 640, 3)
    assert frame.colour.dtype == np.uint8
    assert frame.colour.flags.c_contiguous
    assert frame.depth.raw.dtype == np.uint16
    assert frame.depth.metres_per_unit == 0.001
    assert frame.depth.size == frame.size
    assert frame.intrinsics == INTRINSICS


def test_colour_noise_is_slight_and_changes_from_frame_to_frame(camera):
    first, second = (camera.render([], k, 0).colour.astype(float) for k in (0, 1))
    assert 1 < (first - second).std() / np.sqrt(2) < 3
