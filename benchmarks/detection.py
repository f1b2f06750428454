"""YuNet through our pipeline beside OpenCV's FaceDetectorYN: same weights, same frames, one thread each, in turns.

./perception bench detection [--json FILE]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import cv2
import numpy as np

from benchmarks.report import Result, run_benchmark
from face_perception.detection import FaceDetector
from perception_core.engines.engine import EngineOptions, open_engine
from perception_core.frame import ColourImage
from perception_core.sources.scene_source import SceneSource
from perception_core.sources.scenes import demo
from perception_core.zoo.store import model_path

_SIZE = (640, 480)
_SCORE = 0.6
_FRAMES = 40
_EVERY = 20  # frames of the scene lie so far apart that all of its faces are seen
_ROUNDS = 5


def main() -> None:
    """The command."""
    run_benchmark("detection", __doc__, measure)


def measure(_options: argparse.Namespace) -> Result:
    """Times both in turns and compares their boxes."""
    cv2.setNumThreads(1)
    source = SceneSource(demo())
    frames = [source.frame(k).colour for k in range(0, _FRAMES * _EVERY, _EVERY)]
    ours = FaceDetector(open_engine(model_path("yunet"), options=EngineOptions(threads=1)), _SCORE)
    theirs = cv2.FaceDetectorYN.create(str(model_path("yunet", original=True)), "", _SIZE, _SCORE, 0.3, 5000)

    our_ms, their_ms = [], []
    for _ in range(_ROUNDS):
        for frame in frames:
            our_ms.append(_cpu_ms(lambda: ours(frame)))  # noqa: B023 - called at once
            their_ms.append(_cpu_ms(lambda: theirs.detect(frame)))  # noqa: B023 - called at once

    compared = [_largest_difference(ours, theirs, frame) for frame in frames]
    return {
        "frames": len(frames),
        "rounds": _ROUNDS,
        "ours_cpu_ms": round(statistics.median(our_ms), 2),
        "face_detector_yn_cpu_ms": round(statistics.median(their_ms), 2),
        "ratio": round(statistics.median(our_ms) / statistics.median(their_ms), 3),
        "faces": sum(count for count, _ in compared),
        "largest_box_difference_px": round(max(difference for _, difference in compared), 3),
    }


def _cpu_ms(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1e3


def _largest_difference(ours: FaceDetector, theirs: cv2.FaceDetectorYN, frame: ColourImage) -> tuple[int, float]:
    """Number of faces, and the largest difference of a box's edge in pixels; infinite if their number differs."""
    found = sorted(ours(frame), key=lambda face: face.box.x)
    _, rows = theirs.detect(frame)
    rows = np.empty((0, 15)) if rows is None else rows[rows[:, 0].argsort()]
    if len(rows) != len(found):
        return len(rows), float("inf")
    boxes = np.array([(face.box.x, face.box.y, face.box.width, face.box.height) for face in found]).reshape(-1, 4)
    return len(rows), float(np.abs(boxes - rows[:, :4]).max(initial=0.0))


if __name__ == "__main__":
    main()
