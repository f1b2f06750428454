"""Rotation of rendered heads through the landmark networks, against the truth, within 40 degrees of frontal.

Beside it, how far from the truth the pipeline places a head at a metre with depth.

./perception bench head_pose [--json FILE]
"""

from __future__ import annotations

import argparse
import math
import time
from contextlib import closing

import numpy as np
from numpy.typing import NDArray

from benchmarks.head_views import PaintedHead, painted, view
from benchmarks.report import BenchmarkError, Result, run_benchmark
from face_perception.assembly import open_face_pipeline
from face_perception.canonical_face import read_canonical_face
from face_perception.detection import FaceDetector
from face_perception.face_region import region_of_detection, region_of_landmarks
from face_perception.head_pose import head_pose, rotation_of
from face_perception.landmarks import LandmarkNetwork, Landmarks, LandmarkScheme
from face_perception.parameters import FaceParameters
from perception_core.depth import PositionSource
from perception_core.engines.engine import open_engine
from perception_core.frame import ColourImage, Intrinsics
from perception_core.geometry import RotatedRegion
from perception_core.sources.pictures import read_picture
from perception_core.sources.scene_source import SceneSource
from perception_core.sources.scenes import static
from perception_core.stages import StageTimes
from perception_core.zoo.store import model_path, picture_path

_PEOPLE = ("astronaut", "biden", "obama")
_NETWORKS = {"478 points": "face_landmarks", "468 points": "face_landmarks_light"}
_VIEWS = 70  # of each person
# Faces wider, longer, or with more relief than the canonical one, and the other way round: out, to the left, up.
_BUILDS = np.array([[1, 1, 1], [1.1, 1, 1], [0.9, 1, 1], [1, 1.06, 1], [1, 0.94, 1], [1, 1, 1.06], [1, 1, 0.94]])
_CAMERA = Intrinsics(640, 480, 600.0, 600.0, 320.0, 240.0)
_DISTANCES_M = (0.5, 0.8, 1.3)
_WITHIN_DEG = 40.0
_PLACE_M, _PLACE_FRAMES = 1.0, 30
TARGET_MEDIAN_DEG, TARGET_PLACE_CM = 3.0, 1.5


def main() -> None:
    """The command."""
    run_benchmark("head_pose", __doc__, measure)


def measure(_options: argparse.Namespace) -> Result:
    """Turns every person every way."""
    face = read_canonical_face(model_path("face_geometry"))
    detector = FaceDetector(open_engine(model_path("yunet")))
    networks = {name: LandmarkNetwork(open_engine(model_path(model))) for name, model in _NETWORKS.items()}
    rng = np.random.default_rng(1)
    errors: dict[str, list[float]] = {name: [] for name in networks}
    milliseconds = []
    for person in _PEOPLE:
        photograph = read_picture(picture_path(person))
        region = region_of_detection(detector(photograph)[0])
        skin = painted(face, photograph, _settled(networks["478 points"], photograph, region))
        for k in range(_VIEWS):
            build = _BUILDS[k % len(_BUILDS)]
            head = PaintedHead(skin.points * build, skin.triangles, skin.photograph, skin.pixels)
            angles, place = _turned(rng), _placed(rng)
            image = view(head, angles, place, _CAMERA)
            for name, network in networks.items():
                found = _settled(network, image, _region_of(head, angles, place))
                started = time.thread_time()
                pose = head_pose(face, found, _CAMERA)
                milliseconds.append(1e3 * (time.thread_time() - started))
                off = _angle_deg(pose.rotation, rotation_of(*angles)) if pose is not None else 180.0
                errors[name].append(off)
    result: Result = {
        f"{name}, {figure}": round(float(value), 2)
        for name, off in errors.items()
        for figure, value in (("median degrees", np.median(off)), ("p90 degrees", np.percentile(off, 90)))
    }
    return {
        "views": _VIEWS * len(_PEOPLE),
        **result,
        "target, median degrees": TARGET_MEDIAN_DEG,
        "with depth at 1 m, median cm": round(_place_error_cm(), 2),
        "target, with depth at 1 m, median cm": TARGET_PLACE_CM,
        "cpu ms per face": round(float(np.median(milliseconds)), 3),
    }


def _place_error_cm() -> float:
    """Median distance between the sellion and where the pose of a head has it."""
    source = SceneSource(static(_PLACE_M))
    errors_m = []
    with closing(open_face_pipeline(FaceParameters(expression="", identity=""), print)) as assembly:
        for k in range(_PLACE_FRAMES):
            truths = source.truth(k).faces
            for face in assembly.pipeline(source.frame(k), StageTimes()):
                if face.pose is None or face.pose.position.source is not PositionSource.DEPTH:
                    continue
                placed = face.pose.position.xyz
                errors_m.append(min(math.dist(placed, true.sellion) for true in truths))
    if not errors_m:
        raise BenchmarkError("no head was placed by depth")
    return 100 * float(np.median(errors_m))


def _turned(rng: np.random.Generator) -> tuple[float, float, float]:
    while True:
        yaw, pitch, roll = rng.uniform((-40, -30, -25), (40, 30, 25)).tolist()
        if math.cos(math.radians(yaw)) * math.cos(math.radians(pitch)) >= math.cos(math.radians(_WITHIN_DEG)):
            return yaw, pitch, roll


def _placed(rng: np.random.Generator) -> tuple[float, float, float]:
    z = float(rng.choice(_DISTANCES_M))
    return float(rng.uniform(-0.3, 0.3)) * z, float(rng.uniform(-0.15, 0.15)) * z, z


def _region_of(
    head: PaintedHead, angles: tuple[float, float, float], place: tuple[float, float, float]
) -> RotatedRegion | None:
    pixels = _CAMERA.project(head.points @ rotation_of(*angles).T + np.array(place))
    points = np.column_stack([pixels, np.zeros(len(pixels))]).astype(np.float32)
    return region_of_landmarks(Landmarks(LandmarkScheme.MEDIAPIPE468, points, 1.0))


def _settled(network: LandmarkNetwork, image: ColourImage, region: RotatedRegion | None) -> Landmarks:
    """What the network finds once its region follows its own landmarks."""
    for _ in range(3):
        if region is None:
            raise BenchmarkError("a network lost the face that it was shown")
        (found,) = network(image, [region])
        region = region_of_landmarks(found)
    return found


def _angle_deg(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return math.degrees(math.acos(max(-1.0, min(1.0, (float(np.trace(one.T @ other)) - 1) / 2))))


if __name__ == "__main__":
    main()
