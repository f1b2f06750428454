import base64
import logging
import os
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from perception_core.sources.error import SourceError
from perception_core.sources.pictures import PictureSource, read_picture

# 16 x 8 pixels of RGB (200, 60, 30), printed in four inks: OpenCV cannot write such a file
CMYK_JPEG = base64.b64decode(
    "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwAQCwwODAoQDg0OEhEQExgoGhgWFhgxIyUdKDozPTw5Mzg3QEhcTkBEV0U3OFBtUVdfYmdoZz5NcXlwZHhc"
    "ZWdj/8AAFAgACAAQBEMRAE0RAFkRAEsRAP/EABYAAQEBAAAAAAAAAAAAAAAAAAAGB//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAOBEMATQBZAEsA"
    "AD8ApE6jmgAD/9k="
)


def write(path, picture):
    path.write_bytes(cv2.imencode(path.suffix, picture)[1].tobytes())
    return path


def plain(blue, green, red, width=32, height=16):
    return np.full((height, width, 3), (blue, green, red), np.uint8)


def with_exif_orientation(jpeg, orientation):
    tiff = b"II*\0\x08\0\0\0" + struct.pack("<HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0)
    block = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + jpeg[2:]


def with_broken_colour_profile(png):
    data = b"profile\0\0" + zlib.compress(b"not a profile")
    chunk = struct.pack(">I", len(data)) + b"iCCP" + data + struct.pack(">I", zlib.crc32(b"iCCP" + data))
    after_header = 8 + 25
    return png[:after_header] + chunk + png[after_header:]


def test_each_picture_of_a_folder_is_shown_for_a_while_in_the_order_of_names(tmp_path):
    write(tmp_path / "b.png", plain(0, 255, 0))
    write(tmp_path / "a.png", plain(255, 0, 0))
    (tmp_path / "notes.txt").write_text("no picture")
    source = PictureSource(tmp_path, rate_hz=10.0, seconds_each=0.5)
    frames = list(source.frames())
    assert [frame.colour[0, 0].tolist() for frame in frames] == [[255, 0, 0]] * 5 + [[0, 255, 0]] * 5
    assert [frame.stamp_ns for frame in frames] == [k * 100_000_000 for k in range(10)]
    assert all(frame.depth is None and frame.intrinsics is None for frame in frames)
    assert not source.live


def test_a_second_run_begins_at_the_first_picture(tmp_path):
    source = PictureSource(write(tmp_path / "a.png", plain(1, 2, 3)), rate_hz=2.0)
    assert len(list(source.frames())) == len(list(source.frames())) == 2


def test_a_picture_taken_with_a_turned_camera_is_upright(tmp_path):
    picture = plain(0, 0, 0, width=48, height=16)
    picture[:, :16] = 255
    jpeg = cv2.imencode(".jpg", picture)[1].tobytes()
    (tmp_path / "turned.jpg").write_bytes(with_exif_orientation(jpeg, 6))
    upright = read_picture(tmp_path / "turned.jpg")
    assert upright.shape == (48, 16, 3)
    assert upright[:12].min() > 200
    assert upright[20:].max() < 50


def test_an_ink_picture_keeps_its_colours(tmp_path):
    (tmp_path / "print.jpg").write_bytes(CMYK_JPEG)
    assert read_picture(tmp_path / "print.jpg").mean(axis=(0, 1)) == pytest.approx([30, 60, 200], abs=12)


def test_sixteen_bits_become_eight(tmp_path):
    deep = np.full((8, 8, 3), (0x1000, 0x8000, 0xFFFF), np.uint16)
    assert read_picture(write(tmp_path / "deep.png", deep))[0, 0].tolist() == [0x10, 0x80, 0xFF]


@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 4)], ids=["grey", "transparent"])
def test_grey_and_transparent_pictures_become_bgr(tmp_path, shape):
    assert read_picture(write(tmp_path / "p.png", np.full(shape, 77, np.uint8))).shape == (8, 8, 3)


def test_a_large_picture_is_shrunk_and_a_small_one_is_not(tmp_path):
    write(tmp_path / "a.png", plain(9, 9, 9, width=2560, height=1000))
    write(tmp_path / "b.png", plain(9, 9, 9, width=100, height=60))
    sizes = [frame.size for frame in PictureSource(tmp_path, seconds_each=0.01).frames()]
    assert sizes == [(1280, 500), (100, 60)]


def test_a_broken_picture_is_skipped_and_named(tmp_path, caplog):
    write(tmp_path / "good.png", plain(1, 2, 3))
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8 cut off")
    (tmp_path / "empty.png").write_bytes(b"")
    with caplog.at_level(logging.WARNING):
        frames = list(PictureSource(tmp_path, rate_hz=1.0).frames())
    assert len(frames) == 1
    assert "broken.jpg" in caplog.text
    assert "empty.png" in caplog.text
    assert "good.png" not in caplog.text


def test_a_folder_of_broken_pictures_is_an_error(tmp_path):
    (tmp_path / "broken.jpg").write_bytes(b"nothing")
    with pytest.raises(SourceError, match="none of the 1 pictures can be read"):
        list(PictureSource(tmp_path).frames())


def test_an_empty_folder_says_what_is_accepted(tmp_path):
    with pytest.raises(SourceError, match=r"no picture in this folder.*\.jpg, \.png"):
        PictureSource(tmp_path)


