"""Worker for OpenCV's FaceDetectorYN: `opencv FRAMES WEIGHTS`."""

from __future__ import annotations

import sys

import cv2

from benchmarks.peer_workers.serving import Boxes, Frame, serve

_SCORE = 0.6  # as ours; OpenCV's own default is 0.9
_OVERLAP, _KEPT = 0.3, 5000  # OpenCV's defaults


def main(frames: str, weights: str) -> None:
    """The process."""
    cv2.setNumThreads(1)
    detector = cv2.FaceDetectorYN.create(weights, "", (640, 480), _SCORE, _OVERLAP, _KEPT)

    def detect(frame: Frame) -> Boxes:
        _, faces = detector.detect(frame)
        return [] if faces is None else [face[:4] for face in faces]

    serve(frames, detect, {"version": f"OpenCV {cv2.__version__}", "weights": "YuNet 2023mar", "threads": "1"})


if __name__ == "__main__":
    main(*sys.argv[1:])
