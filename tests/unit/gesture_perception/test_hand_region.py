import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gesture_perception.hand import HandLandmarks
from gesture_perception.hand_region import region_of_hand, region_of_palm
from gesture_perception.palms import PalmDetection
from perception_core.geometry import Box, transformed

WRIST, MIDDLE = 0, 2  # of a palm's points


OF_PALM = Box(70, 80, 60, 50)


def palm(wrist=(100, 140), middle=(100, 80), box=OF_PALM):
    points = np.zeros((7, 2), np.float32)
    points[WRIST], points[MIDDLE] = wrist, middle
    return PalmDetection(box, 0.9, points)


def seen(points):
    points = np.asarray(points, np.float32)
    return HandLandmarks(np.column_stack([points, np.zeros(21, np.float32)]), np.zeros((21, 3), np.float32), 1.0, 1.0)


@pytest.fixture
def pixels(open_hand):
    """The open hand, upright, 1000 pixels to the metre."""
    return open_hand[:, :2] * 1000 + [300, 400]


def turned(points, angle, about=(300, 400)):
    cos, sin = math.cos(angle), math.sin(angle)
    return (points - about) @ np.array([[cos, sin], [-sin, cos]]) + about


def test_a_palm_is_looked_at_with_its_fingers():
    region = region_of_palm(palm())
    assert region.side == pytest.approx(2.6 * 60)
    assert region.angle == 0
    assert region.centre == pytest.approx((100, 105 - 25))


@pytest.mark.parametrize("angle_deg", [-170, -90, -20, 45, 90, 179])
def test_the_wrist_is_below_in_the_crop(angle_deg):
    angle = math.radians(angle_deg)
    wrist, middle = turned(np.array([[300.0, 430.0], [300.0, 370.0]]), angle)
    region = region_of_palm(palm(wrist, middle, Box(270, 370, 60, 60)))
    (x, y), (above_x, above_y) = transformed([wrist, middle], region.to_crop(224))
    assert x == pytest.approx(above_x, abs=1e-4) and y > above_y + 50
    assert region.angle == pytest.approx(angle)


def test_a_followed_hand_is_looked_at_in_twice_the_box_of_its_steady_points(pixels):
    region = region_of_hand(seen(pixels))
    steady = pixels[[0, 1, 2, 3, 5, 6, 9, 10, 13, 14, 17, 18]]
    assert region.side == pytest.approx(2 * np.ptp(steady, axis=0).max(), rel=0.02)
    inside = transformed(pixels, region.to_crop(224))
    assert inside.min() > 0 and inside.max() < 224


@given(angle=st.floats(-3.1, 3.1), scale=st.floats(0.1, 8.0), x=st.floats(-500, 900), y=st.floats(-500, 900))
def test_the_region_moves_turns_and_grows_with_the_hand(angle, scale, x, y):
    pixels = np.random.default_rng(3).uniform(0, 100, (21, 2))
    pixels[0], pixels[[5, 9, 13]] = (50, 200), [(30, 90), (50, 85), (70, 90)]
    before = region_of_hand(seen(pixels))
    now = region_of_hand(seen(turned(pixels, angle, (0, 0)) * scale + [x, y]))
    assert now.side == pytest.approx(before.side * scale, rel=1e-3)
    assert math.remainder(now.angle - before.angle - angle, 2 * math.pi) == pytest.approx(0, abs=1e-3)
    centre = turned(np.array([before.centre]), angle, (0, 0))[0] * scale + [x, y]
    assert now.centre == pytest.approx(centre, abs=0.01 * max(1, scale))


def test_a_fist_is_looked_at_like_an_open_hand(pixels):
    fist = pixels.copy()
    for tip in (8, 12, 16, 20):
        fist[tip], fist[tip - 1] = pixels[tip - 3], pixels[tip - 3]
    assert region_of_hand(seen(fist)) == region_of_hand(seen(pixels))


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_unusable_has_no_region(pixels, value):
    pixels[3] = value
    assert region_of_hand(seen(pixels)) is None
    assert region_of_palm(palm(wrist=(value, 3))) is None
    assert region_of_palm(palm(box=Box(value, 1, 10, 10))) is None


def test_a_point_is_no_hand():
    assert region_of_hand(seen(np.full((21, 2), 50.0))) is None
    assert region_of_palm(palm(box=Box(5, 5, 0, 0))) is None