def test_a_picture_that_may_not_be_read_is_an_error(tmp_path, unprivileged):
    path = write(tmp_path / "a.png", plain(1, 2, 3))
    path.chmod(0)
    with unprivileged(), pytest.raises(SourceError, match="Permission denied"):
        read_picture(path)


def test_a_picture_that_has_gone_is_an_error(tmp_path):
    with pytest.raises(SourceError, match=r"gone\.png.*No such file"):
        read_picture(tmp_path / "gone.png")


def test_a_strange_colour_profile_is_not_worth_a_word_on_the_terminal(tmp_path, capfd):
    png = cv2.imencode(".png", plain(10, 20, 30))[1].tobytes()
    (tmp_path / "p.png").write_bytes(with_broken_colour_profile(png))
    assert read_picture(tmp_path / "p.png")[0, 0].tolist() == [10, 20, 30]
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("length", [9, 20, 60])
def test_a_png_that_is_cut_short_is_an_error_and_no_crash(tmp_path, length):
    png = cv2.imencode(".png", np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))[1].tobytes()
    (tmp_path / "p.png").write_bytes(png[:length])
    with pytest.raises(SourceError, match="cut short"):
        read_picture(tmp_path / "p.png")


def damaged(jpeg):
    """A file whose end is there, and whose last rows are not."""
    return jpeg[: len(jpeg) * 2 // 3] + b"\xff\xd9"


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".tiff", ".webp"])
def test_a_picture_cut_anywhere_is_an_error_in_silence(tmp_path, capfd, suffix):
    whole = cv2.imencode(suffix, np.random.default_rng(0).integers(0, 255, (12, 16, 3), np.uint8))[1].tobytes()
    path = tmp_path / f"p{suffix}"
    for length in range(0, len(whole) - 1, 3):
        path.write_bytes(whole[:length])
        try:
            assert read_picture(path).shape == (12, 16, 3)  # what is cut off may be a note after the pixels
        except SourceError as error:
            assert str(path) in str(error)
    assert capfd.readouterr() == ("", "")


def test_damage_inside_of_a_picture_is_named_and_not_printed(tmp_path, capfd):
    picture = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    (tmp_path / "p.jpg").write_bytes(damaged(cv2.imencode(".jpg", picture)[1].tobytes()))
    with pytest.raises(SourceError, match=r"p\.jpg: .*damaged: Corrupt JPEG data: premature end"):
        read_picture(tmp_path / "p.jpg")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("suffix", [".hdr", ".ras", ".ppm", ".pfm"])
def test_a_format_in_which_nobody_keeps_photographs_is_refused_with_those_that_are_read(tmp_path, suffix):
    path = tmp_path / "p.jpg"
    cv2.imwrite(str(tmp_path / f"p{suffix}"), plain(10, 20, 30).astype(np.float32))
    (tmp_path / f"p{suffix}").rename(path)
    with pytest.raises(SourceError, match=r"none of \.bmp, \.jpeg"):
        read_picture(path)


def test_a_small_file_that_would_fill_the_memory_is_refused(tmp_path):
    """Thirty thousand pixels a side: 110 kB as a PNG of one bit, 2.7 GB as a picture."""
    side = 30_000
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes((side // 8 + 1) * side))), (b"IEND", b"")]
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
    (tmp_path / "bomb.png").write_bytes(png)
    with pytest.raises(SourceError, match="it claims 30000x30000 pixels"):
        read_picture(tmp_path / "bomb.png")


def two_halves(width, height):
    """Black on the left, white on the right."""
    picture = np.zeros((height, width), np.uint8)
    picture[:, width // 2 :] = 255
    return picture


@pytest.mark.parametrize(
    ("suffix", "size", "read"),
    [
        (".jpg", (11_600, 8_700), (5_800, 4_350)),
        (".png", (8_000, 5_000), (4_000, 2_500)),
        (".tiff", (8_000, 5_000), (4_000, 2_500)),
    ],
    ids=["100 megapixels", "png", "tiff"],
)
def test_a_picture_larger_than_any_video_is_read_at_half_its_size(tmp_path, suffix, size, read):
    picture = read_picture(write(tmp_path / f"large{suffix}", two_halves(*size)))
    assert (picture.shape[1], picture.shape[0]) == read
    assert picture[:, : read[0] // 2 - 10].max() < 10
    assert picture[:, read[0] // 2 + 10 :].min() > 245


def test_a_large_picture_taken_with_a_turned_camera_is_upright(tmp_path):
    jpeg = cv2.imencode(".jpg", two_halves(9_000, 4_500))[1].tobytes()
    (tmp_path / "turned.jpg").write_bytes(with_exif_orientation(jpeg, 6))
    assert read_picture(tmp_path / "turned.jpg").shape == (4_500, 2_250, 3)


def test_a_file_that_holds_more_than_any_picture_is_refused_unread(tmp_path):
    with (tmp_path / "endless.jpg").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(SourceError, match=r"endless\.jpg: the picture cannot be shown: it has 1099511627776 bytes"):
        read_picture(tmp_path / "endless.jpg")


@pytest.mark.timeout(10)
@pytest.mark.parametrize("kind", ["pipe", "device", "link"])
def test_what_is_a_pipe_or_a_device_is_refused_and_not_waited_for(tmp_path, kind):
    path = tmp_path / "a.jpg"
    if kind == "link":
        path.symlink_to("/dev/zero")
    elif kind == "pipe":
        os.mkfifo(path)
    with pytest.raises(SourceError, match="it is a pipe or a device and no file"):
        read_picture(Path("/dev/zero") if kind == "device" else path)
