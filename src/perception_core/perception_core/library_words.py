"""What C libraries print on the terminal while they work.

libjpeg tells of damage inside of a picture in no other way, and OpenCV does not pass it on. What OpenCV and FFmpeg
print themselves says nothing that a failed call does not.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

import cv2

_STDERR = 2
_BEGINNINGS = (
    *("Corrupt JPEG data", "Premature end of JPEG", "Inconsistent progression", "Invalid SOS parameters"),
    *("Unknown Adobe color", "Warning: unknown JFIF", "Application transferred", "libpng "),
)
_NO_LOG = 0  # cv::utils::logging::LOG_LEVEL_SILENT
_FFMPEG_NO_LOG = "-8"  # AV_LOG_QUIET
_one_at_a_time = threading.Lock()

T = TypeVar("T")


def silence_opencv() -> None:
    """Turns off the logs of OpenCV and of its FFmpeg; to be called before a video is opened for the first time."""
    cv2.setLogLevel(_NO_LOG)
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", _FFMPEG_NO_LOG)


def listened_to(work: Callable[[], T]) -> tuple[T, list[str]]:
    """Runs something and catches the lines that image libraries print on standard error meanwhile.

    Other lines, which another thread may print in the meantime, go on to where they belong.

    Returns:
        What `work` returns, and the lines.
    """
    lines: list[str] = []
    with _one_at_a_time, _caught(lines):
        result = work()
    return result, lines


@contextmanager
def _caught(lines: list[str]) -> Iterator[None]:
    try:
        terminal = os.dup(_STDERR)
    except OSError:  # the process was started without one: nobody hears anything
        yield
        return
    caught = os.memfd_create("library words")
    os.dup2(caught, _STDERR)
    try:
        yield
    finally:
        os.dup2(terminal, _STDERR)
        said = os.pread(caught, os.fstat(caught).st_size, 0).decode(errors="replace").splitlines(keepends=True)
        with suppress(OSError):  # nobody may be left to read it
            os.write(terminal, "".join(line for line in said if not line.startswith(_BEGINNINGS)).encode())
        lines += [line.strip() for line in said if line.startswith(_BEGINNINGS)]
        os.close(caught)
        os.close(terminal)
