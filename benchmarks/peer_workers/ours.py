"""Worker for this suite: `ours FRAMES WEIGHTS WIDTH TRACKING`; WIDTH as in the face node's detection_width."""

from __future__ import annotations

import itertools
import sys

import onnxruntime

from benchmarks.harness.faces import STRETCH
from benchmarks.peer_workers.serving import Boxes, Frame, serve
from face_perception.assembly import open_face_pipeline
from face_perception.detection import FaceDetector
from face_perception.parameters import FaceParameters
from perception_core.engines.engine import EngineOptions, open_engine
from perception_core.frame import RgbdFrame
from perception_core.stages import StageTimes
from perception_core.zoo.store import model_path

# The detector on every frame, ids and prediction, as the peers have no landmarks either.
_ONLY_TRACKS = FaceParameters(landmarks="none", blendshapes=False, liveness=False, expression="", identity="")
_PERIOD_NS, _BETWEEN_STRETCHES_NS = 33_333_333, 2_000_000_000


def main(frames: str, _weights: str, width: str, tracking: str) -> None:
    """The process."""
    defaults = FaceParameters()
    engine = open_engine(model_path(defaults.detector), options=EngineOptions(threads=defaults.threads))
    detector = FaceDetector(engine, defaults.score_threshold, int(width))
    assembly = open_face_pipeline(_ONLY_TRACKS, notify=print)
    stamps = (k * _PERIOD_NS + k // STRETCH * _BETWEEN_STRETCHES_NS for k in itertools.count())

    def detect(frame: Frame) -> Boxes:
        return [(face.box.x, face.box.y, face.box.width, face.box.height) for face in detector(frame)]

    def track(frame: Frame) -> Boxes:
        faces = assembly.pipeline(RgbdFrame(next(stamps), "camera", frame), StageTimes())
        return [(face.box.x, face.box.y, face.box.width, face.box.height) for face in faces if not face.bridged]

    about = {"version": f"ONNX Runtime {onnxruntime.__version__}", "weights": "YuNet 2023mar", "threads": "1"}
    serve(frames, track if tracking == "tracking" else detect, about)


if __name__ == "__main__":
    main(*sys.argv[1:])
