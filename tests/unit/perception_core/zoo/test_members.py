import io
import tarfile
import zipfile

import pytest

from perception_core.zoo.errors import DamagedArchiveError
from perception_core.zoo.members import extract

CONTENT = bytes(range(256)) * 8


def zipped(compression):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        archive.writestr("net.onnx", CONTENT)
    return file.getvalue()


def tarred(mode):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:
        member = tarfile.TarInfo("net.onnx")
        member.size = len(CONTENT)
        archive.addfile(member, io.BytesIO(CONTENT))
    return file.getvalue()


ARCHIVES = {
    **{f"zip {form}": zipped(form) for form in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA)},
    **{f"tar {mode}": tarred(mode) for mode in ("w:", "w:gz", "w:bz2", "w:xz")},
}


@pytest.mark.parametrize("kind", ARCHIVES)
def test_a_file_comes_out_of_every_kind_of_archive(kind):
    assert extract(ARCHIVES[kind], ("net.onnx",), "a box") == CONTENT


@pytest.mark.parametrize("kind", ARCHIVES)
def test_an_archive_with_a_damaged_byte_gives_the_file_or_is_refused(kind):
    """Archives without checksums may give other bytes; what they give is compared with its sha256 afterwards."""
    for place in range(0, len(ARCHIVES[kind]), 7):
        for value in (0x00, 0x01, 0xFF):
            damaged = bytearray(ARCHIVES[kind])
            damaged[place] ^= value
            try:
                extract(bytes(damaged), ("net.onnx",), "a box")
            except DamagedArchiveError as error:
                assert "a box" in str(error)


@pytest.mark.parametrize("kind", ARCHIVES)
def test_an_archive_that_is_cut_short_gives_the_file_or_is_refused(kind):
    for length in range(0, len(ARCHIVES[kind]), 5):
        try:
            assert extract(ARCHIVES[kind][:length], ("net.onnx",), "a box") == CONTENT
        except DamagedArchiveError as error:
            assert "a box" in str(error)
