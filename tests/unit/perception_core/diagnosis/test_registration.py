import cv2
import numpy as np
import pytest

from perception_core.diagnosis.registration import registration_of
from perception_core.frame import DepthImage
from perception_core.sources.scene_source import SceneSource
from perception_core.sources.scenes import crossing


def moved(right, down):
    return lambda raw: np.roll(raw, (down, right), (0, 1))


def of_an_infrared_camera(raw):
    """As a camera of 385 px focal length sees it beside one of 615, 15 mm away: not aligned."""
    scale = 385 / 615
    seen = np.float32([[scale, 0, 320 - 320 * scale + 3], [0, scale, 240 - 240 * scale]])
    return cv2.warpAffine(raw, seen, (640, 480), flags=cv2.INTER_NEAREST)


@pytest.fixture(scope="module")
def frame():
    return SceneSource(crossing()).frame(5)


def registration(frame, change=lambda raw: raw):
    return registration_of([(frame.colour, DepthImage(change(frame.depth.raw), 0.001))])


def test_depth_of_the_virtual_camera_lies_on_its_colour(frame):
    assert registration(frame).fits is True


@pytest.mark.parametrize(("right", "down"), [(12, 0), (-12, 0), (0, 12), (0, -12), (20, 9)])
def test_depth_that_is_shifted_by_twelve_pixels_is_told_and_by_how_much(frame, right, down):
    found = registration(frame, moved(right, down))
    assert found.fits is False
    assert np.hypot(found.shift[0] + right, found.shift[1] + down) <= 6  # the virtual stereo camera is off by 4 itself


def test_depth_that_was_never_aligned_is_told_by_its_scale(frame):
    found = registration(frame, of_an_infrared_camera)
    assert found.fits is False
    assert found.scale == pytest.approx(615 / 385, abs=0.11)


def flat(colour):
    return registration_of([(colour, DepthImage(np.full((480, 640), 1500, np.uint16), 0.001))])


def test_a_flat_wall_tells_nothing_whatever_is_painted_on_it(frame):
    assert flat(np.full((480, 640, 3), 128, np.uint8)).fits is None
    assert flat(frame.colour).fits is None


def test_edges_that_have_nothing_to_do_with_each_other_tell_nothing(frame):
    noise = np.random.default_rng(1).integers(0, 256, (480, 640, 3), np.uint8)
    assert registration_of([(noise, frame.depth)]).fits is None
    assert registration_of([(frame.colour[::-1, ::-1].copy(), frame.depth)]).fits is not True


def test_an_image_without_any_distance_and_no_image_at_all_tell_nothing(frame):
    assert registration(frame, np.zeros_like).fits is None
    assert registration_of([]).fits is None


def test_metres_and_another_size_are_read_as_well(frame):
    metres = frame.depth.raw.astype(np.float32) / 1000
    metres[metres == 0] = np.nan
    large = cv2.resize(frame.colour, (1280, 960)), cv2.resize(metres, (1280, 960), interpolation=cv2.INTER_NEAREST)
    assert registration_of([(large[0], DepthImage(large[1], 1.0))]).fits is True
