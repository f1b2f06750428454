"""Who is worth attention."""

import math

import numpy as np
import pytest

from face_perception.range_of_interest import Place, Preference, RangeOfInterest
from perception_core.depth import Position3D, PositionSource
from perception_core.frame import DepthImage, RgbdFrame
from perception_core.geometry import Box

NOWHERE = Position3D((math.nan,) * 3, math.nan, 0.0, PositionSource.NONE)
BOX = Box(10, 10, 40, 50)


def at(distance, source=PositionSource.DEPTH):
    return Position3D((0.0, 0.0, distance), 0.01, 1.0, source)


def frame(depth):
    colour = np.full((2, 3, 3), 200, np.uint8)
    return RgbdFrame(0, "camera", colour, depth)


@pytest.mark.parametrize("source", [PositionSource.DEPTH, PositionSource.SIZE_PRIOR])
def test_who_is_further_away_is_left_out(source):
    near = RangeOfInterest(max_distance=2.0)
    assert near.admits(BOX, at(1.9, source))
    assert not near.admits(BOX, at(2.1, source))


def test_who_is_at_an_unknown_distance_is_not_left_out():
    assert RangeOfInterest(max_distance=2.0).admits(BOX, NOWHERE)


def test_without_limits_nobody_is_left_out():
    assert RangeOfInterest().admits(Box(0, 0, 1, 1), at(50.0))


def test_small_faces_are_left_out():
    assert RangeOfInterest(min_face_size=50).admits(BOX, NOWHERE)
    assert not RangeOfInterest(min_face_size=51).admits(BOX, NOWHERE)


@pytest.mark.parametrize(
    ("raw", "unit"),
    [
        (np.array([[500, 2001, 0], [1999, 9000, 65535]], np.uint16), 0.001),
        (np.array([[0.5, 2.001, np.nan], [1.999, 9.0, np.inf]], np.float32), 1.0),
    ],
)
def test_what_is_beyond_is_grey_and_what_has_no_depth_stays(raw, unit):
    given = frame(DepthImage(raw, unit))
    masked = RangeOfInterest(max_distance=2.0, mask_beyond=True).masked(given)
    assert masked[..., 0].tolist() == [[200, 128, 200], [200, 128, 200]]
    assert (given.colour == 200).all()


@pytest.mark.parametrize("depth", [None, DepthImage(np.full((4, 6), 9000, np.uint16), 0.001)])
def test_without_depth_of_the_pictures_size_nothing_is_masked(depth):
    given = frame(depth)
    assert RangeOfInterest(max_distance=2.0, mask_beyond=True).masked(given) is given.colour


def test_the_mask_needs_to_be_asked_for():
    given = frame(DepthImage(np.full((2, 3), 9000, np.uint16), 0.001))
    assert RangeOfInterest(max_distance=2.0).masked(given) is given.colour


def places():
    return [
        Place(1, Box(0, 0, 30, 30), at(1.0)),
        Place(2, Box(0, 0, 90, 90), at(3.0)),
        Place(3, Box(0, 0, 60, 60), at(2.0)),
        Place(4, Box(0, 0, 99, 99), NOWHERE),
    ]


def test_the_nearest_come_first_and_those_without_a_distance_last():
    assert RangeOfInterest(max_faces=3).chosen(places(), ()) == [1, 3, 2]
    assert RangeOfInterest().chosen(places(), ()) == [1, 3, 2, 4]


def test_the_largest_come_first_if_they_are_preferred():
    assert RangeOfInterest(max_faces=2, prefer=Preference.LARGEST).chosen(places(), ()) == [4, 2]


@pytest.mark.parametrize("prefer", Preference)
def test_of_two_alike_the_one_who_was_chosen_stays(prefer):
    pair = [Place(1, Box(0, 0, 50, 50), at(1.00)), Place(2, Box(0, 0, 51, 50), at(0.97))]
    one = RangeOfInterest(max_faces=1, prefer=prefer)
    assert one.chosen(pair, ()) == [2]
    assert one.chosen(pair, [1]) == [1]


def test_who_is_clearly_nearer_takes_the_place():
    pair = [Place(1, BOX, at(1.0)), Place(2, BOX, at(0.8))]
    assert RangeOfInterest(max_faces=1).chosen(pair, [1]) == [2]
