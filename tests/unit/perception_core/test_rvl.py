import contextlib
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from perception_core.rvl import RvlError, decode_rvl


def encode_rvl(depth):
    """After the listing in Wilson's paper, one number at a time."""
    nibbles, flat, at, previous = [], depth.reshape(-1).tolist(), 0, 0

    def put(number):
        while True:
            number, payload = number >> 3, number & 7
            nibbles.append(payload | (8 if number else 0))
            if not number:
                return

    while at < len(flat):
        run = [at, at]
        while run[0] < len(flat) and flat[run[0]] == 0:
            run[0] += 1
        run[1] = run[0]
        while run[1] < len(flat) and flat[run[1]] != 0:
            run[1] += 1
        put(run[0] - at)
        put(run[1] - run[0])
        for value in flat[run[0] : run[1]]:
            delta, previous = value - previous, value
            put((delta << 1) ^ (delta >> 31))
        at = run[1]
    nibbles += [0] * (-len(nibbles) % 8)
    words = [int("".join(f"{nibble:x}" for nibble in nibbles[at : at + 8]), 16) for at in range(0, len(nibbles), 8)]
    height, width = depth.shape
    return np.frombuffer(struct.pack(f"<II{len(words)}I", width, height, *words), np.uint8)


def test_the_format_is_that_of_the_paper():
    # No zeros, one value, +1500 as zigzag 3000 = 0o5670, lowest digit first: nibbles 0 1 8 f e 5, then padding.
    data = np.frombuffer(struct.pack("<III", 1, 1, 0x018FE500), np.uint8)
    assert decode_rvl(data).tolist() == [[1500]]


@given(
    arrays.arrays(
        np.uint16, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.sampled_from([0, 1, 999, 1000, 65535])
    )
)
def test_what_was_encoded_is_decoded(depth):
    assert np.array_equal(decode_rvl(encode_rvl(depth)), depth)


def test_an_image_without_any_depth_is_no_error():
    assert not decode_rvl(encode_rvl(np.zeros((480, 640), np.uint16))).any()


def test_data_cut_anywhere_is_an_error():
    depth = np.arange(900, 1000, dtype=np.uint16).reshape(10, 10)
    data = encode_rvl(depth)
    for length in range(len(data)):
        with pytest.raises(RvlError, match="cut short"):
            decode_rvl(data[:length])


@given(data=arrays.arrays(np.uint8, st.integers(0, 64)), width=st.integers(0, 9), height=st.integers(0, 9))
def test_any_bytes_are_an_image_or_an_error(data, width, height):
    message = np.concatenate([np.frombuffer(struct.pack("<II", width, height), np.uint8), data])
    with contextlib.suppress(RvlError):
        assert decode_rvl(message).shape == (height, width)


def test_a_size_that_no_camera_has_is_refused_before_memory_is_spent():
    with pytest.raises(RvlError, match="claims 60000x60000 pixels"):
        decode_rvl(np.frombuffer(struct.pack("<III", 60_000, 60_000, 0), np.uint8))
