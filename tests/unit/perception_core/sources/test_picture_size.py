import struct

import cv2
import numpy as np
import pytest

from perception_core.sources.picture_size import bmp_size, is_bmp, is_tiff, is_webp, tiff_size, webp_size

FORMATS = {".bmp": (is_bmp, bmp_size), ".tiff": (is_tiff, tiff_size), ".webp": (is_webp, webp_size)}


def written(suffix, shape, *parameters):
    return cv2.imencode(suffix, np.full(shape, 9, np.uint8), parameters)[1].tobytes()


@pytest.mark.parametrize("shape", [(3, 5, 3), (300, 70, 3), (40, 50, 4), (6, 7)], ids=str)
@pytest.mark.parametrize("suffix", FORMATS)
def test_a_file_says_its_size(suffix, shape):
    content = written(suffix, shape)
    for other, (begins, size_of) in FORMATS.items():
        assert begins(content) == (other == suffix)
        if other == suffix:
            assert size_of(content) == (shape[1], shape[0])


def test_a_lossy_webp_says_it_in_another_place():
    assert webp_size(written(".webp", (30, 40, 3), cv2.IMWRITE_WEBP_QUALITY, 50)) == (40, 30)


def test_a_webp_with_notes_says_it_in_a_third_place():
    header = b"VP8X" + struct.pack("<IIHBHB", 10, 0, 39, 0, 29, 1)
    assert webp_size(b"RIFF\0\0\0\0WEBP" + header) == (40, 30 + 65536)


def test_a_bmp_may_begin_with_its_top_row():
    content = bytearray(written(".bmp", (3, 5, 3)))
    content[22:26] = struct.pack("<i", -3)
    assert bmp_size(bytes(content)) == (5, 3)


def test_a_tiff_of_the_other_byte_order_says_it_too():
    entries = struct.pack(">HHII", 256, 4, 1, 70_000) + struct.pack(">HHIHH", 257, 3, 1, 50, 0)
    assert tiff_size(b"MM\0*" + struct.pack(">IH", 8, 2) + entries) == (70_000, 50)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_header_that_is_cut_short_says_nothing(suffix):
    content = written(suffix, (3, 5, 3))
    with pytest.raises(struct.error):
        FORMATS[suffix][1](content[:17])
