"""What the terminal view says of faces."""

from __future__ import annotations

import numpy as np

from face_perception.expression_evidence import ExpressionState
from face_perception.face import Face
from face_perception.face_words import expression_words, name_words
from face_perception.liveness import Liveness
from perception_cli.fitting_table import BAR_WIDTH, Column, Layouts, bar, harmless, place_words
from perception_core.wording import distance_words


def _attention(face: Face) -> str:
    return "" if face.looking_at_camera is None else "yes" if face.looking_at_camera else "no"


def _expression(face: Face) -> str:
    """A bar of the score, and the words."""
    words, expression = expression_words(face.expression), face.expression
    if not words:
        return ""
    stable = expression.state is ExpressionState.STABLE
    score = expression.scores[expression.classes.index(expression.label)] if stable else 0.0
    return f"{bar(score)} {words}"


def _landmarks(face: Face) -> str:
    return "" if face.landmarks is None else str(len(face.landmarks.points))


def _head(face: Face) -> str:
    if face.pose is None or not np.isfinite(face.pose.rotation).all():
        return ""
    return " ".join(f"{angle:+4.0f}" for angle in (face.pose.yaw_deg, face.pose.pitch_deg, face.pose.roll_deg))


def _liveness(face: Face) -> str:
    return "" if face.liveness is Liveness.UNKNOWN else face.liveness.value


_ID: Column[Face] = Column("id", lambda face: str(face.track_id), 6, to_the_right=True)
_NAME: Column[Face] = Column("name", lambda face: harmless(name_words(face.identity)), 18, gives_way=True)
_DISTANCE: Column[Face] = Column("away", lambda face: distance_words(face.position), 8, to_the_right=True)
_PLACE: Column[Face] = Column("x y z in metres", lambda face: place_words(face.position), 20, to_the_right=True)
_ATTENTION: Column[Face] = Column("looks", _attention, 5)
_EXPRESSION: Column[Face] = Column("expression", _expression, BAR_WIDTH + 16)
_HEAD: Column[Face] = Column("yaw pitch roll", _head, 14, to_the_right=True)
_LIVENESS: Column[Face] = Column("live", _liveness, 7)
_LANDMARKS: Column[Face] = Column("points", _landmarks, 6, to_the_right=True)

FACE_COLUMNS: Layouts[Face] = (
    (92, (_ID, _NAME, _PLACE, _ATTENTION, _EXPRESSION, _HEAD, _LIVENESS, _LANDMARKS)),
    (56, (_ID, _NAME, _DISTANCE, _ATTENTION, _EXPRESSION)),
    (0, (_ID, _NAME, _DISTANCE)),
)
