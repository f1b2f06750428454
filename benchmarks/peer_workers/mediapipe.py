"""Worker for MediaPipe's Face Detector: `mediapipe FRAMES WEIGHTS`."""

from __future__ import annotations

import sys
from importlib.metadata import version

import cv2
from mediapipe import Image, ImageFormat
from mediapipe.tasks.python import BaseOptions
from mediapipe.tasks.python.vision import FaceDetector, FaceDetectorOptions, RunningMode

from benchmarks.peer_workers.serving import Boxes, Frame, serve


def main(frames: str, weights: str) -> None:
    """The process."""
    options = FaceDetectorOptions(BaseOptions(model_asset_path=weights), running_mode=RunningMode.IMAGE)
    about = {
        "version": f"MediaPipe {version('mediapipe')}",
        "weights": "BlazeFace short range",
        "threads": "its own choice: the Python interface has no option for it",
    }
    with FaceDetector.create_from_options(options) as detector:

        def detect(frame: Frame) -> Boxes:
            rgb = cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
            found = detector.detect(Image(image_format=ImageFormat.SRGB, data=rgb)).detections
            boxes = [face.bounding_box for face in found]
            return [(box.origin_x, box.origin_y, box.width, box.height) for box in boxes]

        serve(frames, detect, about)


if __name__ == "__main__":
    main(*sys.argv[1:])
