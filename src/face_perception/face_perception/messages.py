"""Faces as ROS messages and back; nothing else makes them."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence

import numpy as np
from geometry_msgs.msg import Point, Vector3
from perception_msgs.msg import Expression, FaceArray, Identity
from perception_msgs.msg import Face as FaceMessage
from perception_msgs.msg import Position3D as Position3DMessage
from rclpy.duration import Duration
from std_msgs.msg import ColorRGBA, Header
from visualization_msgs.msg import Marker, MarkerArray

from face_perception.detection import FaceKeypoints
from face_perception.face import Face
from perception_core.depth import Position3D, PositionSource
from perception_core.frame import RgbdFrame
from perception_core.geometry import Box
from perception_ros.image_codec import time_message

_SOURCES = {
    PositionSource.NONE: Position3DMessage.NONE,
    PositionSource.DEPTH: Position3DMessage.DEPTH,
    PositionSource.SIZE_PRIOR: Position3DMessage.SIZE_PRIOR,
    PositionSource.PREDICTED: Position3DMessage.PREDICTED,
}
_NAMES = {constant: source for source, constant in _SOURCES.items()}
_NOT_KNOWN = float("nan")
_MARKER_LIFETIME = Duration(seconds=0.5)  # longer than a dropped frame or two, shorter than anybody's patience
_HEAD_WIDTH_M = 0.16
_TEXT_HEIGHT_M = 0.06
_TEXT_ABOVE_M = 0.2


def header(frame: RgbdFrame) -> Header:
    """The stamp of the frame's image, and the camera's optical frame."""
    return Header(stamp=time_message(frame.stamp_ns), frame_id=frame.frame_id)


def face_array(frame: RgbdFrame, faces: Sequence[Face]) -> FaceArray:
    """All faces of a frame."""
    width, height = frame.size
    return FaceArray(
        header=header(frame), image_width=width, image_height=height, faces=[_face(face) for face in faces]
    )


def faces(message: FaceArray) -> list[Face]:
    """The faces that `face_array` put into a message, to the message's precision."""
    return [_received(face) for face in message.faces]


def markers(frame: RgbdFrame, faces: Sequence[Face]) -> MarkerArray:
    """A sphere and a text in space for every face whose position is known."""
    known = [face for face in faces if face.position.source is not PositionSource.NONE]
    return MarkerArray(markers=[marker for face in known for marker in (_sphere(frame, face), _text(frame, face))])


def _face(face: Face) -> FaceMessage:
    keypoints = face.keypoints.as_array().ravel() if face.keypoints is not None else ()
    return FaceMessage(
        track_id=face.track_id,
        score=face.score,
        bridged=face.bridged,
        box=array("f", (face.box.x, face.box.y, face.box.width, face.box.height)),
        keypoints=array("f", keypoints),
        position=position(face.position),
        gaze=Vector3(x=_NOT_KNOWN, y=_NOT_KNOWN, z=_NOT_KNOWN),
        eye_closed_right=_NOT_KNOWN,
        eye_closed_left=_NOT_KNOWN,
        expression=Expression(valence=_NOT_KNOWN, arousal=_NOT_KNOWN),
        identity=Identity(similarity=_NOT_KNOWN),
    )


def _received(face: FaceMessage) -> Face:
    where, (x, y, width, height) = face.position, map(float, face.box)
    keypoints = np.array(face.keypoints, np.float32).reshape(-1, 2)
    return Face(
        track_id=face.track_id,
        score=face.score,
        bridged=face.bridged,
        box=Box(x, y, width, height),
        keypoints=FaceKeypoints.from_array(keypoints) if keypoints.size else None,
        position=Position3D(
            xyz=(where.point.x, where.point.y, where.point.z),
            sigma=where.sigma,
            valid_share=where.valid_share,
            source=_NAMES[where.source],
        ),
    )


def position(where: Position3D) -> Position3DMessage:
    """A position with its source and uncertainty."""
    return Position3DMessage(
        point=_point(where), source=_SOURCES[where.source], sigma=where.sigma, valid_share=where.valid_share
    )


def _point(where: Position3D) -> Point:
    x, y, z = where.xyz
    return Point(x=x, y=y, z=z)


def _sphere(frame: RgbdFrame, face: Face) -> Marker:
    marker = _marker(frame, face, "faces", Marker.SPHERE)
    marker.pose.position = _point(face.position)
    marker.scale.x = marker.scale.y = marker.scale.z = _HEAD_WIDTH_M
    return marker


def _text(frame: RgbdFrame, face: Face) -> Marker:
    marker = _marker(frame, face, "face_texts", Marker.TEXT_VIEW_FACING)
    marker.pose.position = _point(face.position)
    marker.pose.position.y -= _TEXT_ABOVE_M
    marker.scale.z = _TEXT_HEIGHT_M
    marker.text = f"{face.track_id}: {math.dist((0, 0, 0), face.position.xyz):.2f} m"
    return marker


def _marker(frame: RgbdFrame, face: Face, namespace: str, kind: int) -> Marker:
    return Marker(
        header=header(frame),
        ns=namespace,
        id=face.track_id,
        type=kind,
        action=Marker.ADD,
        color=ColorRGBA(r=0.2, g=0.8, b=0.4, a=0.5 if face.bridged else 0.9),
        lifetime=_MARKER_LIFETIME.to_msg(),
    )
