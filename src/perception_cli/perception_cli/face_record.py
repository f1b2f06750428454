"""A face as a record of JSON; what is not known is null."""

from __future__ import annotations

import numpy as np

from face_perception.blendshapes import Blendshapes
from face_perception.expression_evidence import Expression, ExpressionState
from face_perception.eyes import Eyes
from face_perception.face import Face
from face_perception.gaze import Gaze
from face_perception.head_pose import HeadPose
from face_perception.identity import Identity
from face_perception.landmarks import Landmarks
from perception_cli.json_numbers import all_rounded, place_record, rounded


def face_record(face: Face, *, landmarks: bool = False) -> dict[str, object]:
    """All that is known of a face.

    Args:
        face: The face.
        landmarks: With landmarks and blendshapes, 10 kB.
    """
    return {**_face(face), **(_points(face) if landmarks else {})}


def _face(face: Face) -> dict[str, object]:
    box = face.box
    return {
        "id": face.track_id,
        "box": all_rounded((box.x, box.y, box.width, box.height), 1),
        "score": rounded(face.score, 3),
        **place_record(face.position),
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
    return None if gaze is None else all_rounded(gaze.direction, 3)


def _eyes(eyes: Eyes | None) -> dict[str, float | None] | None:
    if eyes is None:
        return None
    return {"right": rounded(eyes.right_closed, 2), "left": rounded(eyes.left_closed, 2)}


def _expression(expression: Expression) -> dict[str, object] | None:
    if expression.state is ExpressionState.UNKNOWN:
        return None
    return {
        "state": expression.state.name.lower(),
        "label": expression.label or None,
        "scores": dict(zip(expression.classes, all_rounded(expression.scores, 3), strict=True)),
        "valence": rounded(expression.valence, 3),
        "arousal": rounded(expression.arousal, 3),
    }


def _identity(identity: Identity) -> dict[str, object]:
    return {
        "state": identity.state.name.lower(),
        "person_id": identity.person_id or None,
        "name": identity.name or None,
        "similarity": rounded(identity.similarity, 3),
    }


def _landmarks(landmarks: Landmarks | None) -> dict[str, object] | None:
    if landmarks is None:
        return None
    return {
        "scheme": landmarks.scheme.value,
        "points": [all_rounded(point, 2) for point in landmarks.points.tolist()],
    }


def _blendshapes(blendshapes: Blendshapes | None) -> dict[str, float | None] | None:
    if blendshapes is None:
        return None
    return dict(zip(blendshapes.labels, all_rounded(blendshapes.scores.tolist(), 4), strict=True))
