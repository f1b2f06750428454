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
        ({"fx": math.nan}, "not finite"),
        ({"cx": math.inf}, "not finite"),
        ({"distortion": (math.nan,)}, "not finite"),
        ({"width": 0}, "0x480"),
        ({"cx": 700.0}, "700.0"),
        ({"cy": -1.0}, "-1.0"),
    ],
)
def test_intrinsics_that_no_lens_has_are_refused_with_the_reason(wrong, named):
    good = {"width": 640, "height": 480, "fx": 600.0, "fy": 600.0, "cx": 320.0, "cy": 240.0}
    with pytest.raises(IntrinsicsError, match=named):
        Intrinsics(**(good | wrong))


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


def test_a_patch_is_a_copy():
    raw = np.ones((4, 4), np.float32)
    depth = DepthImage(raw, 1.0)
    depth.patch(Box(0, 0, 2, 2))[:] = 7.0
    assert (raw == 1.0).all()


def test_sizes_are_width_and_height():
    depth = DepthImage(np.zeros((480, 640), np.uint16), 0.001)
    assert depth.size == (640, 480)
    assert RgbdFrame(0, "camera", np.zeros((480, 640, 3), np.uint8), depth).size == (640, 480)
