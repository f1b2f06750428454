"""Faces in metres on the virtual camera, whose truth is known: position errors and identity switches.

./perception bench scene [--json FILE]
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass

import numpy as np

from benchmarks.report import Result, run_benchmark
from face_perception.assembly import open_face_pipeline
from face_perception.face import Face
from face_perception.parameters import FaceParameters
from perception_core.depth import PositionSource
from perception_core.sources.scene_source import SceneSource
from perception_core.sources.scene_truth import FaceTruth
from perception_core.sources.scenes import SCENES, Scene, static
from perception_core.stages import StageTimes

_STATIC_M = (1.0, 2.0, 3.0)
_STATIC_FRAMES = 150
_MOVING = ("crossing", "close_crossing", "one_second_miss")
_SEEN = 0.9  # share of a face that must be visible for its position to be judged

Match = tuple[FaceTruth, Face]


def main() -> None:
    """The command."""
    run_benchmark("scene", __doc__, measure)


def measure(_options: argparse.Namespace) -> Result:
    """Runs the pipeline over the scenes."""
    result: Result = {}
    for distance in _STATIC_M:
        result[f"static {distance:g} m"] = asdict(accuracy(static(distance), range(_STATIC_FRAMES)))
    for name in _MOVING:
        scene = SCENES[name]()
        whole = range(scene.frames)
        result[name] = {**asdict(accuracy(scene, whole)), "identity_switches": identity_switches(scene, whole)}
    return result


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How far found faces are from the truth.

    Attributes:
        faces: Found, with at least nine tenths of them visible.
        measured_share: Of those, how many have their distance from depth, 0 to 1.
        median_error_mm: Between found and true sellion.
        p95_error_mm: Likewise.
        median_bias_mm: Found minus true distance.
        rms_error_over_sigma: 1 if sigma is honest, less if it is cautious.
    """

    faces: int
    measured_share: float
    median_error_mm: float
    p95_error_mm: float
    median_bias_mm: float
    rms_error_over_sigma: float


def accuracy(scene: Scene, frames: range) -> Accuracy:
    """Runs the pipeline over frames of a scene and compares with the truth."""
    seen = [pair for pairs in _matches(scene, frames) for pair in pairs if pair[0].visible_share >= _SEEN]
    measured = [(true, face.position) for true, face in seen if face.position.source is PositionSource.DEPTH]
    errors_m = [math.dist(position.xyz, true.sellion) for true, position in measured]
    biases_m = np.array([position.xyz[2] - true.sellion[2] for true, position in measured])
    sigmas_m = np.array([position.sigma for _, position in measured])
    return Accuracy(
        faces=len(seen),
        measured_share=round(len(measured) / len(seen), 3),
        median_error_mm=round(float(np.median(errors_m)) * 1e3, 1),
        p95_error_mm=round(float(np.quantile(errors_m, 0.95)) * 1e3, 1),
        median_bias_mm=round(float(np.median(biases_m)) * 1e3, 1),
        rms_error_over_sigma=round(float(np.sqrt(np.mean((biases_m / sigmas_m) ** 2))), 2),
    )


def identity_switches(scene: Scene, frames: range) -> int:
    """How often a person got another id, or an id another person, from frame to frame at the scene's full rate."""
    id_of: dict[int, int] = {}
    person_of: dict[int, int] = {}
    switches = 0
    for pairs in _matches(scene, frames):
        for true, face in pairs:
            switches += id_of.get(true.actor_id, face.track_id) != face.track_id
            switches += person_of.get(face.track_id, true.actor_id) != true.actor_id
            id_of[true.actor_id], person_of[face.track_id] = face.track_id, true.actor_id
    return switches


def _matches(scene: Scene, frames: range) -> Iterator[list[Match]]:
    """Of each frame the faces found, with the person whose face they are; bridged faces are left out."""
    source = SceneSource(scene)
    with closing(open_face_pipeline(FaceParameters(expression="", identity=""), print)) as assembly:
        for k in frames:
            faces = [face for face in assembly.pipeline(source.frame(k), StageTimes()) if not face.bridged]
            truth = [true for true in source.truth(k).faces if true.visible_share > 0]
            yield [(min(truth, key=lambda true: _pixels_apart(true, face)), face) for face in faces if truth]


def _pixels_apart(true: FaceTruth, face: Face) -> float:
    """Between the true sellion and the middle of the eyes."""
    assert face.keypoints is not None
    right, left = face.keypoints.right_eye, face.keypoints.left_eye
    return math.dist(true.pixel, ((right[0] + left[0]) / 2, (right[1] + left[1]) / 2))


if __name__ == "__main__":
    main()
