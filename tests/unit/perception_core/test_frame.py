import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perception_core.frame import DepthImage, Intrinsics, IntrinsicsError, RgbdFrame
from perception_core.geometry import Box

PINHOLE = Intrinsics(640, 480, 600.0, 610.0, 322.0, 238.0)
BARREL = Intrinsics(640, 480, 600.0, 610.0, 322.0, 238.0, distortion=(-0.25, 0.08, 0.001, -0.0005, 0.0))
FISHEYE = Intrinsics(640, 480, 300.0, 300.0, 320.0, 240.0, distortion=(0.05, -0.01, 0.002, 0.0), fisheye=True)
IDEAL_FISHEYE = Intrinsics(640, 480, 300.0, 300.0, 320.0, 240.0, fisheye=True)


def test_the_principal_point_looks_straight_ahead():
    assert PINHOLE.deproject(322.0, 238.0, 2.0) == pytest.approx((0.0, 0.0, 2.0))


def test_a_metre_aside_at_two_metres_is_half_a_focal_length():
    assert PINHOLE.deproject(322.0 + 300.0, 238.0 - 305.0, 2.0) == pytest.approx((1.0, -1.0, 2.0))


@pytest.mark.parametrize(
    "camera", [PINHOLE, BARREL, FISHEYE, IDEAL_FISHEYE], ids=["pinhole", "barrel", "fisheye", "ideal"]
)
@given(x=st.floats(-0.4, 0.4), y=st.floats(-0.3, 0.3), z=st.floats(0.2, 10))
def test_what_is_projected_is_found_again(camera, x, y, z):
    point = (x * z, y * z, z)
    ((column, row),) = camera.project(np.array([point]))
    assert camera.deproject(column, row, z) == pytest.approx(point, abs=2e-3 * z)


@pytest.mark.parametrize("camera", [PINHOLE, BARREL, FISHEYE])
def test_directions_are_those_of_each_pixel_by_itself(camera):
    pixels = np.array([[322.0, 238.0], [10.0, 470.0], [600.0, 20.5]], np.float32)
    alone = [camera.deproject(column, row, 1.0)[:2] for column, row in pixels.tolist()]
    assert camera.directions(pixels) == pytest.approx(np.array(alone))


def test_an_ideal_fisheye_maps_equal_angles_to_equal_lengths():
    ((column, _),) = IDEAL_FISHEYE.project(np.array([[math.tan(0.5), 0.0, 1.0]]))
    assert column - 320 == pytest.approx(300 * 0.5)


def test_several_points_are_projected_at_once():
    assert PINHOLE.project(np.array([[0.0, 0.0, 1.0], [0.1, 0.0, 1.0]])) == pytest.approx(
        np.array([[322.0, 238.0], [382.0, 238.0]])
    )


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"fx": 0.0}, "fx=0.0"),
        ({"fy": -600.0}, "fy=-600.0"),
        ({"fx": math.nan}, "fx is nan, which is not finite"),
        ({"cx": math.inf}, "cx is inf, which is not finite"),
        ({"distortion": (0.0, math.nan, 0.0, 0.0)}, "distortion coefficient 2 is nan"),
        ({"distortion": (0.1,)}, "1 distortion coefficients"),
        ({"fx": 63.0}, "fx=63.0, fy=600.0 are not between 64 and 12800"),
        ({"fy": 13000.0}, "fx=600.0, fy=13000.0 are not between 64 and 12800"),
        ({"fx": 320.0, "fy": 240.0, "cx": 380.0, "cy": 381.0}, "focal lengths and principal point are swapped"),
        ({"width": 0}, "0x480"),
        ({"cx": 700.0}, "700.0"),
        ({"cy": -1.0}, "-1.0"),
    ],
)
def test_intrinsics_that_no_lens_has_are_refused_with_the_reason(wrong, named):
    good = {"width": 640, "height": 480, "fx": 600.0, "fy": 600.0, "cx": 320.0, "cy": 240.0}
    with pytest.raises(IntrinsicsError, match=named):
        Intrinsics(**(good | wrong))


