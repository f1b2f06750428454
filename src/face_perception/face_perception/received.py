"""ROS messages as faces, with everything that a message carries; `messages` is the way there."""

from __future__ import annotations

import functools
import math
from dataclasses import replace

import numpy as np
from geometry_msgs.msg import Pose
from perception_msgs.msg import Expression as ExpressionMessage
from perception_msgs.msg import Face as FaceMessage
from perception_msgs.msg import FaceArray
from perception_msgs.msg import Identity as IdentityMessage

from face_perception import blendshapes
from face_perception.blendshapes import Blendshapes
from face_perception.detection import FaceKeypoints
from face_perception.expression_evidence import Expression, ExpressionState
from face_perception.eyes import SHUT, Eyes
from face_perception.face import Face
from face_perception.gaze import Gaze
from face_perception.head_pose import HeadPose
from face_perception.identity import Identity, IdentityState
from face_perception.landmarks import Landmarks, LandmarkScheme
from face_perception.messages import ATTENTION, BLENDSHAPE_SCHEME, LIVENESS
from perception_core.depth import Position3D, PositionSource
from perception_core.geometry import Box
from perception_core.quaternions import rotation_of
from perception_core.zoo.manifest import load_models
from perception_ros.space_messages import position_of

_LIVENESS = {constant: liveness for liveness, constant in LIVENESS.items()}
_ATTENTION = {constant: looking for looking, constant in ATTENTION.items()}
_SAME_DIRECTION = 1e-9


def faces(message: FaceArray) -> list[Face]:
    """The faces of a message, to its precision; what it does not carry, such as a pose's uncertainty, is NaN."""
    return [_face(face) for face in message.faces]


def _face(face: FaceMessage) -> Face:
    x, y, width, height = map(float, face.box)
    keypoints = np.array(face.keypoints, np.float32).reshape(-1, 2)
    where = position_of(face.position)
    pose = _pose(face.head_pose, where) if face.head_pose_known else None
    return Face(
        track_id=face.track_id,
        score=face.score,
        bridged=face.bridged,
        box=Box(x, y, width, height),
        keypoints=FaceKeypoints.from_array(keypoints) if keypoints.size else None,
        position=where,
        landmarks=_landmarks(face),
        pose=pose,
        gaze=_gaze(face, pose),
        looking_at_camera=_ATTENTION[face.attention],
        eyes=_eyes(face),
        expression=_expression(face.expression),
        blendshapes=_blendshapes(face),
        identity=identity_of(face.identity),
        liveness=_LIVENESS[face.liveness],
    )


def _landmarks(face: FaceMessage) -> Landmarks | None:
    if not face.landmark_scheme:
        return None
    points = np.array(face.landmarks, np.float32).reshape(-1, 3)
    return Landmarks(LandmarkScheme(face.landmark_scheme), points, math.nan)


def _pose(pose: Pose, where: Position3D) -> HeadPose:
    at = (pose.position.x, pose.position.y, pose.position.z)
    position = replace(where, xyz=at)
    if not all(map(math.isfinite, at)):
        position = Position3D(at, math.nan, 0.0, PositionSource.NONE)
    turned = pose.orientation
    unknown = np.full((3, 3), math.nan)
    return HeadPose(rotation_of((turned.x, turned.y, turned.z, turned.w)), position, math.nan, unknown, math.nan)


def _gaze(face: FaceMessage, pose: HeadPose | None) -> Gaze | None:
    direction = (face.gaze.x, face.gaze.y, face.gaze.z)
    if not all(map(math.isfinite, direction)):
        return None
    # A gaze that is not by the eyes is where the head points.
    by_eyes = pose is None or float(np.abs(pose.forward - direction).max()) > _SAME_DIRECTION
    return Gaze(direction, by_eyes)


def _eyes(face: FaceMessage) -> Eyes | None:
    right, left = face.eye_closed_right, face.eye_closed_left
    if not (math.isfinite(right) and math.isfinite(left)):
        return None
    return Eyes(right, left, right >= SHUT, left >= SHUT)


def _expression(expression: ExpressionMessage) -> Expression:
    return Expression(
        state=ExpressionState(expression.state),
        label_set=expression.label_set,
        label=expression.label,
        classes=tuple(expression.classes),
        scores=tuple(expression.scores),
        valence=expression.valence,
        arousal=expression.arousal,
    )


def _blendshapes(face: FaceMessage) -> Blendshapes | None:
    if face.blendshape_scheme != BLENDSHAPE_SCHEME:
        return None
    return Blendshapes(_labels(), np.array(face.blendshapes, np.float32))


@functools.cache
def _labels() -> tuple[str, ...]:
    return tuple(load_models()[blendshapes.MODEL].labels)


def identity_of(identity: IdentityMessage) -> Identity:
    """Whose face it is."""
    return Identity(IdentityState(identity.state), identity.person_id, identity.name, identity.similarity)
