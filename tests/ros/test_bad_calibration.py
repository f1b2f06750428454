"""A calibration that no camera can have costs the metres and never the faces."""

import math

import pytest
from perception_msgs.msg import Position3D

FX, CX, FY, CY = 0, 2, 4, 5  # in K, row by row


def with_k(**values):
    def change(info):
        for name, value in values.items():
            info.k[globals()[name]] = value
        return info

    return change


def without_calibration(info):
    info.k = [0.0] * 9
    return info


def focal_lengths_and_principal_point_swapped(info):
    info.k[FX], info.k[CX], info.k[FY], info.k[CY] = info.k[CX], info.k[FX], info.k[CY], info.k[FY]
    return info


def width_and_height_swapped(info):
    info.width, info.height = info.height, info.width
    info.k[CX], info.k[CY] = info.k[CY], info.k[CX]
    return info


def of_another_image(info):
    info.width, info.height = 1280, 720
    return info


def with_unknown_distortion(info):
    info.distortion_model = "fisheye62"
    return info


def with_nan_distortion(info):
    info.d = [math.nan] * 5
    return info


@pytest.mark.parametrize(
    ("distort", "said"),
    [
        (with_k(FX=math.nan), "fx is nan, which is not finite"),
        (with_k(CY=math.inf), "cy is inf, which is not finite"),
        (without_calibration, "camera_info holds no calibration (K is all zero)"),
        (with_k(FX=0.0, FY=0.0), "focal lengths must be positive"),
        (with_k(FX=-615.0), "focal lengths must be positive"),
        (focal_lengths_and_principal_point_swapped, "focal lengths and principal point are swapped"),
        (
            width_and_height_swapped,
            "camera_info is for 480x640, the image is 640x480: its width and height are swapped",
        ),
        (of_another_image, "camera_info is for 1280x720, the image is 640x480: it belongs to another image"),
        (with_k(CX=6000.0), "the principal point"),
        (with_unknown_distortion, "distortion model 'fisheye62' is not known"),
        (with_nan_distortion, "distortion coefficient 1 is nan"),
    ],
)
def test_faces_are_published_without_metres_until_the_calibration_is_one(sight, distort, said):
    sight.camera.distort_info = distort
    face = sight.face_from(Position3D.NONE)
    assert math.isnan(face.position.point.z)
    sight.warns(said)
    sight.recovers()
