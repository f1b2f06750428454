"""Video files, as `--source FILE` reads them."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from benchmarks.fuzzing.mutation import damaged
from benchmarks.fuzzing.reader import Reader, WrongAnswerError
from perception_core.library_words import silence_opencv
from perception_core.sources.error import SourceError
from perception_core.sources.video import VideoSource

_CODECS = {"mp4v": ".mp4", "MJPG": ".avi", "XVID": ".avi", "VP80": ".webm", "FFV1": ".mkv", "PNG ": ".mov"}
_FRAMES = 8


def readers(folder: Path) -> list[Reader]:
    """What reads videos."""
    silence_opencv()  # FFmpeg looks once, and the seeds are written first
    path = folder / "video.mp4"

    def read(data: bytes) -> None:
        path.write_bytes(data)
        source = VideoSource(path)
        for frame in islice(source.frames(), _FRAMES + 2):
            if frame.colour.dtype != np.uint8 or frame.colour.ndim != 3 or 0 in frame.colour.shape:
                raise WrongAnswerError(f"a picture of shape {frame.colour.shape} and {frame.colour.dtype}")

    return [Reader("video", damaged(_seeds(folder)), read, (SourceError,))]


def _seeds(folder: Path) -> list[bytes]:
    """Short videos of every codec that OpenCV can write."""
    made = []
    pictures = np.random.default_rng(0).integers(0, 256, (_FRAMES, 6, 8, 3), np.uint8)
    for codec, suffix in _CODECS.items():
        path = folder / f"seed{suffix}"
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), 25, (64, 48))
        for picture in pictures:
            writer.write(cv2.resize(picture, (64, 48)))
        writer.release()
        if path.is_file() and path.stat().st_size:
            made.append(path.read_bytes())
        path.unlink(missing_ok=True)
    return made
