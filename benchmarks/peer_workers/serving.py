"""What the workers of all peers do the same way: take the number of a frame, answer with what they saw and times."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Frame = NDArray[np.uint8]
Boxes = Sequence[Sequence[float]]
Seen = TypeVar("Seen")

_PERIOD_NS, _BETWEEN_CLIPS_NS = 33_333_333, 10_000_000_000


def serve(frames_file: str, detect: Callable[[Frame], Boxes], about: dict[str, Any]) -> None:
    """Answers until standard input ends, each frame by itself; see `serve_clip`.

    Args:
        frames_file: A .npy of NxHxWx3 uint8, BGR.
        detect: Gives x, y, width and height of each face, in pixels.
        about: What the result should say of the peer.
    """
    serve_clip(frames_file, lambda frame, _stamp_ns: detect(frame), as_boxes, about)


def serve_clip(
    frames_file: str,
    look: Callable[[Frame, int], Seen],
    answer: Callable[[Seen], dict[str, Any]],
    about: dict[str, Any],
) -> None:
    """Answers until standard input ends.

    Every line of standard input is the number of a frame, every answer a line of JSON: what `answer` makes of what was
    seen, `wall_ms` and `cpu_ms`, the processor time of all threads of this process. The first line tells of the peer.

    Args:
        frames_file: A .npy of NxHxWx3 uint8, BGR.
        look: Is timed; takes a frame and its stamp in nanoseconds. They come at 30 Hz; with a number below the one
            before, a clip begins, ten seconds later.
        answer: Is not timed; its `boxes` are x, y, width and height of each face, in pixels.
        about: What the result should say of the peer.
    """
    frames = np.load(frames_file, mmap_mode="r")
    # What libraries print must not get between the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    print(json.dumps(about), file=answers)
    stamp_ns, before = 0, -1
    for number in map(int, sys.stdin):
        stamp_ns += _PERIOD_NS if number >= before else _BETWEEN_CLIPS_NS
        before = number
        frame = np.array(frames[number])
        wall, cpu = time.perf_counter(), time.process_time()
        seen = look(frame, stamp_ns)
        wall_ms, cpu_ms = (time.perf_counter() - wall) * 1e3, (time.process_time() - cpu) * 1e3
        print(json.dumps({**answer(seen), "wall_ms": wall_ms, "cpu_ms": cpu_ms}), file=answers)


def as_boxes(boxes: Boxes) -> dict[str, Any]:
    """The answer of who sees boxes and nothing else."""
    return {"boxes": [[float(value) for value in box] for box in boxes]}


def around(faces: Sequence[NDArray[np.float64]], *, with_points: bool) -> dict[str, Any]:
    """The answer of who sees points.

    Args:
        faces: The points of each face, Nx2, pixels.
        with_points: Whether the answer has the points beside the boxes around them.
    """
    boxes = [(*face.min(axis=0), *np.ptp(face, axis=0)) for face in faces]
    answer = as_boxes(boxes)
    return {**answer, "points": [face.round(3).tolist() for face in faces]} if with_points else answer
