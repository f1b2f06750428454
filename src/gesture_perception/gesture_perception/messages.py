"""Hands and gesture events as ROS messages; `received` is the way back."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence

from builtin_interfaces.msg import Duration
from geometry_msgs.msg import Vector3
from perception_msgs.msg import Gesture as GestureMessage
from perception_msgs.msg import GestureEvent as GestureEventMessage
from perception_msgs.msg import Hand as HandMessage
from perception_msgs.msg import HandArray

from gesture_perception.gesture_events import EventKind, GestureEvent
from gesture_perception.hand import Gesture, Hand, Side
from gesture_perception.hand_points import SCHEME
from perception_core.depth import Position3D, PositionSource
from perception_core.frame import Point3, RgbdFrame
from perception_ros.space_messages import floats, header, point, position_message

SIDES = {Side.UNKNOWN: HandMessage.SIDE_UNKNOWN, Side.LEFT: HandMessage.LEFT, Side.RIGHT: HandMessage.RIGHT}
KINDS = {
    EventKind.STARTED: GestureEventMessage.STARTED,
    EventKind.HELD: GestureEventMessage.HELD,
    EventKind.ENDED: GestureEventMessage.ENDED,
}
_NOT_KNOWN: Point3 = (math.nan, math.nan, math.nan)
_NOWHERE = Position3D(_NOT_KNOWN, math.nan, 0.0, PositionSource.NONE)


def hand_array(frame: RgbdFrame, hands: Sequence[Hand]) -> HandArray:
    """All hands of a frame, in their order."""
    width, height = frame.size
    return HandArray(
        header=header(frame), image_width=width, image_height=height, hands=[_hand(hand) for hand in hands]
    )


def event_message(frame: RgbdFrame, event: GestureEvent) -> GestureEventMessage:
    """A gesture that begins, goes on or ends; its author is not known here."""
    seconds, nanoseconds = divmod(round(event.duration_s * 1e9), 1_000_000_000)
    hand = event.hand
    message = GestureEventMessage(
        header=header(frame),
        event=KINDS[event.kind],
        event_id=event.event_id,
        gesture=_gesture(event.gesture),
        duration=Duration(sec=seconds, nanosec=nanoseconds),
        hand_track_id=hand.track_id,
        side=SIDES[hand.side],
        position=position_message(hand.position),
        author_known=False,
    )
    message.author.similarity = math.nan
    return message


def _hand(hand: Hand) -> HandMessage:
    box, pointing = hand.box, hand.pointing
    x, y, z = pointing.direction if pointing is not None else _NOT_KNOWN
    message = HandMessage(
        track_id=hand.track_id,
        score=hand.score,
        bridged=hand.bridged,
        side=SIDES[hand.side],
        side_score=hand.side_score,
        box=array("f", (box.x, box.y, box.width, box.height)),
        position=position_message(hand.position),
        gesture=_gesture(hand.gesture),
        motion=_gesture(hand.motion),
        pointing=pointing is not None,
        pointing_origin=point(pointing.origin if pointing is not None else _NOT_KNOWN),
        pointing_direction=Vector3(x=x, y=y, z=z),
        pointing_target=position_message(pointing.target if pointing is not None else _NOWHERE),
    )
    if hand.landmarks is not None:
        message.landmark_scheme = SCHEME
        message.landmarks = floats(hand.landmarks.points)
        message.landmarks_hand = floats(hand.landmarks.metric)
    if hand.in_camera is not None:
        message.landmarks_metric = floats(hand.in_camera)
    return message


def _gesture(gesture: Gesture) -> GestureMessage:
    return GestureMessage(
        label=gesture.label, score=gesture.score, origin=gesture.origin.value, fingers=gesture.fingers
    )
