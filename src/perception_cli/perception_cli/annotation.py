"""Frames and pictures with the faces found in them drawn in."""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from face_perception.drawing import draw_depth, draw_faces
from face_perception.face import Face
from face_perception.pipeline import FacePipeline
from perception_cli.outputs import begun_beside
from perception_core.frame import ColourImage, RgbdFrame
from perception_core.sources.error import SourceError
from perception_core.sources.pictures import read_picture
from perception_core.stages import StageTimes

_LOOKED_AT_FOR_DEPTH = 5  # a recording's first frames may lack what its others have
_LOOKED_AT_BYTES = 64_000_000


class AnnotateError(RuntimeError):
    """What was asked for cannot be done."""


@dataclass(frozen=True, slots=True, eq=False)
class Annotated:
    """A frame or picture that is done.

    Attributes:
        picture: HxWx3 uint8, BGR.
        faces: Nearest first.
        stamp_ns: Of the frame; 0 for a picture.
        latency_ms: How long finding the faces took.
        name: Of the picture's file; empty for a frame.
    """

    picture: ColourImage
    faces: list[Face]
    stamp_ns: int
    latency_ms: float
    name: str = ""


def annotated_frames(frames: Iterable[RgbdFrame], pipeline: FacePipeline) -> Iterator[Annotated]:
    """Every frame once, with its depth beside it if the source has depth and intrinsics."""
    frames = iter(frames)
    first, has_depth = _looked_at(frames)
    for frame in itertools.chain(_let_go(first), frames):
        faces, latency_ms = _timed(pipeline, frame)
        picture = draw_faces(frame.colour, faces)
        if has_depth:
            picture = np.hstack([picture, draw_depth(frame.depth, frame.size, faces)])
        yield Annotated(picture, faces, frame.stamp_ns, latency_ms)


def _looked_at(frames: Iterator[RgbdFrame]) -> tuple[deque[RgbdFrame], bool]:
    """As many frames as tell whether the source has depth, and whether it has; fewer where they are large."""
    first: deque[RgbdFrame] = deque()
    size = 0
    for frame in itertools.islice(frames, _LOOKED_AT_FOR_DEPTH):
        first.append(frame)
        size += frame.colour.nbytes
        if (frame.depth is not None and frame.intrinsics is not None) or size > _LOOKED_AT_BYTES:
            break
    last = first[-1] if first else None
    return first, last is not None and last.depth is not None and last.intrinsics is not None


def _let_go(frames: deque[RgbdFrame]) -> Iterator[RgbdFrame]:
    """The frames, none of which is kept."""
    while frames:
        yield frames.popleft()


def read_pictures(files: Iterable[Path], complain: Callable[[str], None]) -> Iterator[tuple[Path, ColourImage]]:
    """The pictures that can be read; of each other one, what is wrong is told."""
    for file in files:
        try:
            yield file, read_picture(file)
        except SourceError as error:
            complain(f"{error}; it is skipped")


def annotated_pictures(pictures: Iterable[tuple[Path, ColourImage]], pipeline: FacePipeline) -> Iterator[Annotated]:
    """Every picture on its own: nobody is followed from one to the next, and no two share an id."""
    for file, colour in pictures:
        pipeline.reset()
        faces, latency_ms = _timed(pipeline, RgbdFrame(0, "", colour))
        yield Annotated(draw_faces(colour, faces), faces, 0, latency_ms, file.name)


def write_picture(path: Path, picture: ColourImage) -> None:
    """Writes a picture, in the format that its name ends in; what was there is replaced by a whole file or not at all.

    Raises:
        AnnotateError: It cannot be written.
    """
    try:
        encoded, content = cv2.imencode(path.suffix.lower(), picture)
        if not encoded:
            raise AnnotateError(f"{path}: a picture of this size and format cannot be written")
        file = begun_beside(path)
        try:
            file.partial.write_bytes(content.tobytes())
            file.complete()
        finally:
            file.discard()
    except cv2.error as error:
        raise AnnotateError(f"{path}: the picture cannot be written: {error}") from error
    except OSError as error:
        raise AnnotateError(f"{path}: the picture cannot be written: {error.strerror}") from error


def _timed(pipeline: FacePipeline, frame: RgbdFrame) -> tuple[list[Face], float]:
    began = time.perf_counter()
    faces = pipeline(frame, StageTimes())
    return faces, (time.perf_counter() - began) * 1e3
