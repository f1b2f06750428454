"""People as ROS messages, in the camera's frame or the robot's.

The faces and hands in them are the very messages that came: to build them anew would cost more than to find out whose
they are.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence

import numpy as np
from geometry_msgs.msg import Point, Quaternion, Vector3
from perception_msgs.msg import Face as FaceMessage
from perception_msgs.msg import GestureEvent, PersonArray
from perception_msgs.msg import Hand as HandMessage
from perception_msgs.msg import Person as PersonMessage
from std_msgs.msg import Header

from face_perception.messages import ATTENTION, identity_message
from perception_ros.space_messages import floats, position_message
from person_perception.person import Person
from person_perception.rigid_motion import RigidMotion

Faces = Mapping[int, FaceMessage]
Hands = Mapping[int, HandMessage]


def person_array(
    header: Header, people: Sequence[Person], faces: Faces, hands: Hands, motion: RigidMotion | None
) -> PersonArray:
    """Everybody in view.

    Args:
        header: Stamp of the image, and the frame that the message is in.
        people: In the order of the message, in the camera's frame.
        faces: The messages of their faces by track, in the message's frame already.
        hands: Likewise.
        motion: From the camera's frame to that of the message; None if it is the camera's.
    """
    return PersonArray(header=header, people=[_person(person, faces, hands, motion) for person in people])


def put_author(event: GestureEvent, author: Person | None) -> None:
    """Writes into an event who made the gesture."""
    event.author_known = author is not None
    if author is not None:
        event.author_track_id = author.track_id
        event.author = identity_message(author.identity)


def move_event(event: GestureEvent, motion: RigidMotion) -> None:
    """Takes an event to another frame; its header is the caller's."""
    _move_point(event.position.point, motion)


def move_face(face: FaceMessage, motion: RigidMotion) -> None:
    """Takes a face to another frame."""
    _move_point(face.position.point, motion)
    _move_vector(face.gaze, motion)
    if face.head_pose_known:
        _move_point(face.head_pose.position, motion)
        held = face.head_pose.orientation
        x, y, z, w = motion.turned((held.x, held.y, held.z, held.w))
        face.head_pose.orientation = Quaternion(x=x, y=y, z=z, w=w)


def move_hand(hand: HandMessage, motion: RigidMotion) -> None:
    """Takes a hand to another frame; its points about its own centre are turned only."""
    for place in (hand.position.point, hand.pointing_origin, hand.pointing_target.point):
        _move_point(place, motion)
    _move_vector(hand.pointing_direction, motion)
    if len(hand.landmarks_hand):
        hand.landmarks_hand = floats(motion.directions(_points(hand.landmarks_hand)))
    if len(hand.landmarks_metric):
        hand.landmarks_metric = floats(motion.points(_points(hand.landmarks_metric)))


def _person(person: Person, faces: Faces, hands: Hands, motion: RigidMotion | None) -> PersonMessage:
    position = position_message(person.position)
    if motion is not None:
        _move_point(position.point, motion)
    return PersonMessage(
        track_id=person.track_id,
        position=position,
        distance=person.distance,
        identity=identity_message(person.identity),
        attention=ATTENTION[person.looking_at_camera],
        face=[faces[person.face.track_id]] if person.face is not None else [],
        hands=[hands[hand.track_id] for hand in person.hands],
    )


def _move_point(place: Point, motion: RigidMotion) -> None:
    place.x, place.y, place.z = motion.point((place.x, place.y, place.z))


def _move_vector(way: Vector3, motion: RigidMotion) -> None:
    way.x, way.y, way.z = motion.direction((way.x, way.y, way.z))


def _points(values: array[float]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.frombuffer(values, np.float32).reshape(-1, 3)
