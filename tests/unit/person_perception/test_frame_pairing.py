import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gesture_perception.gesture_events import EventKind, GestureEvent
from gesture_perception.hand import Gesture, Hand, Origin, Side
from perception_core.depth import Position3D, PositionSource
from perception_core.geometry import Box
from person_perception.frame_pairing import FramePairing

STEP_NS = 33_333_333
HAND = Hand(
    1, 0.9, False, Side.LEFT, 0.9, Box(0, 0, 9, 9), Position3D((0.0, 0.0, 1.0), 0.01, 0.9, PositionSource.DEPTH)
)


def event(number):
    return GestureEvent(EventKind.STARTED, number, Gesture("Victory", 0.9, Origin.NETWORK, 2), 0.2, HAND)


@pytest.fixture
def pairing():
    return FramePairing(both=True)


def faces(pairing, number, latency_ms=5.0):
    return pairing.add_faces(number * STEP_NS, [], latency_ms)


def hands(pairing, number, latency_ms=5.0):
    return pairing.add_hands(number * STEP_NS, [], latency_ms)


def told(frames):
    """Number of the frame, and which of faces and hands are known."""
    return [
        (round(frame.stamp_ns / STEP_NS), "f" * (frame.faces is not None) + "h" * (frame.hands is not None))
        for frame in frames
    ]


@pytest.mark.parametrize("order", [(faces, hands), (hands, faces)])
def test_a_frame_waits_for_faces_and_hands(pairing, order):
    first, second = order
    assert first(pairing, 1, 8.0) == []
    (frame,) = second(pairing, 1, 12.0)
    assert frame.complete and frame.latency_ms == 12.0


def test_one_node_alone_lets_no_frame_wait():
    pairing = FramePairing(both=False)
    assert told(faces(pairing, 1)) == [(1, "f")]
    assert told(hands(pairing, 2)) == [(2, "h")]


def test_a_frame_that_the_other_node_left_out_goes_when_that_one_is_beyond_it(pairing):
    faces(pairing, 1)
    assert faces(pairing, 2) == []
    assert told(hands(pairing, 2)) == [(1, "f"), (2, "fh")]


def test_frames_of_two_nodes_that_never_meet_go_in_the_order_of_time(pairing):
    gone = [frame for number in range(0, 20, 2) for frame in faces(pairing, number) + hands(pairing, number + 1)]
    assert told(gone) == [(number, "h" if number % 2 else "f") for number in range(19)]


def test_a_node_that_is_more_than_a_second_behind_is_not_waited_for(pairing):
    gone = [frame for number in range(40) for frame in faces(pairing, number)]
    assert told(gone) == [(number, "f") for number in range(9)]


def test_the_rest_goes_when_nothing_more_comes(pairing):
    hands(pairing, 2), hands(pairing, 3)
    assert told(pairing.flush()) == [(2, "h"), (3, "h")] and pairing.flush() == []


def test_time_that_jumps_back_lets_all_go_and_begins_anew(pairing):
    hands(pairing, 1000)
    pairing.add_event(1001 * STEP_NS, event(8))
    assert told(hands(pairing, 1)) == [(1000, "h")]
    assert told(faces(pairing, 1)) == [(1, "fh")]
    assert not faces(pairing, 1002) and hands(pairing, 1002)[0].events == ()


def test_a_stamp_that_comes_twice_is_two_frames(pairing):
    for _ in range(2):
        faces(pairing, 1)
        assert told(hands(pairing, 1)) == [(1, "fh")]


def test_an_event_goes_with_its_frame(pairing):
    pairing.add_event(2 * STEP_NS, event(7))
    assert not faces(pairing, 1) and hands(pairing, 1)[0].events == ()
    assert not faces(pairing, 2) and hands(pairing, 2)[0].events == (event(7),)
    assert not faces(pairing, 3) and hands(pairing, 3)[0].events == ()


def test_an_event_that_comes_after_its_frame_goes_with_the_next(pairing):
    faces(pairing, 1), hands(pairing, 1)
    pairing.add_event(STEP_NS, event(7))
    assert not faces(pairing, 2) and hands(pairing, 2)[0].events == (event(7),)


def test_a_latency_that_is_not_known_stays_unknown(pairing):
    faces(pairing, 1, math.nan)
    assert math.isnan(hands(pairing, 1, math.nan)[0].latency_ms)


@given(st.lists(st.booleans(), max_size=60), st.lists(st.booleans(), max_size=60), st.randoms())
def test_whatever_is_left_out_every_frame_that_was_worked_on_goes_once_and_in_order(seen, held, random):
    pairing = FramePairing(both=True)
    waiting = [
        [(add, number) for number, worked_on in enumerate(worked) if worked_on]
        for add, worked in ((faces, seen), (hands, held))
    ]
    gone = []
    while any(waiting):
        add, number = random.choice([queue for queue in waiting if queue]).pop(0)
        gone += add(pairing, number)
    gone += pairing.flush()
    expected = {number for worked in (seen, held) for number, worked_on in enumerate(worked) if worked_on}
    numbers = [number for number, _ in told(gone)]
    if max(len(seen), len(held)) < 30:  # within a second nothing is given up
        assert numbers == sorted(expected)
    assert set(numbers) == expected
