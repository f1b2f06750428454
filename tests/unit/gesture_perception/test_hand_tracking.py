import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gesture_perception.hand import HandLandmarks
from gesture_perception.hand_finding import HandSighting
from gesture_perception.hand_tracking import HandTracks, LocatedHand
from perception_core.depth import Position3D, PositionSource
from perception_core.geometry import Box, RotatedRegion

FRAME_NS = 33_333_333
SIZE = 100.0
NOWHERE = Position3D((math.nan,) * 3, math.nan, 0.0, PositionSource.NONE)


def hand(x, y=200.0, *, followed=None, size=SIZE, presence=0.9, right=0.9):
    """A hand whose box has its middle there."""
    landmarks = HandLandmarks(np.zeros((21, 3), np.float32), np.zeros((21, 3), np.float32), presence, right)
    box = Box.around((x, y), size, size)
    return LocatedHand(HandSighting(landmarks, RotatedRegion((x, y), 2 * size, 0.0), box, presence, followed), NOWHERE)


def run(*images, keep_lost_s=0.7):
    """The tracks after each image, at 30 Hz."""
    tracks = HandTracks(keep_lost_s)
    return [tracks.update(hands, k * FRAME_NS) for k, hands in enumerate(images)]


def ids(tracks):
    return [track.id for track in tracks]


def test_who_is_followed_keeps_the_id_wherever_the_hand_went():
    images = run([hand(100)], [hand(600, followed=1)])
    assert ids(images[0]) == ids(images[1]) == [1]
    assert images[1][0].box.centre == (600, 200)


def test_a_hand_that_was_lost_is_known_again_nearby():
    images = run([hand(100)], [], [], [hand(160)])
    assert ids(images[3]) == [1] and images[3][0].seen


def test_a_hand_on_the_other_side_of_the_image_is_another():
    images = run([hand(100)], [], [hand(560)])
    assert [(track.id, track.seen) for track in images[2]] == [(1, False), (2, True)]


def test_a_hand_that_looks_much_larger_is_another():
    images = run([hand(100, size=40)], [], [hand(110, size=150)])
    assert {track.id for track in images[2] if track.seen} == {2}


def test_of_two_lost_hands_side_and_place_tell_which_is_back():
    images = run([hand(100, right=0.95), hand(260, right=0.05)], [], [hand(175, right=0.05), hand(185, right=0.95)])
    back = {track.id: track.last.sighting.landmarks.right for track in images[2]}
    assert back == {1: 0.95, 2: 0.05}


def test_an_id_ends_with_the_time_and_is_not_given_again():
    images = run([hand(100)], *[[]] * 10, [hand(100)], keep_lost_s=0.2)
    assert ids(images[5]) == [1] and ids(images[10]) == []
    assert ids(images[11]) == [2]


def test_a_weak_newcomer_is_a_hand_when_it_is_seen_again():
    tracks = HandTracks(0.7)
    assert tracks.update([hand(100, presence=0.6)], 0) == []
    (track_id,) = tracks.followed
    (track,) = tracks.update([hand(105, presence=0.6, followed=track_id)], FRAME_NS)
    assert track.id == track_id


def test_a_weak_newcomer_that_is_gone_leaves_nothing():
    images = run([hand(100, presence=0.6)], [], [])
    assert images == [[], [], []]


def test_only_those_of_the_last_image_are_followed():
    tracks = HandTracks(0.7)
    tracks.update([hand(100), hand(400)], 0)
    tracks.update([hand(100, followed=1)], FRAME_NS)
    assert list(tracks.followed) == [1]
    tracks.update([], 2 * FRAME_NS)
    assert not tracks.followed


def test_a_hand_that_is_missed_goes_on_for_a_moment():
    images = run([hand(100)], [hand(110, followed=1)], [], [], *[[]] * 10)
    assert images[2][0].box.centre == pytest.approx((120, 200))
    assert images[13][0].box.centre == pytest.approx((140, 200))  # a tenth of a second at 300 px/s
    assert images[13][0].missed_s == pytest.approx(12 * FRAME_NS / 1e9)


def test_after_a_reset_nobody_is_known_and_ids_go_on():
    tracks = HandTracks(0.7)
    tracks.update([hand(100)], 0)
    tracks.reset()
    assert not tracks.followed
    assert ids(tracks.update([hand(100)], FRAME_NS)) == [2]


@given(st.lists(st.lists(st.tuples(st.integers(0, 640), st.integers(0, 480)), max_size=5), max_size=12))
def test_no_two_hands_of_an_image_share_an_id_and_no_hand_is_left_out(images):
    tracks = HandTracks(0.7)
    for k, places in enumerate(images):
        followed = list(tracks.followed)
        hands = [hand(x, y, followed=followed[n] if n < len(followed) else None) for n, (x, y) in enumerate(places)]
        found = tracks.update(hands, k * FRAME_NS)
        assert len(set(ids(found))) == len(found)
        seen = [track.last for track in found if track.seen]
        assert sorted(map(id, seen)) == sorted(map(id, hands))
