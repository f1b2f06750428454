"""ROS messages as what policies see."""

from __future__ import annotations

import math

from perception_msgs.msg import GestureEvent, HandArray, Person, PersonArray, Position3D

from face_perception.messages import ATTENTION
from face_perception.received import identity_of
from gesture_perception.gesture_events import EventKind
from perception_core.image_messages import nanoseconds
from person_perception.behaviours.sight import GestureSeen, HandSeen, PersonSeen, Place

_OPTICAL = "optical"  # REP 103: the frames of cameras, z ahead and x to the right, have the suffix _optical
_MEASURED = (Position3D.DEPTH, Position3D.SIZE_PRIOR)
_LOOKING = {constant: looking for looking, constant in ATTENTION.items()}


class Axes:
    """Which way is ahead in the frames of messages."""

    def __init__(self, robot_frame: str, camera_frame: str) -> None:
        """Takes the names.

        Args:
            robot_frame: In which x is ahead and y to the left.
            camera_frame: In which z is ahead and x to the right, as in all whose names say that they are optical.
        """
        self._robot_frame, self._camera_frame = robot_frame, camera_frame

    def known(self, frame_id: str) -> bool:
        """Whether it is one of the two."""
        return frame_id in (self._robot_frame, self._camera_frame) or _OPTICAL in frame_id

    def place(self, frame_id: str, where: Position3D) -> Place | None:
        """Where that is; None where it is not known, or the frame is not."""
        if where.source == Position3D.NONE or not self.known(frame_id):
            return None
        x, y, z = where.point.x, where.point.y, where.point.z
        ahead, left = (x, y) if frame_id == self._robot_frame else (z, -x)
        sigma = where.sigma
        return Place(ahead, left, sigma) if math.isfinite(ahead + left + sigma) else None


def people_seen(message: PersonArray, axes: Axes) -> list[PersonSeen]:
    """Everybody in a message."""
    return [_person(person, message.header.frame_id, axes) for person in message.people]


def hands_seen(message: HandArray) -> list[HandSeen]:
    """What all hands of a message show."""
    return [HandSeen(hand.track_id, hand.gesture.label, hand.motion.label) for hand in message.hands]


def gesture_seen(message: GestureEvent) -> GestureSeen:
    """What has become of a gesture."""
    return GestureSeen(
        kind=EventKind(message.event),
        event_id=message.event_id,
        label=message.gesture.label,
        stamp_ns=nanoseconds(message.header),
        held_s=message.duration.sec + message.duration.nanosec / 1e9,
        hand_id=message.hand_track_id,
        author_id=message.author_track_id if message.author_known else None,
        author=identity_of(message.author),
    )


def _person(person: Person, frame_id: str, axes: Axes) -> PersonSeen:
    return PersonSeen(
        track_id=person.track_id,
        place=axes.place(frame_id, person.position),
        measured=person.position.source in _MEASURED,
        identity=identity_of(person.identity),
        looking=_LOOKING.get(person.attention),
    )
