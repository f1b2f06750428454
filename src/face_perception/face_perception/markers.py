"""Faces in space for rviz2: where they are, how the heads are turned, where they look, and who they are.

A marker vanishes by itself soon after its face does.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from std_msgs.msg import Header
from visualization_msgs.msg import Marker, MarkerArray

from face_perception.face import Face
from face_perception.face_words import name_words
from face_perception.gaze import Gaze
from face_perception.head_pose import HeadPose
from perception_core.depth import PositionSource
from perception_core.frame import Point3
from perception_ros.space_messages import point
from perception_ros.track_markers import track_colour, track_marker

_HEAD_WIDTH_M = 0.16
_TEXT_HEIGHT_M = 0.06
_TEXT_ABOVE_M = 0.2
_AXIS_M, _AXIS_WIDTH_M = 0.15, 0.008
_GAZE_M, _GAZE_SHAFT_M, _GAZE_HEAD_M = 0.4, 0.01, 0.025
_FACE_RGB, _GAZE_RGB = (0.2, 0.8, 0.4), (1.0, 0.8, 0.1)
_AXES_RGB = ((0.9, 0.2, 0.2), (0.2, 0.8, 0.2), (0.2, 0.4, 1.0))  # x, y, z, as rviz2 has them


def markers(header: Header, faces: Sequence[Face]) -> MarkerArray:
    """A sphere and a text for every face whose position is known; the head's axes and the gaze where they are."""
    known = [face for face in faces if face.position.source is not PositionSource.NONE]
    return MarkerArray(markers=[marker for face in known for marker in _of_face(header, face)])


def _of_face(header: Header, face: Face) -> list[Marker]:
    shown = [_sphere(header, face), _text(header, face)]
    if face.pose is not None and face.pose.position.source is not PositionSource.NONE:
        shown.append(_axes(header, face, face.pose))
    if face.gaze is not None:
        shown.append(_gaze(header, face, face.gaze))
    return shown


def _sphere(header: Header, face: Face) -> Marker:
    marker = track_marker(header, face, "faces", Marker.SPHERE, _FACE_RGB)
    marker.pose.position = point(face.position.xyz)
    marker.scale.x = marker.scale.y = marker.scale.z = _HEAD_WIDTH_M
    return marker


def _text(header: Header, face: Face) -> Marker:
    marker = track_marker(header, face, "face_texts", Marker.TEXT_VIEW_FACING, _FACE_RGB)
    marker.pose.position = point(face.position.xyz)
    marker.pose.position.y -= _TEXT_ABOVE_M
    marker.scale.z = _TEXT_HEIGHT_M
    who = name_words(face.identity) or str(face.track_id)
    marker.text = f"{who}: {math.dist((0, 0, 0), face.position.xyz):.2f} m"
    return marker


def _axes(header: Header, face: Face, pose: HeadPose) -> Marker:
    marker = track_marker(header, face, "face_axes", Marker.LINE_LIST, _FACE_RGB)
    marker.scale.x = _AXIS_WIDTH_M
    for axis, rgb in zip(pose.rotation.T, _AXES_RGB, strict=True):
        marker.points += [point(pose.position.xyz), point(_ahead(pose.position.xyz, axis, _AXIS_M))]
        marker.colors += [track_colour(rgb, face)] * 2
    return marker


def _gaze(header: Header, face: Face, gaze: Gaze) -> Marker:
    marker = track_marker(header, face, "face_gazes", Marker.ARROW, _GAZE_RGB)
    marker.points = [point(face.position.xyz), point(_ahead(face.position.xyz, gaze.direction, _GAZE_M))]
    marker.scale.x, marker.scale.y = _GAZE_SHAFT_M, _GAZE_HEAD_M
    return marker


def _ahead(start: Point3, direction: Iterable[float], metres: float) -> Point3:
    x, y, z = (float(at + step * metres) for at, step in zip(start, direction, strict=True))
    return x, y, z
