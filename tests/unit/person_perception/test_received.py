import math
from array import array

import numpy as np
import pytest
from perception_msgs.msg import Face, Hand, Identity

from face_perception.identity import IdentityState
from gesture_perception.hand import Side
from gesture_perception.hand_points import MIDDLE_MCP, SCHEME, WRIST
from perception_core.depth import PositionSource
from person_perception.received import seen_face, seen_hand


def points(wrist, root):
    all_points = np.zeros((21, 3), np.float32)
    all_points[WRIST], all_points[MIDDLE_MCP] = wrist, root
    return array("f", all_points.ravel())


def hand(**words):
    return Hand(track_id=3, box=array("f", (10, 20, 30, 40)), side=Hand.LEFT, side_score=0.75, **words)


def test_a_hand_whose_points_are_known_says_where_its_elbow_is():
    seen = seen_hand(
        hand(
            landmark_scheme=SCHEME,
            landmarks=points((100, 200, 0), (100, 150, 5)),
            landmarks_metric=points((0.1, 0.2, 1.5), (0.1, 0.2, 1.4)),
        )
    )
    assert (seen.track_id, seen.side, seen.side_score, seen.box.width) == (3, Side.LEFT, 0.75, 30)
    assert seen.wrist == (100, 200) and seen.elbow_in_image == pytest.approx((0, 1))
    assert seen.elbow_in_space == pytest.approx((0, 0, 1), abs=1e-6)


def test_without_depth_the_direction_is_that_of_the_hands_own_points():
    seen = seen_hand(
        hand(
            landmark_scheme=SCHEME,
            landmarks=points((100, 200, 0), (130, 160, 5)),
            landmarks_hand=points((0.05, 0.0, 0.0), (0.0, 0.0, 0.0)),
        )
    )
    assert seen.elbow_in_image == pytest.approx((-0.6, 0.8))
    assert seen.elbow_in_space == pytest.approx((1, 0, 0))


def test_a_hand_without_points_says_nothing_of_its_arm():
    seen = seen_hand(hand(bridged=True))
    assert (seen.bridged, seen.wrist, seen.elbow_in_image, seen.elbow_in_space) == (True, None, None, None)


@pytest.mark.parametrize("wrist", [(100, 150, 0), (math.nan, 0, 0), (math.inf, 0, 0)])
def test_points_that_give_no_direction_give_none(wrist):
    seen = seen_hand(hand(landmark_scheme=SCHEME, landmarks=points(wrist, (100, 150, 0))))
    assert seen.elbow_in_image is None and seen.elbow_in_space is None


@pytest.mark.parametrize(
    ("attention", "looking"),
    [(Face.ATTENTION_UNKNOWN, None), (Face.ATTENTION_AWAY, False), (Face.ATTENTION_CAMERA, True)],
)
def test_of_a_face_place_name_and_attention_count(attention, looking):
    message = Face(track_id=7, box=array("f", (1, 2, 3, 4)), attention=attention, bridged=True)
    message.position.source = message.position.NONE
    message.identity = Identity(state=Identity.CONFIRMED, person_id="p1", name="Ada", similarity=0.8)
    seen = seen_face(message)
    assert (seen.track_id, seen.bridged, seen.looking_at_camera) == (7, True, looking)
    assert seen.position.source is PositionSource.NONE
    assert (seen.identity.state, seen.identity.name) == (IdentityState.CONFIRMED, "Ada")
