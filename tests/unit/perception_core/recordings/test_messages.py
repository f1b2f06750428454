import numpy as np
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from perception_core.frame import Intrinsics, RgbdFrame
from perception_core.image_messages import decode_camera_info
from perception_core.recordings.messages import CAMERA_INFO, COMPRESSED_IMAGE, IMAGE, MessageError, decoded, encoded

CAMERA_INFO_TOPIC = "/camera/camera/color/camera_info"


def through_a_message(lens):
    frame = RgbdFrame(0, "camera", np.zeros((6, 8, 3), np.uint8), intrinsics=lens)
    return decoded(bytes(encoded(frame)[CAMERA_INFO_TOPIC]), CAMERA_INFO)


@pytest.mark.parametrize(
    ("distortion", "fisheye", "model"),
    [
        ((), False, "plumb_bob"),
        ((0.1, -0.02, 0.003, 0.004), False, "plumb_bob"),
        ((0.1, -0.02, 0.003, 0.004, 0.05), False, "plumb_bob"),
        ((0.1, -0.02, 0.003, 0.004, 0.05, 0.1, -0.01, 0.04), False, "rational_polynomial"),
        ((0.1, -0.02, 0.003, 0.004), True, "equidistant"),
        ((), True, "equidistant"),
    ],
)
def test_every_lens_is_the_same_after_a_message(distortion, fisheye, model):
    lens = Intrinsics(8, 6, 10.5, 11.5, 4.0, 3.0, distortion, fisheye)
    message = through_a_message(lens)
    assert message.distortion_model == model
    assert decode_camera_info(message) == lens


@given(st.binary(max_size=200), st.sampled_from([IMAGE, COMPRESSED_IMAGE, CAMERA_INFO]))
def test_bytes_that_are_no_message_are_an_error_of_ours(data, message_type):
    for head in (b"", b"\0\1\0\0", b"\0\0\0\0", b"\x28\xb5\x2f\xfd"):
        try:
            decoded(head + data, message_type)
        except MessageError as error:
            assert message_type in str(error)


def test_a_small_message_that_would_fill_the_memory_is_refused():
    """One and a half gigabytes of zeros, as rosbag2 compresses single messages."""
    packer = zstandard.ZstdCompressor().compressobj()
    packed = b"".join(packer.compress(bytes(50_000_000)) for _ in range(30)) + packer.flush()
    with pytest.raises(MessageError, match=rf"{len(packed)} bytes that unpack to more than"):
        decoded(packed, IMAGE)
