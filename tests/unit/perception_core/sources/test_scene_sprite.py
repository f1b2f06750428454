import cv2
import numpy as np
import pytest

from perception_core.geometry import transformed
from perception_core.sources.scene_sprite import ClipSprite, StillSprite, level_to_metres, pyramid

CHECKERS = np.indices((64, 96)).sum(axis=0) % 2 * 255


def still():
    picture = np.dstack([CHECKERS] * 3).astype(np.uint8)
    levels = pyramid(picture, np.full((64, 96), 255, np.uint8), np.full((64, 96), 0.1, np.float32))
    return StillSprite(levels, 200.0, (47.5, 31.5))


def clip(pictures=50, frames=300):
    encoded = [cv2.imencode(".png", np.full((40, 60, 3), k % 256, np.uint8))[1].tobytes() for k in range(pictures)]
    return ClipSprite(tuple(encoded), 24.0, frames, 30.0, 0.5, 200.0, (59.5, 39.5))


@pytest.mark.parametrize("scale", [0.9, 0.5, 0.31, 0.2])
def test_the_level_in_use_is_at_most_halved_in_area_by_sampling(scale):
    level = still().level(scale, 0)
    assert scale <= min(level.scale) < scale * 2**0.5 * 1.05


def test_a_picture_that_must_be_enlarged_is_shown_at_full_resolution():
    assert still().level(3.0, 0).scale == (1.0, 1.0)


def test_a_shrunk_checkerboard_is_grey_and_has_no_moire():
    level = still().level(0.2, 0)
    assert level.colour[1:-1, 1:-1, 0].std() < 15


@pytest.mark.parametrize("scale", [1.0, 0.7, 0.3])
def test_the_anchor_is_the_origin_at_every_level(scale):
    sprite = still()
    level = sprite.level(scale, 0)
    height, width = level.colour.shape[:2]
    middle = transformed([[width / 2 - 0.5, height / 2 - 0.5]], level_to_metres(level, sprite))[0]
    assert middle == pytest.approx([0, 0], abs=1e-9)


def test_what_is_transparent_has_no_colour_to_bleed():
    coverage = np.zeros((32, 32), np.uint8)
    coverage[8:24, 8:24] = 255
    levels = pyramid(np.full((32, 32, 3), 200, np.uint8), coverage, None)
    assert levels[0].colour[0, 0].tolist() == [0, 0, 0, 0]
    assert levels[0].colour[16, 16].tolist() == [200, 200, 200, 255]


def test_a_clip_plays_to_the_middle_of_the_scene_and_back():
    sprite = clip(pictures=500)
    shown = [sprite.picture_at(frame) for frame in range(301)]
    assert shown[0] == shown[300] == 0
    assert shown[150] == max(shown) == 120
    assert np.abs(np.diff(shown)).max() == 1
    assert shown[1:300] == shown[299:0:-1]


def test_a_clip_shorter_than_the_scene_stays_at_its_last_picture():
    assert max(clip(pictures=50).picture_at(frame) for frame in range(300)) == 49


def test_a_clip_shows_the_picture_of_its_frame():
    sprite = clip()
    assert sprite.level(1.0, 10).colour[0, 0].tolist() == [8, 8, 8, 255]
    assert sprite.level(1.0, 10).colour.shape == (40, 60, 4)
    assert sprite.level(0.25, 10).colour.shape == (20, 30, 4)
