import contextlib
import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perception_core.image_files import ImageFileError, decode_image_file

PICTURE = cv2.resize(np.random.default_rng(0).integers(0, 256, (5, 6, 3), np.uint8), (60, 50))


def file(extension, pixels=PICTURE, *parameters):
    return cv2.imencode(extension, pixels, parameters)[1].reshape(-1)


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def grey_png(width, height, pixels):
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(pixels)) + png_chunk(b"IEND", b"")
    return np.frombuffer(b"\x89PNG\r\n\x1a\n" + chunks, np.uint8)


def with_orientation(jpeg, orientation):
    """The same file with an Exif note of how the camera was held."""
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    segment = b"Exif\0\0" + tiff
    note = b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment
    return np.frombuffer(jpeg[:2].tobytes() + note + jpeg[2:].tobytes(), np.uint8)


FILES = {
    "png": file(".png"),
    "jpeg": file(".jpg"),
    "progressive jpeg": file(".jpg", PICTURE, cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
    "jpeg with restarts": file(".jpg", PICTURE, cv2.IMWRITE_JPEG_RST_INTERVAL, 4),
    "jpeg with a thumbnail": with_orientation(file(".jpg"), 1),
}


def test_png_loses_nothing():
    assert np.array_equal(decode_image_file(FILES["png"], cv2.IMREAD_COLOR), PICTURE)


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_what_follows_the_end_is_ignored(data):
    padded = np.concatenate([data, np.zeros(500, np.uint8)])
    expected = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert np.array_equal(decode_image_file(padded, cv2.IMREAD_COLOR), expected)


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_a_file_cut_anywhere_is_refused_in_silence(data, capfd):
    for length in range(2, len(data)):
        with pytest.raises(ImageFileError):
            decode_image_file(data[:length], cv2.IMREAD_COLOR)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_half_a_file_is_said_to_be_cut_short(data):
    with pytest.raises(ImageFileError, match="cut short"):
        decode_image_file(data[: len(data) // 2], cv2.IMREAD_COLOR)


@given(place=st.integers(33, len(FILES["png"]) - 13), change=st.integers(1, 255))
def test_a_png_with_a_wrong_byte_is_damaged(place, change):
    data = FILES["png"].copy()
    data[place] ^= change
    with pytest.raises(ImageFileError, match=r"damaged|cut short"):
        decode_image_file(data, cv2.IMREAD_COLOR)


@given(places=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=5), cut=st.integers(0, 30))
@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_a_changed_file_is_a_picture_or_an_error(data, places, cut):
    changed = data[: len(data) - cut].copy()
    for place, value in places:
        changed[place % len(changed)] = value
    with contextlib.suppress(ImageFileError):
        assert decode_image_file(changed, cv2.IMREAD_COLOR).dtype == np.uint8


def test_a_png_that_holds_fewer_pixels_than_it_says_is_damaged():
    with pytest.raises(ImageFileError, match="damaged"):
        decode_image_file(grey_png(100, 100, bytes(50)), cv2.IMREAD_COLOR)


@pytest.mark.parametrize(("width", "height"), [(60_000, 60_000), (2**31 - 1, 1), (0, 10)])
def test_a_size_that_no_camera_has_is_refused_before_memory_is_spent(width, height):
    with pytest.raises(ImageFileError, match=f"it claims {width}x{height} pixels"):
        decode_image_file(grey_png(width, height, bytes(1000)), cv2.IMREAD_COLOR)


def test_a_jpeg_of_such_a_size_is_refused_too():
    data = FILES["jpeg"].copy()
    frame = data.tobytes().index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = 255
    with pytest.raises(ImageFileError, match="it claims 65535x65535 pixels"):
        decode_image_file(data, cv2.IMREAD_COLOR)


def test_a_picture_is_not_turned():
    assert decode_image_file(with_orientation(FILES["jpeg"], 6), cv2.IMREAD_COLOR).shape == PICTURE.shape


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"GIF89a", b"II*\0" + bytes(90)], ids=["nothing", "a byte", "gif", "tiff"]
)
def test_other_files_are_refused_with_the_remedy(data):
    with pytest.raises(ImageFileError, match="neither JPEG nor PNG; set the publisher's format to jpeg or png"):
        decode_image_file(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


@pytest.mark.parametrize("kind", ["jpeg", "progressive jpeg", "jpeg with restarts"])
def test_damage_that_the_library_only_prints_is_an_error_and_not_printed(kind, capfd):
    whole = FILES[kind].tobytes()
    without_last_rows = np.frombuffer(whole[: len(whole) * 2 // 3] + whole[-2:], np.uint8)
    with pytest.raises(ImageFileError, match="damaged: Corrupt JPEG data: premature end of data segment"):
        decode_image_file(without_last_rows, cv2.IMREAD_COLOR)
    assert capfd.readouterr() == ("", "")


def test_a_png_whose_checksums_hide_damage_is_an_error_and_not_printed(capfd):
    data = grey_png(10, 10, bytes(110)).tobytes()
    start = data.index(b"IDAT")
    pixels = bytearray(data[start + 4 : data.index(b"IEND") - 8])
    pixels[4] ^= 0xFF
    changed = data[: start - 4] + png_chunk(b"IDAT", bytes(pixels)) + png_chunk(b"IEND", b"")
    with pytest.raises(ImageFileError, match="damaged: libpng error"):
        decode_image_file(np.frombuffer(changed, np.uint8), cv2.IMREAD_COLOR)
    assert capfd.readouterr() == ("", "")


def test_the_filling_that_some_cameras_put_before_the_end_does_no_harm(capfd):
    data = FILES["jpeg"].tobytes()
    filled = np.frombuffer(data[:-2] + bytes(20) + data[-2:], np.uint8)
    assert np.array_equal(decode_image_file(filled, cv2.IMREAD_COLOR), cv2.imdecode(FILES["jpeg"], cv2.IMREAD_COLOR))
    assert capfd.readouterr() == ("", "")
