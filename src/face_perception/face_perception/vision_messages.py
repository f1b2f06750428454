"""Faces as vision_msgs, for who speaks that already; import only where vision_msgs is installed."""

from __future__ import annotations

from collections.abc import Sequence

from geometry_msgs.msg import Point, Pose
from vision_msgs.msg import (
    BoundingBox2D,
    BoundingBox3D,
    Detection2D,
    Detection2DArray,
    Detection3D,
    Detection3DArray,
    ObjectHypothesis,
    ObjectHypothesisWithPose,
)

from face_perception.face import Face
from perception_core.depth import PositionSource
from perception_core.frame import RgbdFrame
from perception_ros.space_messages import header

_CLASS = "face"
_HEAD_DEPTH_M = 0.2  # from the sellion to the back of the head


def detections_2d(frame: RgbdFrame, faces: Sequence[Face]) -> Detection2DArray:
    """All faces with their boxes in the image."""
    return Detection2DArray(header=header(frame), detections=[_detection_2d(frame, face) for face in faces])


def detections_3d(frame: RgbdFrame, faces: Sequence[Face]) -> Detection3DArray:
    """The faces whose position is known, with their boxes in the camera's optical frame."""
    known = [face for face in faces if face.position.source is not PositionSource.NONE]
    return Detection3DArray(header=header(frame), detections=[_detection_3d(frame, face) for face in known])


def _detection_2d(frame: RgbdFrame, face: Face) -> Detection2D:
    box = BoundingBox2D(size_x=face.box.width, size_y=face.box.height)
    box.center.position.x, box.center.position.y = face.box.centre
    return Detection2D(header=header(frame), id=str(face.track_id), bbox=box, results=[_hypothesis(face, Pose())])


def _detection_3d(frame: RgbdFrame, face: Face) -> Detection3D:
    assert frame.intrinsics is not None  # a known position was computed with them
    x, y, z = face.position.xyz
    pose = Pose(position=Point(x=x, y=y, z=z))
    box = BoundingBox3D(center=pose)
    box.size.x = face.box.width * z / frame.intrinsics.fx
    box.size.y = face.box.height * z / frame.intrinsics.fy
    box.size.z = _HEAD_DEPTH_M
    return Detection3D(header=header(frame), id=str(face.track_id), bbox=box, results=[_hypothesis(face, pose)])


def _hypothesis(face: Face, pose: Pose) -> ObjectHypothesisWithPose:
    result = ObjectHypothesisWithPose(hypothesis=ObjectHypothesis(class_id=_CLASS, score=face.score))
    result.pose.pose = pose
    return result
