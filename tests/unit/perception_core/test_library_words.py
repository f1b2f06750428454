import os
import subprocess
import sys
from pathlib import Path

import pytest

from perception_core.library_words import listened_to

STDERR = 2
OPEN_FILES = Path("/proc/self/fd")
WITHOUT_STDERR = """
import os
os.close(2)
from perception_core.library_words import listened_to
print(listened_to(lambda: 7))
"""


def saying(*lines):
    return lambda: os.write(STDERR, "".join(f"{line}\n" for line in lines).encode())


def test_what_a_library_prints_is_caught_and_not_printed(capfd):
    _, lines = listened_to(saying("Corrupt JPEG data: bad Huffman code", "libpng error: IDAT: invalid distances set"))
    assert lines == ["Corrupt JPEG data: bad Huffman code", "libpng error: IDAT: invalid distances set"]
    assert capfd.readouterr() == ("", "")


def test_what_others_print_meanwhile_is_printed(capfd):
    _, lines = listened_to(saying("[INFO] all is well", "libpng warning: x", "[WARN] or not"))
    assert lines == ["libpng warning: x"]
    assert capfd.readouterr().err == "[INFO] all is well\n[WARN] or not\n"


def test_what_is_printed_afterwards_is_not_held_back(capfd):
    assert listened_to(lambda: 7) == (7, [])
    saying("Corrupt JPEG data: afterwards")()
    assert capfd.readouterr().err == "Corrupt JPEG data: afterwards\n"


def test_an_exception_gives_the_terminal_back(capfd):
    with pytest.raises(ZeroDivisionError):
        listened_to(lambda: 1 / 0)
    saying("here I am")()
    assert capfd.readouterr().err == "here I am\n"


def test_nothing_stays_open():
    before = len(list(OPEN_FILES.iterdir()))
    for _ in range(20):
        listened_to(saying("libpng warning: x"))
    assert len(list(OPEN_FILES.iterdir())) == before


def test_a_process_without_standard_error_works_all_the_same():
    program = (
        "import os; os.close(2); from perception_core.library_words import listened_to; print(listened_to(lambda: 7))"
    )
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout == "(7, [])\n"


def test_opencv_and_ffmpeg_keep_quiet_about_a_broken_video(tmp_path):
    """In a process of its own: FFmpeg looks once how much it may say."""
    (tmp_path / "v.mp4").write_bytes(b"\0\0\0\x1cftypisom" + bytes(100))
    program = f"""
import cv2
from perception_core.library_words import silence_opencv
silence_opencv()
assert not cv2.VideoCapture({str(tmp_path / "v.mp4")!r}).isOpened()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