# Calibrations as published with data sets and drivers; the widest see 170 degrees from corner to corner.
REAL_LENSES = {
    "RealSense D435": Intrinsics(640, 480, 615.0, 614.0, 320.0, 240.0, (0.1, -0.2, 0.001, 0.002, 0.05)),
    "RealSense D455": Intrinsics(1280, 720, 642.0, 641.0, 646.0, 362.0, (-0.055, 0.066, -0.0002, 0.0005, -0.021)),
    "Kinect 1": Intrinsics(640, 480, 517.3, 516.5, 318.6, 255.3, (0.2624, -0.9531, -0.0054, 0.0026, 1.1633)),
    "Azure Kinect": Intrinsics(
        1280, 720, 607.4, 607.3, 638.0, 366.0, (0.513, -2.65, 0.0007, -0.0001, 1.53, 0.39, -2.47, 1.46)
    ),
    "Azure Kinect, wide depth": Intrinsics(
        512, 512, 252.0, 252.0, 258.0, 259.0, (5.74, 3.81, 0.0, -0.0001, 0.193, 6.07, 5.66, 1.1)
    ),
    "EuRoC": Intrinsics(752, 480, 458.654, 457.296, 367.215, 248.375, (-0.2834, 0.07396, 0.000194, 0.0000176)),
    "KITTI": Intrinsics(1392, 512, 984.0, 980.0, 690.0, 233.0, (-0.3728, 0.2037, 0.0022, 0.0014, -0.0723)),
    "USB camera, 100 degrees": Intrinsics(640, 480, 350.0, 350.0, 320.0, 240.0, (-0.3, 0.07, 0.0, 0.0, 0.0)),
    "fisheye, 120 degrees": Intrinsics(640, 480, 280.0, 280.0, 320.0, 240.0, (0.05, -0.01, 0.002, 0.0), fisheye=True),
}


@pytest.mark.parametrize("camera", REAL_LENSES.values(), ids=REAL_LENSES)
@given(x=st.floats(0.05, 0.95), y=st.floats(0.05, 0.95))
def test_a_pixel_anywhere_in_a_real_lens_comes_back(camera, x, y):
    pixel = (x * camera.width, y * camera.height)
    assert camera.project(np.array([camera.deproject(*pixel, 1.0)]))[0] == pytest.approx(pixel, abs=0.01)


def test_a_fisheye_that_sees_half_a_room_behind_it_is_a_lens_all_the_same():
    Intrinsics(848, 800, 285.7, 286.8, 422.0, 401.0, (-0.0069, 0.0436, -0.0414, 0.0078), fisheye=True)


@pytest.mark.parametrize(
    ("distortion", "fisheye"),
    [
        ((1e30, 0.0, 0.0, 0.0, 0.0), False),
        ((-5.0, 0.0, 0.0, 0.0, 0.0), False),
        ((0.0, 0.0, 0.0, 0.0, 1e6), False),
        ((0.0, 0.0, 1.0, 0.0), False),
        ((1e30, 0.0, 0.0, 0.0), True),
        ((-5.0, 0.0, 0.0, 0.0), True),
    ],
)
def test_distortion_that_folds_the_image_is_refused(distortion, fisheye):
    with pytest.raises(IntrinsicsError, match="no lens has the distortion coefficients"):
        Intrinsics(640, 480, 600.0, 600.0, 320.0, 240.0, distortion, fisheye)


def test_millimetres_become_metres_and_zero_becomes_nothing():
    metres = DepthImage(np.array([[0, 1500], [65535, 1]], np.uint16), 0.001).metres()
    assert metres.dtype == np.float32
    assert metres == pytest.approx(np.array([[np.nan, 1.5], [65.535, 0.001]], np.float32), nan_ok=True)


def test_what_is_no_distance_becomes_nothing():
    metres = DepthImage(np.array([[np.nan, np.inf, -np.inf, -1.0, 0.0, 2.0]], np.float32), 1.0).metres()
    assert np.isnan(metres[0, :5]).all()
    assert metres[0, 5] == 2.0


def test_a_patch_is_cut_at_the_border_and_empty_outside():
    depth = DepthImage(np.arange(1, 13, dtype=np.float32).reshape(3, 4), 1.0)
    assert depth.patch(Box(-5, -5, 7, 7)).tolist() == [[1.0, 2.0], [5.0, 6.0]]
    assert depth.patch(Box(50, 50, 7, 7)).size == 0


def test_single_pixels_are_the_nearest_ones_and_nothing_outside():
    depth = DepthImage(np.array([[1000, 2000, 0], [4000, 5000, 6000]], np.uint16), 0.001)
    columns = np.array([0.0, 1.4, 2.0, 2.4, 2.6, -0.6, np.nan, np.inf])
    rows = np.array([0.0, 0.4, 0.0, 1.4, 1.0, 0.0, 0.0, 1.0])
    found = depth.at(columns, rows)
    assert found.dtype == np.float32
    assert found == pytest.approx([1.0, 2.0, np.nan, 6.0, np.nan, np.nan, np.nan, np.nan], nan_ok=True)


def test_a_patch_is_a_copy():
    raw = np.ones((4, 4), np.float32)
    depth = DepthImage(raw, 1.0)
    depth.patch(Box(0, 0, 2, 2))[:] = 7.0
    assert (raw == 1.0).all()


def test_sizes_are_width_and_height():
    depth = DepthImage(np.zeros((480, 640), np.uint16), 0.001)
    assert depth.size == (640, 480)
    assert RgbdFrame(0, "camera", np.zeros((480, 640, 3), np.uint8), depth).size == (640, 480)
