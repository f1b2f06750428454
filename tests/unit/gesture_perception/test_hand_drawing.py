import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gesture_perception.hand import NOT_EXAMINED, Gesture, HandLandmarks, Origin, Side
from gesture_perception.hand_drawing import draw_hands, hand_tone, mark_hands, tag_lines
from gesture_perception.hand_overlay import BONE_TONES, FINGER_TONES, PALM_TONE, RAY_TONE
from gesture_perception.hand_points import BONES, FINGERS
from perception_core.depth import PositionSource
from perception_core.drawing import track_colour
from perception_core.free_space import FreeSpace
from perception_core.geometry import Box

from .seen_hands import FRAME, INTRINSICS, NOWHERE, bridged_hand, landmarks, pointing_hand, seen_hand

SEEN = seen_hand()
COLOUR = FRAME.colour
WAVE = Gesture("Wave", 0.8, Origin.MOTION)


def said(hand):
    return [[words.text for words in line] for line in tag_lines(hand)]


def changed(hands, **options):
    """Where the picture is drawn into."""
    return (draw_hands(COLOUR, hands, **options) != COLOUR).any(axis=2)


def near(drawn, point, radius=3):
    column, row = np.rint(point[:2]).astype(int)
    return drawn[row - radius : row + radius + 1, column - radius : column + radius + 1].any()


def test_the_picture_itself_is_left_as_it_is():
    picture = np.zeros((480, 640, 3), np.uint8)
    picture.setflags(write=False)
    assert draw_hands(picture, [SEEN]).any()


def test_no_hands_leave_the_picture_as_it_is():
    assert not changed([]).any()


def test_lines_run_from_point_to_point_in_the_colour_of_their_finger():
    drawn = draw_hands(COLOUR, [SEEN])
    for finger, tone in zip(FINGERS, FINGER_TONES, strict=True):
        for start, end in itertools.pairwise(finger):
            column, row = np.rint(SEEN.landmarks.points[[start, end], :2].mean(axis=0)).astype(int)
            part = drawn[row - 1 : row + 2, column - 1 : column + 2].reshape(-1, 3).astype(int)
            assert np.abs(part - tone).sum(axis=1).min() < 120
    assert len(set(FINGER_TONES) | {PALM_TONE}) == 6


def test_every_bone_has_a_colour():
    palm = [BONE_TONES[k] for k, bone in enumerate(BONES) if 0 in bone]
    assert palm == [PALM_TONE] * 3
    assert all(BONE_TONES.count(tone) == 3 for tone in FINGER_TONES)


def test_what_is_known_of_a_hand_is_in_its_tag():
    assert said(SEEN) == [["Victory", "hand 3", "1.25 m"], ["right", "2 fingers"]]
    waving = replace(SEEN, motion=WAVE, side=Side.UNKNOWN)
    assert said(waving)[1] == ["2 fingers", "Wave"]


def test_nothing_is_said_of_what_is_not_known():
    unknown = replace(SEEN, side=Side.UNKNOWN, position=NOWHERE, gesture=NOT_EXAMINED)
    assert said(unknown) == [["hand 3"]]


def test_an_estimated_distance_is_marked():
    assert said(bridged_hand())[0] == ["hand 3", "~1.25 m"]


@pytest.mark.parametrize("name", ["李明" * 20, "🙂", "a\nb", "Wolfeschlegelsteinhausenbergerdorff"])
def test_a_taught_name_is_drawn_as_far_as_it_can_be(name):
    words = said(replace(SEEN, gesture=Gesture(name, 0.9, Origin.TAUGHT, 2)))[0][0]
    assert words.isascii() and words.isprintable() and 0 < len(words) <= 18


def test_the_tag_covers_neither_the_hand_nor_what_is_taken():
    face = Box(SEEN.box.x - 20, SEEN.box.bottom, 200, 120)
    free = FreeSpace(640, 480)
    free.take(face)
    rows, columns = face.slices()
    assert not changed([SEEN], free=free)[rows, columns][8:].any()
    assert changed([SEEN])[rows, columns][8:].any()  # it would have been there


def test_a_bridged_hand_is_pale_and_has_only_corners():
    drawn = changed([bridged_hand()])
    (x, y), box = bridged_hand().box.centre, bridged_hand().box
    assert near(drawn, (box.x, box.y)) and not near(drawn, (x, box.y)) and not near(drawn, (x, y))
    seen, bridged = (np.array(hand_tone(hand)) for hand in (seen_hand(5), bridged_hand(5)))
    assert np.ptp(bridged) < 0.6 * np.ptp(seen)


