"""Worker for MediaPipe's Face Landmarker with blendshapes and its Gesture Recognizer, one after the other.

`mediapipe_hands FRAMES FACE_TASK GESTURE_TASK FACES HANDS`; FACES and HANDS are the most that each looks for.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, NamedTuple

import cv2
import numpy as np
from mediapipe import Image, ImageFormat
from mediapipe.tasks.python import BaseOptions
from mediapipe.tasks.python.components.containers import NormalizedLandmark
from mediapipe.tasks.python.vision import (
    FaceLandmarker,
    FaceLandmarkerOptions,
    FaceLandmarkerResult,
    GestureRecognizer,
    GestureRecognizerOptions,
    GestureRecognizerResult,
    RunningMode,
)

from benchmarks.peer_workers.serving import Frame, around, serve_clip


class _Seen(NamedTuple):
    faces: FaceLandmarkerResult
    hands: GestureRecognizerResult
    faces_ms: float
    hands_ms: float


def main(frames: str, face_task: str, gesture_task: str, faces: str, hands: str) -> None:
    """The process."""
    face_options = FaceLandmarkerOptions(
        BaseOptions(model_asset_path=face_task),
        running_mode=RunningMode.VIDEO,
        num_faces=int(faces),
        output_face_blendshapes=True,
    )
    hand_options = GestureRecognizerOptions(
        BaseOptions(model_asset_path=gesture_task), running_mode=RunningMode.VIDEO, num_hands=int(hands)
    )
    about = {
        "version": f"MediaPipe {version('mediapipe')}",
        "weights": "face_landmarker.task, gesture_recognizer.task",
        "threads": "its own choice: the Python interface has no option for it",
        "most_faces": int(faces),
        "most_hands": int(hands),
    }
    height, width = np.load(frames, mmap_mode="r").shape[1:3]

    def boxes(seen: Sequence[Sequence[NormalizedLandmark]]) -> list[list[float]]:
        points = [np.array([(point.x * width, point.y * height) for point in each]) for each in seen]
        found: list[list[float]] = around(points, with_points=False)["boxes"]
        return found

    def answer(seen: _Seen) -> dict[str, Any]:
        work = {"all_faces_cpu_ms": seen.faces_ms, "all_hands_cpu_ms": seen.hands_ms}
        return {"boxes": boxes(seen.faces.face_landmarks), "hands": boxes(seen.hands.hand_landmarks), "work": work}

    with (
        FaceLandmarker.create_from_options(face_options) as landmarker,
        GestureRecognizer.create_from_options(hand_options) as recognizer,
    ):

        def look(frame: Frame, stamp_ns: int) -> _Seen:
            began = time.process_time()
            image = Image(image_format=ImageFormat.SRGB, data=cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
            found = landmarker.detect_for_video(image, stamp_ns // 1_000_000)
            between = time.process_time()
            told = recognizer.recognize_for_video(image, stamp_ns // 1_000_000)
            return _Seen(found, told, (between - began) * 1e3, (time.process_time() - between) * 1e3)

        serve_clip(frames, look, answer, about)


if __name__ == "__main__":
    main(*sys.argv[1:])
