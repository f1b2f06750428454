"""ROS messages as hands and gesture events, with everything that a message carries; `messages` is the way there."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from perception_msgs.msg import Gesture as GestureMessage
from perception_msgs.msg import GestureEvent as GestureEventMessage
from perception_msgs.msg import Hand as HandMessage
from perception_msgs.msg import HandArray

from gesture_perception.gesture_events import EventKind, GestureEvent
from gesture_perception.hand import Gesture, Hand, HandLandmarks, Origin, Pointing, Side
from gesture_perception.hand_points import SCHEME
from gesture_perception.messages import KINDS, SIDES
from perception_core.geometry import Box
from perception_ros.space_messages import position_of

_SIDES = {constant: side for side, constant in SIDES.items()}
_KINDS: dict[int, EventKind] = {constant: kind for kind, constant in KINDS.items()}


def hands(message: HandArray) -> list[Hand]:
    """The hands of a message, to its precision."""
    return [_hand(hand) for hand in message.hands]


def gesture_event(message: GestureEventMessage) -> GestureEvent:
    """What has become of a gesture; of its hand there is no more than the message says, all else is NaN."""
    where = position_of(message.position)
    nowhere = Box(math.nan, math.nan, math.nan, math.nan)
    hand = Hand(message.hand_track_id, math.nan, False, _SIDES[message.side], math.nan, nowhere, where)
    duration_s = message.duration.sec + message.duration.nanosec / 1e9
    return GestureEvent(_KINDS[message.event], message.event_id, _gesture(message.gesture), duration_s, hand)


def _hand(hand: HandMessage) -> Hand:
    x, y, width, height = map(float, hand.box)
    side = _SIDES[hand.side]
    return Hand(
        track_id=hand.track_id,
        score=hand.score,
        bridged=hand.bridged,
        side=side,
        side_score=hand.side_score,
        box=Box(x, y, width, height),
        position=position_of(hand.position),
        landmarks=_landmarks(hand, side),
        in_camera=_points(hand.landmarks_metric) if len(hand.landmarks_metric) else None,
        gesture=_gesture(hand.gesture),
        motion=_gesture(hand.motion),
        pointing=_pointing(hand) if hand.pointing else None,
    )


def _landmarks(hand: HandMessage, side: Side) -> HandLandmarks | None:
    if hand.landmark_scheme != SCHEME:
        return None
    right = {Side.RIGHT: hand.side_score, Side.LEFT: 1 - hand.side_score}.get(side, 0.5)
    return HandLandmarks(_points(hand.landmarks), _points(hand.landmarks_hand), hand.score, right)


def _points(values: list[float]) -> NDArray[np.float32]:
    return np.array(values, np.float32).reshape(-1, 3)


def _gesture(gesture: GestureMessage) -> Gesture:
    return Gesture(gesture.label, gesture.score, Origin(gesture.origin), gesture.fingers)


def _pointing(hand: HandMessage) -> Pointing:
    origin, direction = hand.pointing_origin, hand.pointing_direction
    return Pointing(
        (origin.x, origin.y, origin.z),
        (direction.x, direction.y, direction.z),
        position_of(hand.pointing_target),
    )
