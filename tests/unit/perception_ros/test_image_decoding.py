from importlib.util import find_spec

import cv2
import numpy as np
import pytest
from sensor_msgs.msg import CompressedImage
from std_msgs.msg import Header

from perception_core.image_messages import ImageError
from perception_ros.image_codec import encode_image
from perception_ros.image_decoding import colour_of, depth_of

HAS_CV_BRIDGE = find_spec("cv_bridge") is not None
without_cv_bridge = pytest.mark.skipif(HAS_CV_BRIDGE, reason="cv_bridge is installed")
with_cv_bridge = pytest.mark.skipif(not HAS_CV_BRIDGE, reason="cv_bridge is not installed")


def picture():
    return np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8)


def sixteen_bit(pixels):
    """The same picture with 16 bits per channel: 255 becomes 65535."""
    return encode_image(pixels.astype(np.uint16) * 257, "bgr16", Header())


def test_raw_and_compressed_are_the_same_picture():
    data = cv2.imencode(".png", picture())[1].tobytes()
    assert np.array_equal(colour_of(encode_image(picture(), "bgr8", Header())), picture())
    assert np.array_equal(colour_of(CompressedImage(format="bgr8; png compressed bgr8", data=data)), picture())


def test_raw_and_compressed_are_the_same_depth():
    millimetres = np.array([[1500, 0]], np.uint16)
    data = bytes(12) + cv2.imencode(".png", millimetres)[1].tobytes()
    for message in (
        encode_image(millimetres, "16UC1", Header()),
        CompressedImage(format="16UC1; compressedDepth png", data=data),
    ):
        assert np.array_equal(depth_of(message).raw, millimetres)


@without_cv_bridge
def test_an_unknown_encoding_names_the_known_ones_and_cv_bridge():
    with pytest.raises(ImageError, match=r"'bgr16' is not known; known are bgr8, .*cv_bridge installed, more are"):
        colour_of(sixteen_bit(picture()))


@without_cv_bridge
def test_a_cv_bridge_that_was_built_for_something_else_says_so(tmp_path, monkeypatch):
    (tmp_path / "cv_bridge.py").write_text('raise ImportError("numpy.core.multiarray failed to import")\n')
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ImageError, match=r"cv_bridge cannot convert it: numpy.core.multiarray failed to import"):
        colour_of(sixteen_bit(picture()))


@with_cv_bridge
def test_cv_bridge_takes_what_is_not_known_here():
    assert np.array_equal(colour_of(sixteen_bit(picture())), picture())


@with_cv_bridge
@pytest.mark.parametrize(
    "broken",
    [{"encoding": "nonsense"}, {"data": b"123"}, {"height": 0}, {"step": 3}, {"step": 24}, {"is_bigendian": 1}],
)
def test_what_cv_bridge_refuses_is_an_image_error(broken):
    message = sixteen_bit(picture())
    for name, value in broken.items():
        setattr(message, name, value)
    with pytest.raises(ImageError, match="cv_bridge cannot convert it"):
        colour_of(message)


def test_depth_of_an_unknown_unit_is_refused():
    with pytest.raises(ImageError, match="'64FC1' is not known; known are 16UC1"):
        depth_of(encode_image(np.ones((2, 2)), "64FC1", Header()))
