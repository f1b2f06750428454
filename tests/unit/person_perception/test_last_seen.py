from types import SimpleNamespace

import pytest

from gesture_perception.hand import Side
from perception_core.depth import Position3D, PositionSource
from perception_core.geometry import Box
from person_perception.last_seen import LastSeen
from person_perception.person import SeenHand

MS = 1_000_000
BEGIN = 1_700_000_000_000 * MS
NOWHERE = Position3D((0.0, 0.0, 1.0), 0.1, 1.0, PositionSource.DEPTH)


def hand(track_id):
    return SimpleNamespace(track_id=track_id, bridged=False, moved=False)


def read(message):
    assert not message.moved, "read in the camera's frame"
    return SeenHand(message.track_id, Box(0, 0, 1, 1), NOWHERE, message.bridged, Side.LEFT, 0.9, None, None, None)


def move(message):
    assert not message.moved, "moved once only"
    message.moved = True


@pytest.fixture
def last():
    return LastSeen(read)


def test_what_is_seen_is_read_and_then_moved(last):
    found = last.at(BEGIN, [hand(1), hand(2)], move)
    assert [each.track_id for each in found.seen] == [1, 2] and not any(each.bridged for each in found.seen)
    assert list(found.messages) == [1, 2] and all(each.moved for each in found.messages.values())


def test_the_last_ones_stand_in_for_an_image_without_and_say_so(last):
    last.at(BEGIN, [hand(1)], move)
    found = last.at(BEGIN + 33 * MS, None, move)
    assert [(each.track_id, each.bridged) for each in found.seen] == [(1, True)] and found.messages[1].bridged


def test_that_there_is_none_is_known(last):
    last.at(BEGIN, [hand(1)], move)
    last.at(BEGIN + 33 * MS, [], move)
    assert last.at(BEGIN + 66 * MS, None, move).seen == []


@pytest.mark.parametrize("later_ms", [300, -33], ids=["too old", "time jumped back"])
def test_what_is_of_another_time_stands_in_for_nothing(last, later_ms):
    last.at(BEGIN, [hand(1)], move)
    found = last.at(BEGIN + later_ms * MS, None, move)
    assert found.seen == [] and found.messages == {}


def test_before_the_first_image_there_is_nothing(last):
    assert last.at(BEGIN, None, move).seen == []
