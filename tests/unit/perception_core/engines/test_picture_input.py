import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from perception_core.engines.picture_input import network_input
from perception_core.zoo.spec import ImageFormat


@given(
    st.sampled_from(["RGB", "BGR", "GREY"]),
    st.sampled_from(["NCHW", "NHWC"]),
    st.booleans(),
    st.lists(st.floats(-300, 300), min_size=3, max_size=3),
    st.lists(st.floats(0.5, 300), min_size=3, max_size=3),
)
def test_pixels_become_numbers_as_the_entry_says(colour, layout, grey, subtract, divide):
    picture = np.random.default_rng(0).integers(0, 256, (5, 4, 3), np.uint8)
    channels = 1 if colour == "GREY" else 3
    wanted = ImageFormat(layout, colour, tuple(subtract[:channels]), tuple(divide[:channels]), "")
    found = network_input([picture, picture[::-1]], wanted, grey=grey)
    pixels = picture[..., ::-1] if colour == "RGB" else picture
    if grey or colour == "GREY":
        pixels = np.repeat(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)[..., None], channels, axis=2)
    expected = (pixels.astype(float) - subtract[:channels]) / divide[:channels]
    first = found[0] if layout == "NHWC" else found[0].transpose(1, 2, 0)
    np.testing.assert_allclose(first, expected, rtol=1e-4, atol=1e-3)
    assert found.dtype == np.float32
    assert len(found) == 2
