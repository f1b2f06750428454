import numpy as np
import pytest
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from perception_core.frame import Intrinsics
from perception_core.image_messages import (
    ImageError,
    decode_camera_info,
    decode_colour,
    decode_depth,
    nanoseconds,
)
from perception_ros.image_codec import encode_camera_info, encode_image, time_message

D435 = Intrinsics(640, 480, 615.0, 614.0, 320.5, 239.5, (0.1, -0.2, 0.001, 0.002, 0.05))


def picture():
    return np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8)


def test_a_picture_survives_the_way_through_a_message():
    message = encode_image(picture(), "bgr8", Header(frame_id="camera"))
    assert (message.header.frame_id, message.step) == ("camera", 24)
    assert np.array_equal(decode_colour(message), picture())


def test_so_does_every_second_column_of_it():
    assert np.array_equal(decode_colour(encode_image(picture()[:, ::2], "bgr8", Header())), picture()[:, ::2])


def test_depth_survives_too():
    millimetres = np.array([[1500, 0]], np.uint16)
    assert np.array_equal(decode_depth(encode_image(millimetres, "16UC1", Header())).raw, millimetres)


def test_a_message_is_looked_at_and_not_copied():
    message = encode_image(picture(), "bgr8", Header())
    assert np.shares_memory(decode_colour(message), np.frombuffer(message.data, np.uint8))


def test_a_message_that_was_never_filled_has_no_pixels():
    with pytest.raises(ImageError, match="no pixels"):
        decode_colour(Image(encoding="bgr8"))


def test_intrinsics_survive_the_way_through_a_message():
    assert decode_camera_info(encode_camera_info(D435, Header())) == D435


def test_fisheye_intrinsics_survive_too():
    fisheye = Intrinsics(640, 480, 300.0, 300.0, 320.0, 240.0, (0.1, 0.01, 0.0, 0.0), fisheye=True)
    assert decode_camera_info(encode_camera_info(fisheye, Header())) == fisheye


def test_a_camera_that_was_never_calibrated_is_said_to_be():
    with pytest.raises(ImageError, match="no calibration"):
        decode_camera_info(CameraInfo(width=640, height=480))


@pytest.mark.parametrize("stamp_ns", [0, 5_000_000_007, -500_000_000])
def test_a_stamp_survives_the_way_through_a_message(stamp_ns):
    assert nanoseconds(Header(stamp=time_message(stamp_ns))) == stamp_ns
