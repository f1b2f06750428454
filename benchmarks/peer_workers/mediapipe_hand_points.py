"""Worker for the hands that MediaPipe's Gesture Recognizer sees: `mediapipe_hand_points FRAMES GESTURE_TASK HANDS`.

HANDS is the most that it looks for. It answers with the 21 points of each, in pixels.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Any

import cv2
import numpy as np
from mediapipe import Image, ImageFormat
from mediapipe.tasks.python import BaseOptions
from mediapipe.tasks.python.vision import (
    GestureRecognizer,
    GestureRecognizerOptions,
    GestureRecognizerResult,
    RunningMode,
)

from benchmarks.peer_workers.serving import Frame, around, serve_clip


def main(frames: str, gesture_task: str, hands: str) -> None:
    """The process."""
    options = GestureRecognizerOptions(
        BaseOptions(model_asset_path=gesture_task), running_mode=RunningMode.VIDEO, num_hands=int(hands)
    )
    height, width = np.load(frames, mmap_mode="r").shape[1:3]

    def answer(seen: GestureRecognizerResult) -> dict[str, Any]:
        points = [np.array([(point.x * width, point.y * height) for point in hand]) for hand in seen.hand_landmarks]
        sides = [side[0].category_name for side in seen.handedness]
        return {**around(points, with_points=True), "sides": sides}

    with GestureRecognizer.create_from_options(options) as recognizer:

        def look(frame: Frame, stamp_ns: int) -> GestureRecognizerResult:
            rgb = cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
            return recognizer.recognize_for_video(Image(image_format=ImageFormat.SRGB, data=rgb), stamp_ns // 1_000_000)

        serve_clip(frames, look, answer, {"version": f"MediaPipe {version('mediapipe')}"})


if __name__ == "__main__":
    main(*sys.argv[1:])
