"""The log of faces: one line of JSON per frame or picture."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from typing import IO

import numpy as np

from face_perception.blendshapes import Blendshapes
from face_perception.expression_evidence import Expression, ExpressionState
from face_perception.eyes import Eyes
from face_perception.face import Face
from face_perception.gaze import Gaze
from face_perception.head_pose import HeadPose
from face_perception.identity import Identity
from face_perception.landmarks import Landmarks
from perception_core.depth import PositionSource


class FaceLog:
    """Writes a line for every frame; the file is the caller's to close."""

    def __init__(self, file: IO[str], *, landmarks: bool = False) -> None:
        """Begins to write.

        Args:
            file: Where to.
            landmarks: Write landmarks and blendshapes, too: 10 kB for every face in every frame.
        """
        self._file, self._landmarks = file, landmarks

    @property
    def name(self) -> str:
        """Of the file."""
        return self._file.name

    def write(self, stamp_ns: int, faces: Sequence[Face], latency_ms: float, picture: str = "") -> None:
        """Appends a frame as `log_line` has it, and leaves no half line behind if the process is killed afterwards."""
        self._file.write(log_line(stamp_ns, faces, latency_ms, picture, landmarks=self._landmarks) + "\n")
        self._file.flush()


def log_line(
    stamp_ns: int, faces: Sequence[Face], latency_ms: float, picture: str = "", *, landmarks: bool = False
) -> str:
    """A frame's faces as one line of JSON; what is not known is null.

    Args:
        stamp_ns: Of the frame.
        faces: What was found in it.
        latency_ms: How long it took to know; NaN where it is not known.
        picture: Name of its file; empty for a frame of a camera or video.
        landmarks: With landmarks and blendshapes.
    """
    seconds, nanoseconds = divmod(stamp_ns, 1_000_000_000)
    record = {
        **({"file": picture} if picture else {}),
        "stamp": seconds + nanoseconds / 1e9,
        "latency_ms": _number(latency_ms, 2),
        "faces": [{**_face(face), **(_points(face) if landmarks else {})} for face in faces],
    }
    return json.dumps(record, allow_nan=False)


def _face(face: Face) -> dict[str, object]:
    where, box = face.position, face.box
    known = where.source is not PositionSource.NONE
    return {
        "id": face.track_id,
        "box": _numbers((box.x, box.y, box.width, box.height), 1),
        "score": _number(face.score, 3),
        "position": _numbers(where.xyz, 4) if known else None,
        "source": where.source.value,
        "sigma": _number(where.sigma, 4) if known else None,
        "head": _head(face.pose),
        "gaze": _gaze(face.gaze),
        "looking_at_camera": face.looking_at_camera,
        "eyes_closed": _eyes(face.eyes),
        "expression": _expression(face.expression),
        "identity": _identity(face.identity),
        "liveness": face.liveness.value,
    }


def _points(face: Face) -> dict[str, object]:
    return {"landmarks": _landmarks(face.landmarks), "blendshapes": _blendshapes(face.blendshapes)}


def _head(pose: HeadPose | None) -> dict[str, float] | None:
    """Degrees; yaw to the person's own left, pitch downwards and roll to the right shoulder are positive."""
    if pose is None or not np.isfinite(pose.rotation).all():
        return None
    return {"yaw": round(pose.yaw_deg, 1), "pitch": round(pose.pitch_deg, 1), "roll": round(pose.roll_deg, 1)}


def _gaze(gaze: Gaze | None) -> list[float | None] | None:
    return None if gaze is None else _numbers(gaze.direction, 3)


def _eyes(eyes: Eyes | None) -> dict[str, float | None] | None:
    if eyes is None:
        return None
    return {"right": _number(eyes.right_closed, 2), "left": _number(eyes.left_closed, 2)}


def _expression(expression: Expression) -> dict[str, object] | None:
    if expression.state is ExpressionState.UNKNOWN:
        return None
    return {
        "state": expression.state.name.lower(),
        "label": expression.label or None,
        "scores": dict(zip(expression.classes, _numbers(expression.scores, 3), strict=True)),
        "valence": _number(expression.valence, 3),
        "arousal": _number(expression.arousal, 3),
    }


def _identity(identity: Identity) -> dict[str, object]:
    return {
        "state": identity.state.name.lower(),
        "person_id": identity.person_id or None,
        "name": identity.name or None,
        "similarity": _number(identity.similarity, 3),
    }


def _landmarks(landmarks: Landmarks | None) -> dict[str, object] | None:
    if landmarks is None:
        return None
    return {
        "scheme": landmarks.scheme.value,
        "points": [_numbers(point, 2) for point in landmarks.points.tolist()],
    }


def _blendshapes(blendshapes: Blendshapes | None) -> dict[str, float | None] | None:
    if blendshapes is None:
        return None
    return dict(zip(blendshapes.labels, _numbers(blendshapes.scores.tolist(), 4), strict=True))


def _numbers(values: Iterable[float], digits: int) -> list[float | None]:
    return [_number(value, digits) for value in values]


def _number(value: float, digits: int) -> float | None:
    """Rounded; None for what is no number, which JSON does not have."""
    return round(float(value), digits) if math.isfinite(value) else None
