"""Faces as ROS messages; `received` is the way back."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence

from geometry_msgs.msg import Pose, Quaternion, Vector3
from perception_msgs.msg import Expression as ExpressionMessage
from perception_msgs.msg import Face as FaceMessage
from perception_msgs.msg import FaceArray
from perception_msgs.msg import Identity as IdentityMessage

from face_perception.expression_evidence import Expression
from face_perception.face import Face
from face_perception.head_pose import HeadPose
from face_perception.identity import Identity
from face_perception.landmark_schemes import to_scheme
from face_perception.landmarks import Landmarks, LandmarkScheme
from face_perception.liveness import Liveness
from perception_core.depth import PositionSource
from perception_core.frame import Point3, RgbdFrame
from perception_ros.space_messages import floats, header, point, position_message

LIVENESS = {
    Liveness.UNKNOWN: FaceMessage.LIVENESS_UNKNOWN,
    Liveness.REAL: FaceMessage.LIVENESS_REAL,
    Liveness.FLAT: FaceMessage.LIVENESS_FLAT,
}
ATTENTION = {
    None: FaceMessage.ATTENTION_UNKNOWN,
    False: FaceMessage.ATTENTION_AWAY,
    True: FaceMessage.ATTENTION_CAMERA,
}
BLENDSHAPE_SCHEME = "ARKIT52"
_FLAT_SCHEMES = (LandmarkScheme.DLIB68, LandmarkScheme.WFLW98)
_NOT_KNOWN: Point3 = (math.nan, math.nan, math.nan)


def face_array(frame: RgbdFrame, faces: Sequence[Face], scheme: LandmarkScheme | None = None) -> FaceArray:
    """All faces of a frame.

    Args:
        frame: Where they were found.
        faces: In the order of the message.
        scheme: Of the landmarks in the message; None leaves them as they were found.
    """
    width, height = frame.size
    return FaceArray(
        header=header(frame), image_width=width, image_height=height, faces=[_face(face, scheme) for face in faces]
    )


def pose_message(pose: HeadPose) -> Pose:
    """Where a head is and how it is turned; the position is NaN where the camera is not calibrated."""
    known = pose.position.source is not PositionSource.NONE
    qx, qy, qz, qw = pose.quaternion
    return Pose(
        position=point(pose.position.xyz if known else _NOT_KNOWN), orientation=Quaternion(x=qx, y=qy, z=qz, w=qw)
    )


def _face(face: Face, scheme: LandmarkScheme | None) -> FaceMessage:
    right_closed, left_closed = (face.eyes.right_closed, face.eyes.left_closed) if face.eyes else (math.nan, math.nan)
    x, y, z = face.gaze.direction if face.gaze is not None else _NOT_KNOWN
    message = FaceMessage(
        track_id=face.track_id,
        score=face.score,
        bridged=face.bridged,
        box=array("f", (face.box.x, face.box.y, face.box.width, face.box.height)),
        keypoints=array("f", face.keypoints.as_array().ravel() if face.keypoints is not None else ()),
        position=position_message(face.position),
        gaze=Vector3(x=x, y=y, z=z),
        attention=ATTENTION[face.looking_at_camera],
        eye_closed_right=right_closed,
        eye_closed_left=left_closed,
        expression=_expression(face.expression),
        identity=identity_message(face.identity),
        liveness=LIVENESS[face.liveness],
    )
    if face.landmarks is not None:
        _put_landmarks(message, face.landmarks if scheme is None else to_scheme(face.landmarks, scheme))
    if face.pose is not None:
        message.head_pose_known, message.head_pose = True, pose_message(face.pose)
    if face.blendshapes is not None:
        message.blendshape_scheme, message.blendshapes = BLENDSHAPE_SCHEME, floats(face.blendshapes.scores)
    return message


def _put_landmarks(message: FaceMessage, landmarks: Landmarks) -> None:
    points = landmarks.points
    if landmarks.scheme in _FLAT_SCHEMES:
        points = points.copy()
        points[:, 2] = 0.0
    message.landmark_scheme, message.landmarks = landmarks.scheme.value, floats(points)


def _expression(expression: Expression) -> ExpressionMessage:
    return ExpressionMessage(
        state=expression.state.value,
        label_set=expression.label_set,
        label=expression.label,
        classes=list(expression.classes),
        scores=array("f", expression.scores),
        valence=expression.valence,
        arousal=expression.arousal,
    )


def identity_message(identity: Identity) -> IdentityMessage:
    """Whose face it is."""
    return IdentityMessage(
        state=identity.state.value,
        person_id=identity.person_id,
        name=identity.name,
        similarity=identity.similarity,
    )
