"""Worker for this suite with everything that it tells of faces: `ours_faces FRAMES GALLERY ANSWER`.

All parameters have their defaults but the place of the gallery. ANSWER is `boxes`, or `points` for the landmarks too.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import onnxruntime

from benchmarks.harness.network_work import counted_work
from benchmarks.peer_workers.serving import Frame, around, as_boxes, serve_clip
from face_perception.assembly import open_face_pipeline
from face_perception.face import Face
from face_perception.identity import IdentityState
from face_perception.parameters import FaceParameters
from perception_core.frame import RgbdFrame
from perception_core.stages import StageTimes

Seen = tuple[list[Face], StageTimes]


def main(frames: str, gallery: str, wanted: str) -> None:
    """The process."""
    assembly = open_face_pipeline(FaceParameters(gallery=gallery), notify=_tell)

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
            done = {**work, **_told(found), **_spent(times)}
            work.clear()
            return {**(_points if wanted == "points" else _boxes)(found), "work": done}

        serve_clip(frames, look, answer, about)


def _boxes(faces: list[Face]) -> dict[str, Any]:
    return as_boxes([(face.box.x, face.box.y, face.box.width, face.box.height) for face in faces])


def _points(faces: list[Face]) -> dict[str, Any]:
    points = [face.landmarks.points[:, :2].astype(np.float64) for face in faces if face.landmarks is not None]
    return around(points, with_points=True)


def _told(faces: list[Face]) -> dict[str, int]:
    """What is known of how many of the faces."""
    return {
        "landmarks": sum(face.landmarks is not None for face in faces),
        "irises": sum(face.landmarks is not None and len(face.landmarks.points) == 478 for face in faces),
        "names": sum(face.identity.state is IdentityState.CONFIRMED for face in faces),
    }


def _spent(times: StageTimes) -> dict[str, float]:
    """Milliseconds of every stage."""
    return {f"{name}_cpu_ms": stage.cpu_ms.mean * stage.cpu_ms.count for name, stage in times.stages().items()}


def _tell(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
