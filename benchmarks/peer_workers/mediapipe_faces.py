"""Worker for MediaPipe's Face Landmarker with blendshapes: `mediapipe_faces FRAMES WEIGHTS FACES ANSWER`.

FACES is the most that it looks for. ANSWER is `boxes`, or `points` for the landmarks too.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Any

import cv2
import numpy as np
from mediapipe import Image, ImageFormat
from mediapipe.tasks.python import BaseOptions
from mediapipe.tasks.python.vision import FaceLandmarker, FaceLandmarkerOptions, FaceLandmarkerResult, RunningMode

from benchmarks.peer_workers.serving import Frame, around, serve_clip


def main(frames: str, weights: str, faces: str, wanted: str) -> None:
    """The process."""
    options = FaceLandmarkerOptions(
        BaseOptions(model_asset_path=weights),
        running_mode=RunningMode.VIDEO,
        num_faces=int(faces),
        output_face_blendshapes=True,
    )
    about = {
        "version": f"MediaPipe {version('mediapipe')}",
        "weights": "face_landmarker.task",
        "threads": "its own choice: the Python interface has no option for it",
        "most_faces": int(faces),
    }
    height, width = np.load(frames, mmap_mode="r").shape[1:3]

    def answer(seen: FaceLandmarkerResult) -> dict[str, Any]:
        # 0 is the centre of the first pixel here too: MediaPipe cuts out with the corners of a region at whole pixels.
        points = [np.array([(point.x * width, point.y * height) for point in face]) for face in seen.face_landmarks]
        return around(points, with_points=wanted == "points")

    with FaceLandmarker.create_from_options(options) as landmarker:

        def look(frame: Frame, stamp_ns: int) -> FaceLandmarkerResult:
            rgb = cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
            return landmarker.detect_for_video(Image(image_format=ImageFormat.SRGB, data=rgb), stamp_ns // 1_000_000)

        serve_clip(frames, look, answer, about)


if __name__ == "__main__":
    main(*sys.argv[1:])
