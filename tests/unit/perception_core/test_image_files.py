import contextlib
import struct
import subprocess
import sys
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


def segments(jpeg):
    """The parts of a file: what stands before its frame header, that, what follows, the scan header, and the rest."""
    data = jpeg.tobytes()
    frame, scan = data.index(b"\xff\xc0"), data.index(b"\xff\xda")
    frame_end = frame + 2 + int.from_bytes(data[frame + 2 : frame + 4], "big")
    scan_end = scan + 2 + int.from_bytes(data[scan + 2 : scan + 4], "big")
    return data[2:frame], data[frame:frame_end], data[frame_end:scan], data[scan:scan_end], data[scan_end:]


def resized(frame_header, width, height):
    return frame_header[:5] + struct.pack(">HH", height, width) + frame_header[9:]


def with_another_size_behind_a_marker(marker, width, height):
    """A marker has no length. Who reads one lands in a comment, in which other headers stand."""
    before, frame, after, scan, pixels = segments(FILES["jpeg"])
    headers = b"\xff\xd8\xff" + bytes([marker]) + before + resized(frame, width, height) + after
    decoy = resized(frame, 16, 16) + scan
    padding = 4 + int.from_bytes(before[:2], "big") - len(headers) - 4
    comment = b"\xff\xfe" + struct.pack(">H", 2 + padding + len(decoy)) + bytes(padding) + decoy
    return np.frombuffer(headers + comment + scan + pixels, np.uint8)


@pytest.mark.parametrize("marker", [0x00, 0x01, *range(0xD0, 0xDA)])
def test_no_other_size_than_that_which_is_decoded_is_believed(marker):
    with pytest.raises(ImageFileError, match="damaged: no JPEG segment at byte 2"):
        decode_image_file(with_another_size_behind_a_marker(marker, 8000, 8000), cv2.IMREAD_COLOR)


def test_a_jpeg_of_two_sizes_is_damaged():
    before, frame, after, scan, pixels = segments(FILES["jpeg"])
    data = b"\xff\xd8" + before + resized(frame, 8000, 8000) + frame + after + scan + pixels
    with pytest.raises(ImageFileError, match="damaged: it says its size twice"):
        decode_image_file(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


@pytest.mark.parametrize("between", [b"", b"\xff\xfe\0\x04\xff\xd9"], ids=["nothing", "a comment with an end in it"])
def test_more_scans_than_any_program_writes_are_refused_before_time_is_spent(between):
    data = FILES["progressive jpeg"].tobytes()
    last_scan = between + data[data.rindex(b"\xff\xda") : -2]
    with pytest.raises(ImageFileError, match="more than 64 scans"):
        decode_image_file(np.frombuffer(data[:-2] + last_scan * 1000 + data[-2:], np.uint8), cv2.IMREAD_COLOR)


def test_what_a_telephone_appends_to_a_picture_is_not_counted_as_scans():
    expected = cv2.imdecode(FILES["jpeg"], cv2.IMREAD_COLOR)
    with_film = np.frombuffer(FILES["jpeg"].tobytes() + b"\xff\xda" * 1000, np.uint8)
    assert np.array_equal(decode_image_file(with_film, cv2.IMREAD_COLOR), expected)


def test_the_pictures_of_an_8k_camera_are_decoded():
    data = grey_png(8192, 4320, bytes(8193 * 4320))
    assert decode_image_file(data, cv2.IMREAD_GRAYSCALE).shape == (4320, 8192)


def test_opencv_itself_decodes_nothing_larger_than_a_picture_may_be():
    """Whatever its size was hidden behind."""
    code = (
        "import perception_core, cv2, numpy as np; "
        "png = cv2.imencode('.png', np.zeros((15_000, 15_000), np.uint8))[1]; cv2.imdecode(png, cv2.IMREAD_GRAYSCALE)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "OPENCV_IO_MAX_IMAGE_PIXELS" in done.stderr or "CV_IO_MAX_IMAGE_PIXELS" in done.stderr