def test_a_ray_leads_from_the_fingertip_to_what_is_pointed_at():
    hand = pointing_hand()
    drawn = changed([hand], intrinsics=INTRINSICS)
    tip, target = INTRINSICS.project(np.array([hand.pointing.origin, hand.pointing.target.xyz]))
    for share in np.linspace(0.05, 1, 20):
        assert near(drawn, tip + share * (target - tip), 2)
    ring = draw_hands(COLOUR, [hand], INTRINSICS)
    column, row = np.rint(target).astype(int)
    part = ring[row - 8 : row + 9, column - 8 : column + 9].reshape(-1, 3).astype(int)
    assert (np.abs(part - RAY_TONE).sum(axis=1) < 60).sum() > 20


def test_a_ray_that_meets_nothing_has_no_ring():
    far = (1.2, -1.0, 5.0)
    met, missed = pointing_hand(far), pointing_hand(far, PositionSource.NONE)
    column, row = np.rint(INTRINSICS.project(np.array([met.pointing.target.xyz]))[0]).astype(int)
    around = slice(row - 9, row + 10), slice(column + 4, column + 60)
    assert changed([met], intrinsics=INTRINSICS)[around].any()
    assert not changed([missed], intrinsics=INTRINSICS)[around].any()


@pytest.mark.parametrize("target", [(0.4, -0.4, 0.02), (0.1, 0.0, -3.0), (math.nan, 0.0, 1.0), (9e5, 0.0, 1.2)])
def test_a_ray_that_leads_beside_or_behind_the_camera_breaks_nothing(target):
    for source in (PositionSource.DEPTH, PositionSource.NONE):
        assert changed([pointing_hand(target, source)], intrinsics=INTRINSICS).any()


def test_without_calibration_the_finger_s_way_is_shown():
    hand = pointing_hand()
    root, tip = hand.landmarks.points[[6, 8], :2]
    beyond = tip + 1.5 * (tip - root)
    assert near(changed([hand]), beyond) and not near(changed([replace(hand, pointing=None)]), beyond)


@pytest.mark.parametrize(
    "at", [(-0.6, 0.0, 1.0), (0.55, 0.1, 1.0), (0.0, 0.45, 1.0), (0.0, -0.25, 0.3), (9.0, 9.0, 1.0)]
)
def test_a_hand_at_the_border_or_beyond_is_drawn_as_far_as_it_is_seen(at):
    hand = seen_hand(at=at)
    inside = hand.box.clipped(640, 480).area > 0
    assert changed([hand]).any() == inside


def test_points_that_are_no_numbers_leave_the_tag():
    broken = replace(SEEN, landmarks=HandLandmarks(np.full((21, 3), np.nan, np.float32), np.zeros((21, 3)), 0.9, 0.9))
    drawn = changed([broken])
    x, y = SEEN.box.centre
    assert drawn.any() and not near(drawn, (x, y))


@settings(max_examples=40)
@given(
    st.lists(st.floats(-1e6, 1e6) | st.just(math.nan), min_size=4, max_size=4),
    st.floats(1e-3, 1e4),
    st.sampled_from([(1, 1), (7, 5), (64, 48), (640, 480)]),
)
def test_whatever_a_message_holds_it_is_drawn(box, size, shape):
    points = landmarks().points * np.float32(size)
    hand = replace(SEEN, box=Box(*box), landmarks=HandLandmarks(points, points, 0.9, 0.9))
    picture = np.zeros((shape[1], shape[0], 3), np.uint8)
    assert draw_hands(picture, [hand, pointing_hand()], INTRINSICS).shape == picture.shape


def test_a_crowd_of_hands_is_drawn():
    crowd = [seen_hand(k, ((k % 25) * 0.05 - 0.6, (k // 25) * 0.06 - 0.4, 1.2)) for k in range(300)]
    assert changed(crowd).mean() > 0.2


def test_a_picture_of_depth_has_boxes_and_distances():
    picture = np.zeros((480, 640, 3), np.uint8)
    mark_hands(picture, [SEEN, bridged_hand(5)])
    assert (picture == hand_tone(SEEN)).all(axis=2).sum() > 300


def test_a_hand_and_a_face_with_one_number_have_two_colours():
    for number in range(1, 40):
        assert np.abs(np.subtract(hand_tone(seen_hand(number)), track_colour(number))).max() > 20
