"""Faces in metres on the virtual camera, whose truth is known: position errors and identity switches.

./perception bench scene [--json FILE]
"""

from __future__ import annotations

import argparse
import math
from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from benchmarks.report import add_json_argument, machine, write_json
from face_perception.detection import FaceDetector
from face_perception.face import Face
from face_perception.parameters import FaceParameters
from face_perception.pipeline import FacePipeline
from perception_core.depth import PositionSource
from perception_core.engines.engine import open_engine
from perception_core.sources.scene_source import SceneSource
from perception_core.sources.scene_truth import FaceTruth
from perception_core.sources.scenes import SCENES, Scene, static
from perception_core.stages import StageTimes
from perception_core.tracking import Tracker
from perception_core.zoo.store import model_path

_STATIC_M = (1.0, 2.0, 3.0)
_STATIC_FRAMES = 150
_MOVING = ("crossing", "close_crossing", "one_second_miss")
_SEEN = 0.9  # share of a face that must be visible for its position to be judged

Match = tuple[FaceTruth, Face]


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="perception bench scene", description=__doc__)
    add_json_argument(parser)
    options = parser.parse_args()
    result: dict[str, object] = {"machine": machine()}
    for distance in _STATIC_M:
        result[f"static {distance:g} m"] = _accuracy(static(distance), _STATIC_FRAMES)
    for name in _MOVING:
        scene = SCENES[name]()
        result[name] = {**_accuracy(scene, scene.frames), "identity_switches": _identity_switches(scene)}
    for name, figures in result.items():
        print(f"{name:16} {figures}")
    write_json(options.json, result)


def _accuracy(scene: Scene, frames: int) -> dict[str, float]:
    """Median and 95th percentile of the distance between found and true sellion, and how honest sigma is."""
    errors_m, deviations = [], []
    for matches in _matches(scene, frames):
        for true, face in matches:
            if true.visible_share >= _SEEN and face.position.source is PositionSource.DEPTH:
                errors_m.append(math.dist(face.position.xyz, true.sellion))
                deviations.append((face.position.xyz[2] - true.sellion[2]) / face.position.sigma)
    return {
        "faces": len(errors_m),
        "median_error_mm": round(float(np.median(errors_m)) * 1e3, 1),
        "p95_error_mm": round(float(np.quantile(errors_m, 0.95)) * 1e3, 1),
        "rms_error_over_sigma": round(float(np.sqrt(np.mean(np.square(deviations)))), 2),
    }


def _identity_switches(scene: Scene) -> int:
    """How often a person's id changed, over the whole scene at its full rate."""
    ids: dict[int, list[int]] = defaultdict(list)
    for matches in _matches(scene, scene.frames):
        for true, face in matches:
            if not ids[true.actor_id] or ids[true.actor_id][-1] != face.track_id:
                ids[true.actor_id].append(face.track_id)
    return sum(len(each) - 1 for each in ids.values())


def _matches(scene: Scene, frames: int) -> Iterator[list[Match]]:
    """Of each frame the faces found, with the person whose face they are; bridged faces are left out."""
    source = SceneSource(scene)
    defaults = FaceParameters()
    tracker = Tracker(max_missed_s=defaults.keep_lost_s, score=defaults.score_threshold, low_score=0.35)
    pipeline = FacePipeline(FaceDetector(open_engine(model_path("yunet")), 0.35), tracker, defaults.bridge_s)
    for k in range(frames):
        faces = [face for face in pipeline(source.frame(k), StageTimes()) if not face.bridged]
        truth = [true for true in source.truth(k).faces if true.visible_share > 0]
        yield [(min(truth, key=lambda true: _pixels_apart(true, face)), face) for face in faces if truth]


def _pixels_apart(true: FaceTruth, face: Face) -> float:
    """Between the true sellion and the middle of the eyes."""
    assert face.keypoints is not None
    right, left = face.keypoints.right_eye, face.keypoints.left_eye
    return math.dist(true.pixel, ((right[0] + left[0]) / 2, (right[1] + left[1]) / 2))


if __name__ == "__main__":
    main()
