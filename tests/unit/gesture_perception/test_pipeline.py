"""The whole pipeline on real pictures of hands, with the real networks."""

import itertools
import math
from contextlib import closing
from dataclasses import replace

import cv2
import numpy as np
import pytest

from gesture_perception.assembly import open_hand_pipeline
from gesture_perception.gesture_events import EventKind
from gesture_perception.hand import Origin, Side
from gesture_perception.parameters import GestureParameters
from gesture_perception.pose_description import described
from perception_core.depth import PositionSource
from perception_core.frame import DepthImage, Intrinsics, RgbdFrame
from perception_core.geometry import Box
from perception_core.sources.pictures import read_picture
from perception_core.sources.video import VideoSource
from perception_core.stages import StageTimes

NETWORKS = ("palm_detection", "hand_landmarks", "hand_landmarks_light", "gesture_embedder", "gesture_classifier")
FRAME_NS = 33_333_333
DISTANCE_M = 0.6


@pytest.fixture(scope="module")
def assembly(weights, tmp_path_factory):
    for name in NETWORKS:
        weights(name)
    taught = tmp_path_factory.mktemp("taught") / "gestures.sqlite"
    with closing(open_hand_pipeline(GestureParameters(gestures=str(taught)), print)) as assembly:
        yield assembly


@pytest.fixture
def pipeline(assembly):
    """As it was in the beginning."""
    assembly.pipeline.change(GestureParameters())
    assembly.pipeline.reset()
    return assembly.pipeline


@pytest.fixture(scope="module")
def clip(picture):
    """A man who shows victory and thumb up in turns, with his left hand; 320x240."""
    source = VideoSource(picture("hands_clip"))
    frames = list(source.frames())
    source.close()
    return frames


@pytest.fixture(scope="module")
def victory(clip):
    """A hand that shows victory, as large as a third of a VGA frame."""
    return cv2.resize(clip[8].colour, (640, 480), interpolation=cv2.INTER_LINEAR)


@pytest.fixture(scope="module")
def pointing_hand(picture):
    """A hand whose index points straight up, in a VGA frame."""
    small = cv2.resize(read_picture(picture("hand_pointing_up")), (240, 320), interpolation=cv2.INTER_AREA)
    return cv2.copyMakeBorder(small, 80, 80, 200, 200, cv2.BORDER_REPLICATE)


def seen(pipeline, colours, first_ns=0, **parts):
    """What is found in pictures at 30 Hz."""
    return [
        pipeline(RgbdFrame(first_ns + k * FRAME_NS, "camera", colour, **parts), StageTimes())
        for k, colour in enumerate(colours)
    ]


def in_depth(colour, metres):
    """With depth and a camera's intrinsics."""
    height, width = colour.shape[:2]
    raw = np.broadcast_to(np.asarray(metres, np.float32), (height, width)).copy()
    return {"depth": DepthImage(raw, 1.0), "intrinsics": Intrinsics(width, height, 600, 600, width / 2, height / 2)}


def test_gestures_begin_and_end_as_they_are_shown(pipeline, clip):
    found = [pipeline(frame, StageTimes()) for frame in clip]
    assert all([hand.track_id for hand in each.hands] == [found[0].hands[0].track_id] for each in found)
    assert {hand.side for each in found for hand in each.hands} == {Side.LEFT}
    events = [event for each in found for event in each.events]
    started = [event.gesture.label for event in events if event.kind is EventKind.STARTED]
    assert started == ["Victory", "Thumb_Up", "Victory", "Thumb_Up"]
    ended = [event.event_id for event in events if event.kind is EventKind.ENDED]
    assert ended == [event.event_id for event in events if event.kind is EventKind.STARTED][: len(ended)]
    fingers = {hand.gesture.fingers for each in found for hand in each.hands if hand.gesture.label == "Victory"}
    assert fingers == {2}


def test_without_depth_and_calibration_there_are_hands_but_no_metres(pipeline, victory):
    (hand,) = seen(pipeline, [victory] * 3)[-1].hands
    assert hand.gesture.label == "Victory" and hand.gesture.fingers == 2
    assert hand.position.source is PositionSource.NONE and math.isnan(hand.position.xyz[2])
    assert hand.in_camera is None and hand.pointing is None


def test_with_depth_every_point_is_in_metres(pipeline, victory):
    (hand,) = seen(pipeline, [victory] * 3, **in_depth(victory, DISTANCE_M))[-1].hands
    assert hand.position.source is PositionSource.DEPTH
    assert hand.position.xyz[2] == pytest.approx(DISTANCE_M, abs=0.03)
    assert np.abs(hand.in_camera[:, 2] - DISTANCE_M).max() < 0.15


def test_where_the_hand_has_no_depth_its_size_tells_the_distance(pipeline, victory):
    (hand,) = seen(pipeline, [victory] * 3, **in_depth(victory, np.nan))[-1].hands
    assert hand.position.source is PositionSource.SIZE_PRIOR and hand.position.sigma > 0.01
    assert hand.in_camera is None
    assert hand.gesture.label == "Victory"


def test_a_hand_that_is_gone_is_bridged_for_a_moment_and_ends_what_it_said(pipeline, victory):
    nothing = np.full_like(victory, 200)
    found = seen(pipeline, [victory] * 15 + [nothing] * 30)
    (bridged,) = found[16].hands
    assert bridged.bridged and bridged.landmarks is None and bridged.gesture.label == ""
    assert found[-1].hands == []
    kinds = [event.kind for each in found for event in each.events if event.gesture.label == "Victory"]
    assert kinds[0] is EventKind.STARTED and kinds[-1] is EventKind.ENDED
    assert kinds.count(EventKind.STARTED) == kinds.count(EventKind.ENDED) == 1


