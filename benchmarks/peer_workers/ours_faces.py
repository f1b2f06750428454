"""Worker for this suite with everything that it tells of faces: `ours_faces FRAMES GALLERY ANSWER`.

All parameters have their defaults but the place of the gallery. ANSWER is `boxes`, or `points` for the landmarks too.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnxruntime

from benchmarks.harness.network_work import counted_work
from benchmarks.peer_workers.serving import Frame, around, as_boxes, serve_clip
from face_perception.assembly import open_face_pipeline
from face_perception.face import Face
from face_perception.identity import IdentityState
from face_perception.parameters import FaceParameters
from gesture_perception.hand import Hand
from perception_core.frame import RgbdFrame
from perception_core.stages import StageTimes

Seen = tuple[list[Face], StageTimes]


def main(frames: str, gallery: str, wanted: str) -> None:
    """The process."""
    assembly = open_face_pipeline(FaceParameters(gallery=gallery), notify=notify)

    def look(frame: Frame, stamp_ns: int) -> Seen:
        times = StageTimes()
        return assembly.pipeline(RgbdFrame(stamp_ns, "camera", frame), times), times

    about = {
        "version": f"ONNX Runtime {onnxruntime.__version__}",
        "threads": "1",
        "people_enrolled": 0 if assembly.gallery is None else len(assembly.gallery.people()),
    }
    with counted_work() as work:

        def answer(seen: Seen) -> dict[str, Any]:
            faces, times = seen
            found = [face for face in faces if not face.bridged]
            done = {**work, **told_of_faces(found), **spent(times)}
            work.clear()
            return {**(_points(found) if wanted == "points" else as_boxes(boxes_of(found))), "work": done}

        serve_clip(frames, look, answer, about)


def boxes_of(seen: Sequence[Face | Hand]) -> list[tuple[float, float, float, float]]:
    """x, y, width and height of each, in pixels."""
    return [(each.box.x, each.box.y, each.box.width, each.box.height) for each in seen]


def told_of_faces(faces: Sequence[Face]) -> dict[str, int]:
    """What is known of how many of the faces."""
    return {
        "landmarks": sum(face.landmarks is not None for face in faces),
        "irises": sum(face.landmarks is not None and len(face.landmarks.points) == 478 for face in faces),
        "names": sum(face.identity.state is IdentityState.CONFIRMED for face in faces),
    }


def spent(times: StageTimes) -> dict[str, float]:
    """Milliseconds of every stage."""
    return {f"{name}_cpu_ms": stage.cpu_ms.mean * stage.cpu_ms.count for name, stage in times.stages().items()}


def _points(faces: list[Face]) -> dict[str, Any]:
    points = [face.landmarks.points[:, :2].astype(np.float64) for face in faces if face.landmarks is not None]
    return around(points, with_points=True)


def notify(text: str) -> None:
    """Says what the user should know, where it is no answer."""
    print(text, file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
