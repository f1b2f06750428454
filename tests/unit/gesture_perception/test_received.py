import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rclpy.serialization import deserialize_message, serialize_message

from gesture_perception.gesture_events import EventKind, GestureEvent
from gesture_perception.hand import NOT_EXAMINED, Gesture, Origin, Side
from gesture_perception.messages import event_message, hand_array
from gesture_perception.received import gesture_event, hands
from perception_core.depth import PositionSource

from .seen_hands import FRAME, NOWHERE, bridged_hand, pointing_hand, seen_hand

WAVE = Gesture("Wave", 0.75, Origin.MOTION)


def sent(message):
    return deserialize_message(serialize_message(message), type(message))


def arrived(hand):
    (received,) = hands(sent(hand_array(FRAME, [hand])))
    return received


def same(one, other):
    return one == pytest.approx(other, rel=1e-6, nan_ok=True)


def assert_same(one, other):
    assert (one.track_id, one.bridged, one.side) == (other.track_id, other.bridged, other.side)
    assert same([one.score, one.side_score], [other.score, other.side_score])
    assert same([one.box.x, one.box.y, one.box.width], [other.box.x, other.box.y, other.box.width])
    assert same(one.position.xyz, other.position.xyz) and one.position.source is other.position.source
    for mine, theirs in ((one.gesture, other.gesture), (one.motion, other.motion)):
        assert (mine.label, mine.origin, mine.fingers) == (theirs.label, theirs.origin, theirs.fingers)
        assert same(mine.score, theirs.score)
    assert (one.landmarks is None) == (other.landmarks is None)
    if one.landmarks is not None:
        np.testing.assert_array_equal(one.landmarks.points, other.landmarks.points)
        np.testing.assert_array_equal(one.landmarks.metric, other.landmarks.metric)
    assert (one.in_camera is None) == (other.in_camera is None)
    if one.in_camera is not None:
        np.testing.assert_array_equal(one.in_camera, other.in_camera)


HANDS = [
    seen_hand(),
    bridged_hand(),
    replace(seen_hand(), position=NOWHERE, in_camera=None, motion=WAVE),
    replace(seen_hand(), side=Side.UNKNOWN, side_score=math.nan, gesture=NOT_EXAMINED),
    replace(seen_hand(), gesture=Gesture("mi señal", 0.7, Origin.TAUGHT, 3)),
]


@pytest.mark.parametrize("hand", HANDS)
def test_a_hand_comes_out_of_its_message_as_it_went_in(hand):
    assert_same(arrived(hand), hand)


@pytest.mark.parametrize("source", [PositionSource.DEPTH, PositionSource.NONE])
def test_what_is_pointed_at_comes_out_as_it_went_in(source):
    hand = pointing_hand(source=source)
    pointing = arrived(hand).pointing
    assert same(pointing.origin, hand.pointing.origin) and same(pointing.direction, hand.pointing.direction)
    assert pointing.target.source is source and same(pointing.target.xyz, hand.pointing.target.xyz)
    assert arrived(seen_hand()).pointing is None


@pytest.mark.parametrize(("side", "right"), [(Side.RIGHT, 0.9), (Side.LEFT, 0.1)])
def test_a_side_says_how_sure_it_is(side, right):
    hand = replace(seen_hand(), side=side, side_score=0.9)
    assert arrived(hand).landmarks.right == pytest.approx(right)


@settings(max_examples=50)
@given(
    st.sampled_from(EventKind), st.integers(1, 2**32 - 1), st.floats(0, 1e6), st.sampled_from(Side),
    st.floats(0, 1, width=32),
)  # fmt: skip
def test_an_event_comes_out_of_its_message_as_it_went_in(kind, event_id, duration_s, side, score):
    gesture = Gesture("Victory", score, Origin.NETWORK, 2)
    event = GestureEvent(kind, event_id, gesture, duration_s, replace(seen_hand(7), side=side))
    received = gesture_event(sent(event_message(FRAME, event)))
    assert (received.kind, received.event_id, received.gesture) == (kind, event_id, gesture)
    assert received.duration_s == pytest.approx(duration_s, abs=1e-6)
    assert (received.hand.track_id, received.hand.side) == (7, side)
    assert same(received.hand.position.xyz, event.hand.position.xyz)
