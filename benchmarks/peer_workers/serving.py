"""What the workers of all peers do the same way: take the number of a frame, answer with boxes and times."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Frame = NDArray[np.uint8]
Boxes = Sequence[Sequence[float]]


def serve(frames_file: str, detect: Callable[[Frame], Boxes], about: dict[str, Any]) -> None:
    """Answers until standard input ends.

    Every line of standard input is the number of a frame, every answer a line of JSON: `boxes`, `wall_ms` and `cpu_ms`,
    the processor time of all threads of this process. The first line tells about the peer.

    Args:
        frames_file: A .npy of NxHxWx3 uint8, BGR.
        detect: Gives x, y, width and height of each face, in pixels.
        about: What the result should say of the peer.
    """
    frames = np.load(frames_file, mmap_mode="r")
    # What libraries print must not get between the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    print(json.dumps(about), file=answers)
    for line in sys.stdin:
        frame = np.array(frames[int(line)])
        wall, cpu = time.perf_counter(), time.process_time()
        boxes = detect(frame)
        wall_ms, cpu_ms = (time.perf_counter() - wall) * 1e3, (time.process_time() - cpu) * 1e3
        plain = [[float(value) for value in box] for box in boxes]
        print(json.dumps({"boxes": plain, "wall_ms": wall_ms, "cpu_ms": cpu_ms}), file=answers)
