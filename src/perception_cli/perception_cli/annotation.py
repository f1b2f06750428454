"""Frames and pictures with the faces and hands found in them drawn in."""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from face_perception.pipeline import FacePipeline
from gesture_perception.pipeline import HandPipeline
from gesture_perception.reaches import reach_of
from perception_cli.seen_frame import SeenFrame
from perception_core.frame import ColourImage, RgbdFrame
from perception_core.sources.error import SourceError
from perception_core.sources.pictures import read_picture
from perception_core.stages import StageTimes
from person_perception.drawing import draw_found, draw_found_in_depth

_LOOKED_AT_FOR_DEPTH = 5  # a recording's first frames may lack what its others have
_LOOKED_AT_BYTES = 64_000_000


class AnnotateError(RuntimeError):
    """What was asked for cannot be done."""


@dataclass(frozen=True, slots=True, eq=False)
class Annotated:
    """A frame or picture that is done.

    Attributes:
        picture: HxWx3 uint8, BGR.
        found: What is in it; the stamp of a picture is 0.
        name: Of the picture's file; empty for a frame.
    """

    picture: ColourImage
    found: SeenFrame
    name: str = ""


@dataclass(frozen=True, slots=True)
class Perceivers:
    """What looks at frames.

    Attributes:
        faces: Finds faces.
        hands: Finds hands.
    """

    faces: FacePipeline
    hands: HandPipeline

    def __call__(self, frame: RgbdFrame) -> SeenFrame:
        """What is in a frame, and how long finding it took; hands are looked for about those who are seen."""
        began = time.perf_counter()
        faces = self.faces(frame, StageTimes())
        hands = self.hands(frame, StageTimes(), [reach_of(face.box) for face in faces])
        latency_ms = (time.perf_counter() - began) * 1e3
        return SeenFrame(frame.stamp_ns, faces, hands.hands, tuple(hands.events), latency_ms)

    def reset(self) -> None:
        """Forgets who was seen."""
        self.faces.reset()
        self.hands.reset()


def annotated_frames(frames: Iterable[RgbdFrame], perceivers: Perceivers) -> Iterator[Annotated]:
    """Every frame once, with its depth beside it if the source has depth and intrinsics."""
    frames = iter(frames)
    first, has_depth = _looked_at(frames)
    for frame in itertools.chain(_let_go(first), frames):
        found = perceivers(frame)
        faces, hands = found.faces or [], found.hands or []
        picture = draw_found(frame.colour, faces, hands, frame.intrinsics)
        if has_depth:
            picture = np.hstack([picture, draw_found_in_depth(frame.depth, frame.size, faces, hands)])
        yield Annotated(picture, found)


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


def annotated_pictures(pictures: Iterable[tuple[Path, ColourImage]], perceivers: Perceivers) -> Iterator[Annotated]:
    """Every picture on its own: nobody is followed from one to the next, and no two share an id."""
    for file, colour in pictures:
        perceivers.reset()
        found = perceivers(RgbdFrame(0, "", colour))
        yield Annotated(draw_found(colour, found.faces or [], found.hands or [], None), found, file.name)
