import math
from dataclasses import replace

import numpy as np
import pytest
from visualization_msgs.msg import Marker

from gesture_perception.hand import NOT_EXAMINED, Gesture, Origin
from gesture_perception.hand_points import BONES
from gesture_perception.markers import markers
from perception_core.depth import PositionSource
from perception_ros.space_messages import header

from .seen_hands import FRAME, NOWHERE, WRIST, bridged_hand, pointing_hand, seen_hand


def shown(*hands):
    return {(marker.ns, marker.id): marker for marker in markers(header(FRAME), hands).markers}


def xyz(point):
    return point.x, point.y, point.z


def test_a_hand_whose_place_is_known_is_shown_with_what_it_says():
    made = shown(seen_hand(1), replace(seen_hand(2), position=NOWHERE))
    assert set(made) == {("hands", 1), ("hand_texts", 1), ("hand_bones", 1)}
    assert xyz(made["hands", 1].pose.position) == WRIST
    assert made["hand_texts", 1].text == f"Victory: {math.hypot(*WRIST):.2f} m"


@pytest.mark.parametrize(
    ("gesture", "motion", "words"),
    [
        (Gesture("Open_Palm", 0.9, Origin.NETWORK), Gesture("Wave", 0.8, Origin.MOTION), "Open Palm, Wave"),
        (Gesture("None", 0.9), NOT_EXAMINED, "right hand 3"),
    ],
)
def test_the_text_says_pose_and_movement_or_whose_hand_it_is(gesture, motion, words):
    text = shown(replace(seen_hand(), gesture=gesture, motion=motion))["hand_texts", 3].text
    assert text == f"{words}: {math.hypot(*WRIST):.2f} m"


def test_bones_join_the_points_in_space():
    hand = seen_hand()
    bones = shown(hand)["hand_bones", 3]
    assert bones.type == Marker.LINE_LIST
    assert len(bones.points) == len(bones.colors) == 2 * len(BONES)
    np.testing.assert_allclose([xyz(each) for each in bones.points], hand.in_camera[BONES.ravel()], atol=1e-6)
    assert len({(each.r, each.g, each.b) for each in bones.colors}) == 6


def test_bones_that_are_not_known_are_not_shown():
    broken = np.full((21, 3), np.nan, np.float32)
    for hand in (replace(seen_hand(), in_camera=None), replace(seen_hand(), in_camera=broken), bridged_hand()):
        assert ("hand_bones", 3) not in shown(hand)


def test_an_arrow_leads_to_what_is_pointed_at():
    target = (0.4, -0.4, 2.5)
    hand = pointing_hand(target)
    arrow = shown(hand)["hand_rays", 3]
    assert arrow.type == Marker.ARROW
    assert [xyz(each) for each in arrow.points] == [hand.pointing.origin, target]


def test_an_arrow_that_meets_nothing_has_the_way_of_the_finger():
    hand = pointing_hand(source=PositionSource.NONE)
    start, end = map(xyz, shown(hand)["hand_rays", 3].points)
    way = [(b - a) / math.dist(start, end) for a, b in zip(start, end, strict=True)]
    assert way == pytest.approx(hand.pointing.direction) and math.dist(start, end) > 1


def test_everything_vanishes_by_itself_within_a_second():
    for marker in markers(header(FRAME), [pointing_hand()]).markers:
        assert marker.action == Marker.ADD
        assert 0 < marker.lifetime.sec + marker.lifetime.nanosec / 1e9 < 1
        assert marker.header.frame_id == "camera" and marker.header.stamp.nanosec == 7


def test_a_bridged_hand_is_fainter():
    assert shown(bridged_hand())["hands", 3].color.a < shown(seen_hand())["hands", 3].color.a
