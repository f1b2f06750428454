import math

import pytest

from perception_core.evaluation.detections import FoundBox, Judgement, TrueBox, judged, quality
from perception_core.geometry import Box

HIT, FALSE, IGNORED = Judgement.HIT, Judgement.FALSE, Judgement.IGNORED


def face(x, required=True):
    return TrueBox(Box(x, 0, 20, 20), required)


def found(x, score=0.9, size=20):
    return FoundBox(Box(x, 0, size, size), score)


def words(*arguments):
    return [judgement for _, judgement in judged(*arguments)]


def test_a_face_is_found_where_a_box_covers_it_by_half():
    """Shifted by a third of its width a box shares half with the union, by half of its width a third."""
    assert words([found(106)], [face(100)]) == [HIT]
    assert words([found(110)], [face(100)]) == [FALSE]


def test_a_second_box_on_a_face_is_false_and_the_surer_one_the_hit():
    judgements = judged([found(101, 0.6), found(100, 0.9)], [face(100)])
    assert [(each.score, judgement) for each, judgement in judgements] == [(0.9, HIT), (0.6, FALSE)]


def test_two_faces_side_by_side_take_a_box_each():
    assert words([found(104), found(98, 0.8)], [face(100), face(107)]) == [HIT, HIT]


def test_what_nobody_has_to_find_is_neither_right_nor_wrong_however_often_it_is_found():
    assert words([found(100), found(101)], [face(100, required=False)]) == [IGNORED, IGNORED]


def test_a_face_that_may_be_left_out_takes_no_box_from_its_neighbour():
    assert words([found(103)], [face(103, required=False), face(100)]) == [HIT]


def test_of_nobody_every_box_is_false():
    assert words([found(0), found(50)], []) == [FALSE, FALSE]
    assert words([], [face(0)]) == []


def test_recall_and_precision_count_what_is_above_the_threshold():
    result = quality([(0.9, HIT), (0.7, FALSE), (0.65, IGNORED), (0.5, HIT)], 4, 0.6)
    assert (result.recall, result.precision, result.false_boxes) == (0.25, 0.5, 1)


@pytest.mark.parametrize(
    ("judgements", "required", "expected"),
    [
        ([(0.9, HIT), (0.8, HIT)], 2, 1.0),
        ([(0.9, HIT), (0.8, FALSE), (0.7, HIT)], 2, (1 + 2 / 3) / 2),
        ([(0.9, FALSE), (0.8, HIT), (0.7, HIT)], 2, 2 / 3),  # the better precision of the higher recall counts
        ([(0.9, HIT)], 4, 0.25),
        ([(0.9, FALSE)], 4, 0.0),
        ([], 4, 0.0),
    ],
)
def test_average_precision_is_the_area_below_precision_by_recall(judgements, required, expected):
    assert quality(judgements, required, 0.6).average_precision == pytest.approx(expected)


def test_the_order_in_which_pictures_come_does_not_matter():
    judgements = [(0.9, HIT), (0.8, FALSE), (0.7, HIT), (0.6, IGNORED)]
    assert quality(judgements, 3, 0.6) == quality(judgements[::-1], 3, 0.6)


def test_where_nobody_is_to_be_found_nothing_is_made_up():
    result = quality([(0.9, FALSE)], 0, 0.6)
    assert math.isnan(result.recall) and math.isnan(result.average_precision) and result.precision == 0.0
