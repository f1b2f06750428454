"""ROS messages as what `fusion` sees of faces and hands: of the many values of a face, a handful."""

from __future__ import annotations

import math

from perception_msgs.msg import Face as FaceMessage
from perception_msgs.msg import Hand as HandMessage

from face_perception.messages import ATTENTION
from face_perception.received import identity_of
from gesture_perception.hand_points import MIDDLE_MCP, SCHEME, WRIST
from gesture_perception.messages import SIDES
from perception_core.frame import Point3
from perception_core.geometry import Box
from perception_ros.space_messages import position_of
from person_perception.person import SeenFace, SeenHand

_ATTENTION = {constant: looking for looking, constant in ATTENTION.items()}
_SIDES = {constant: side for side, constant in SIDES.items()}
_SHORTEST = 1e-6  # between two points: a shorter way has no direction


def seen_face(message: FaceMessage) -> SeenFace:
    """A face of a message."""
    return SeenFace(
        track_id=message.track_id,
        box=Box(*map(float, message.box)),
        position=position_of(message.position),
        bridged=message.bridged,
        identity=identity_of(message.identity),
        looking_at_camera=_ATTENTION[message.attention],
    )


def seen_hand(message: HandMessage) -> SeenHand:
    """A hand of a message, and the direction of its arm."""
    # What is about the hand's own centre has the camera's axes, and is there without depth.
    image, metric = message.landmarks, message.landmarks_metric or message.landmarks_hand
    known = message.landmark_scheme == SCHEME
    wrist, to_elbow = None, None
    if known:
        x, y, _ = _at(image, WRIST)
        root_x, root_y, _ = _at(image, MIDDLE_MCP)
        wrist, to_elbow = (x, y), _unit((x - root_x, y - root_y, 0.0))
    return SeenHand(
        track_id=message.track_id,
        box=Box(*map(float, message.box)),
        position=position_of(message.position),
        bridged=message.bridged,
        side=_SIDES[message.side],
        side_score=message.side_score,
        wrist=wrist,
        elbow_in_image=None if to_elbow is None else to_elbow[:2],
        elbow_in_space=_to_elbow_in_space(metric) if known and len(metric) else None,
    )


def _to_elbow_in_space(metric: list[float]) -> Point3 | None:
    (x, y, z), (root_x, root_y, root_z) = _at(metric, WRIST), _at(metric, MIDDLE_MCP)
    return _unit((x - root_x, y - root_y, z - root_z))


def _at(values: list[float], point: int) -> Point3:
    x, y, z = values[3 * point : 3 * point + 3]
    return x, y, z


def _unit(way: Point3) -> Point3 | None:
    length = math.hypot(*way)
    if not _SHORTEST < length < math.inf:
        return None
    x, y, z = way
    return x / length, y / length, z / length
