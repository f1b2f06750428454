"""Worker for dlib's frontal face detector: `dlib FRAMES WEIGHTS`; its weights are compiled into it."""

from __future__ import annotations

import sys

import dlib
import numpy as np

from benchmarks.peer_workers.serving import Boxes, Frame, serve

_UPSAMPLED = 1  # times, as in face_recognition: without it faces below 80 pixels are not found


def main(frames: str, _weights: str) -> None:
    """The process."""
    detector = dlib.get_frontal_face_detector()

    def detect(frame: Frame) -> Boxes:
        faces = detector(np.ascontiguousarray(frame[:, :, ::-1]), _UPSAMPLED)
        return [(face.left(), face.top(), face.width(), face.height()) for face in faces]

    serve(frames, detect, {"version": f"dlib {dlib.__version__}", "weights": "HOG, in the library", "threads": "1"})


if __name__ == "__main__":
    main(*sys.argv[1:])