def test_time_that_jumps_back_ends_everything_and_begins_anew(pipeline, victory):
    (before,) = seen(pipeline, [victory] * 15, first_ns=10**10)[-1].hands
    found = seen(pipeline, [victory] * 15)
    assert [event.kind for event in found[0].events] == [EventKind.ENDED]
    assert found[-1].hands[0].track_id > before.track_id
    assert EventKind.STARTED in {event.kind for each in found for event in each.events}


def test_a_picture_of_another_size_begins_anew(pipeline, victory):
    (before,) = seen(pipeline, [victory] * 3)[-1].hands
    small = cv2.resize(victory, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    (after,) = seen(pipeline, [small] * 3, first_ns=10**9)[-1].hands
    assert after.track_id > before.track_id


@pytest.mark.parametrize("rates", [(5, 60), (60, 5)])
def test_a_rate_that_jumps_does_not_end_what_is_shown(pipeline, victory, rates):
    stamp_ns, events = 0, []
    for rate in rates * 2:
        for _ in range(rate):
            stamp_ns += 10**9 // rate
            frame = RgbdFrame(stamp_ns, "camera", victory)
            events += pipeline(frame, StageTimes()).events
    assert [event.kind for event in events].count(EventKind.STARTED) == 1
    assert EventKind.ENDED not in {event.kind for event in events}


def test_a_hand_at_the_border_is_followed_until_it_has_left(pipeline, victory):
    height, width = victory.shape[:2]
    shifts = [min(k * 24, width) for k in range(40)]
    shifted = [cv2.copyMakeBorder(victory[:, by:], 0, 0, 0, by, cv2.BORDER_CONSTANT) for by in shifts if by < width]
    found = seen(pipeline, shifted + [np.zeros((height, width, 3), np.uint8)] * 8)
    first = found[0].hands[0]
    followed = [first.track_id in {hand.track_id for hand in each.hands} for each in found]
    assert all(followed[: int(first.box.x / 24)]) and not found[-1].hands


@pytest.mark.parametrize("across", [3, 16])
def test_of_a_crowd_of_hands_as_many_as_are_wanted_are_followed(pipeline, victory, across):
    (hand,) = seen(pipeline, [victory] * 3)[-1].hands
    rows, columns = hand.box.scaled(1.8).clipped(640, 480).slices()
    one = cv2.resize(victory[rows, columns], (1280 // across, 1280 // across), interpolation=cv2.INTER_AREA)
    crowd = np.tile(one, (across, across, 1))
    found = seen(pipeline, [crowd] * 12, first_ns=10**9)
    assert len(found[-1].hands) <= GestureParameters().max_hands
    assert found[-1].hands or across > 3
    pipeline.change(GestureParameters(max_hands=2))
    assert len([hand for hand in seen(pipeline, [crowd] * 3, first_ns=2 * 10**9)[-1].hands if not hand.bridged]) <= 2


def test_hands_beyond_the_largest_distance_are_left_out(pipeline, victory):
    pipeline.change(GestureParameters(max_distance=1.0))
    assert seen(pipeline, [victory] * 3, **in_depth(victory, 1.5))[-1].hands == []
    assert seen(pipeline, [victory] * 3, first_ns=10**9, **in_depth(victory, 0.8))[-1].hands


def test_a_small_hand_is_found_within_somebodys_reach(pipeline, victory):
    far = np.full((720, 1280, 3), 128, np.uint8)
    small = cv2.resize(victory, (160, 120), interpolation=cv2.INTER_AREA)
    far[300:420, 900:1060] = small
    assert not any(each.hands for each in seen(pipeline, [far] * 11))
    pipeline.reset()
    frames = [RgbdFrame(k * FRAME_NS, "camera", far) for k in range(11)]
    found = [pipeline(frame, StageTimes(), [Box(850, 230, 260, 260)]) for frame in frames]
    (hand,) = found[-1].hands
    assert 900 < hand.box.centre[0] < 1060 and hand.gesture.label == "Victory"


def test_a_gesture_is_recognised_from_the_frame_after_it_was_taught(assembly, pipeline, picture):
    flat = read_picture(picture("hand_fist"))
    hand = next(hand for each in seen(pipeline, [flat] * 3) for hand in each.hands)
    (example,) = described([hand.landmarks], assembly.embedder)
    other = replace(hand.landmarks, right=1 - hand.landmarks.right)
    name = assembly.gestures.teach("Rock", [example, *described([other], assembly.embedder)], 0).name
    try:
        (found,) = pipeline(RgbdFrame(10**9, "camera", flat), StageTimes()).hands
        # A fist is a fist whatever else was taught; of a pose that is nothing, what was taught is said.
        assert found.gesture.label in ("Closed_Fist", name)
        assert (found.gesture.origin is Origin.TAUGHT) == (found.gesture.label == name)
        match = assembly.gestures.index.match([found.landmarks], assembly.embedder([found.landmarks], (480, 640)))[0]
        assert match is not None and match.name == name
    finally:
        assembly.gestures.forget(name)


def test_the_back_of_a_hand_at_a_face_is_no_open_palm(pipeline, picture):
    source = VideoSource(picture("pexels"))
    frames = list(itertools.islice(source.frames(), 90, 150))
    source.close()
    found = [pipeline(frame, StageTimes()) for frame in frames]
    assert sum(len(each.hands) for each in found) > 40
    assert [event for each in found for event in each.events if event.gesture.label == "Open_Palm"] == []


def test_a_black_picture_has_no_hands(pipeline):
    assert seen(pipeline, [np.zeros((480, 640, 3), np.uint8)] * 6)[-1].hands == []
