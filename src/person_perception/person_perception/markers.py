"""People in space for rviz2: which hands belong to which face.

Faces and hands have markers of their own; what is added here is a line from a face to each of its hands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from std_msgs.msg import Header
from visualization_msgs.msg import Marker

from perception_core.depth import PositionSource
from perception_core.drawing import track_colour as tone_of
from perception_ros.space_messages import point
from perception_ros.track_markers import track_marker
from person_perception.person import Person

_ARM_WIDTH_M = 0.008


def people_markers(header: Header, people: Sequence[Person]) -> list[Marker]:
    """A line to every hand whose place is known, of every person whose face's place is.

    Args:
        header: Stamp of the image and the camera's frame.
        people: In the camera's frame.
    """
    shown = []
    for person in people:
        face = person.face
        if face is None or face.position.source is PositionSource.NONE:
            continue
        blue, green, red = tone_of(person.track_id)
        owner = replace(face, track_id=person.track_id)
        arms = track_marker(header, owner, "people", Marker.LINE_LIST, (red / 255, green / 255, blue / 255))
        arms.scale.x = _ARM_WIDTH_M
        for hand in person.hands:
            if hand.position.source is not PositionSource.NONE:
                arms.points += [point(face.position.xyz), point(hand.position.xyz)]
        if arms.points:
            shown.append(arms)
    return shown
