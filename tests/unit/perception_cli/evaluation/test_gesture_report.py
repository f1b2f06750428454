import math

import pytest

from perception_cli.evaluation.gesture_classes import Meaning
from perception_cli.evaluation.gesture_hands import SeenHand
from perception_cli.evaluation.gesture_report import Tally
from perception_core.geometry import Box

BOX = Box(0, 0, 10, 10)


def tally(*pairs, canned=False):
    found = Tally(canned)
    for meaning, answer in pairs:
        known = meaning if isinstance(meaning, Meaning) else Meaning(meaning)
        found.add(known, None if answer == "missed" else SeenHand(BOX, answer))
    return found


def test_a_hand_that_is_not_found_is_wrong_and_no_false_alarm():
    found = tally(("Victory", "Victory"), ("Victory", "missed"), ("None", "missed"), ("None", "None"))
    assert found.matrix.accuracy == 0.5
    assert found.detection_rate == 0.5
    assert found.found_of("Victory") == found.matrix.recall["Victory"] == 0.5
    assert found.false_share == found.wrong_share == 0.0


def test_false_alarms_and_confusions_are_told_apart():
    found = tally(("None", "Victory"), ("None", "None"), ("Victory", "OK"), ("Victory", "None"), ("OK", "OK"))
    assert found.false_share == 0.5
    assert found.wrong_share == pytest.approx(1 / 3)
    assert found.matrix.classes == ("None", "Victory", "OK")
    assert found.matrix.answers == ("None", "Victory", "OK", "undetected")


def test_what_only_geometry_tells_can_count_as_none():
    pairs = [("None", "Pinch"), ("OK", "OK"), ("Victory", "Victory")]
    assert tally(*pairs).false_share == 1.0
    canned = tally(*pairs, canned=True)
    assert canned.false_share == 0.0 and canned.matrix.accuracy == 1.0
    assert canned.matrix.classes == ("None", "Victory")


def test_another_name_for_the_same_is_right():
    assert tally((Meaning("Pointing_Up", ("Point",)), "Point")).matrix.accuracy == 1.0
    assert tally(("Pointing_Up", "Point")).matrix.accuracy == 0.0


def test_no_numbers_are_no_answer_of_a_hand_that_was_found():
    found = tally(("Victory", None))
    assert found.silent == 1 and found.detection_rate == 1.0 and found.matrix.accuracy == 0.0


def test_gestures_of_ones_own_follow_ours():
    assert tally(("Horns", "Ahoy"), ("Victory", "Victory")).matrix.answers == ("Victory", "Ahoy", "Horns", "undetected")


def test_hands_that_nobody_labelled_are_counted():
    found = tally()
    found.add_extra([SeenHand(BOX, "Victory"), SeenHand(BOX, "None"), SeenHand(BOX, None)])
    assert (found.extra, found.extra_shown) == (3, 1)


def test_where_there_is_nothing_there_is_no_share():
    empty = tally()
    assert all(math.isnan(each) for each in (empty.detection_rate, empty.false_share, empty.wrong_share))
    assert math.isnan(tally(("Victory", "Victory")).false_share)
