"""The palm detector on real hands, and what it makes of outputs that no picture gives."""

import math

import cv2
import numpy as np
import pytest

from gesture_perception import palms
from gesture_perception.palms import PalmDetector
from perception_core.engines.engine import EngineError, open_engine
from perception_core.geometry import Box

INPUT = {"image": (None, 3, 192, 192)}
OUTPUTS = {"boxes": (None, 2016, 18), "scores": (None, 2016, 1)}


@pytest.fixture(scope="module")
def pointing(hand_picture):
    return hand_picture("hand_pointing_up")


def answering(made_up, rows):
    """A detector whose network gives these rows at these anchors, and no palm elsewhere."""
    boxes, scores = np.zeros((1, 2016, 18), np.float32), np.full((1, 2016, 1), -50, np.float32)
    for anchor, (logit, values) in rows.items():
        scores[0, anchor], boxes[0, anchor] = logit, values
    return PalmDetector(made_up(INPUT, OUTPUTS, lambda _: {"boxes": boxes, "scores": scores}))


def row(*centre_and_size):
    return [*centre_and_size, *[1.0] * 14]


def test_the_palm_is_where_the_hand_has_it(find_palms, pointing):
    (palm,) = find_palms(pointing)
    wrist, index, middle, little = palm.points[[palms.WRIST, palms.INDEX_MCP, palms.MIDDLE_MCP, palms.LITTLE_MCP]]
    assert palm.score > 0.8
    assert palm.points.shape == (7, 2)
    assert (wrist[1] > 480) and (index[1] < 420) and (middle[1] < 420) and (little[1] < 450)
    assert palm.box.x < 250 < palm.box.right and palm.box.y < 420 < palm.box.bottom


@pytest.mark.parametrize("margin", [(0, 0, 200, 0), (0, 0, 0, 300), (90, 40, 10, 0)])
def test_a_margin_changes_nothing_but_the_place(find_palms, pointing, margin):
    top, bottom, left, right = margin
    (alone,) = find_palms(pointing)
    wider = cv2.copyMakeBorder(pointing, top, bottom, left, right, cv2.BORDER_CONSTANT)
    (palm,) = find_palms(wider)
    assert np.abs(palm.points - alone.points - [left, top]).max() < 0.12 * alone.box.width


def test_a_far_hand_is_found_by_a_look_at_its_surroundings(find_palms, pointing):
    far = np.full((720, 1280, 3), 160, np.uint8)
    far[300:380, 800:860] = cv2.resize(pointing, (60, 80), interpolation=cv2.INTER_AREA)
    assert find_palms(far) == []
    (palm,) = find_palms(far, Box(770, 280, 120, 120))
    assert Box(800, 300, 60, 80).overlap(palm.box) > 0.05
    assert 800 <= palm.box.centre[0] <= 860 and 300 <= palm.box.centre[1] <= 380


def test_a_look_beyond_the_border_sees_what_is_inside(find_palms, pointing):
    (whole,) = find_palms(pointing)
    (palm,) = find_palms(pointing, Box(-100, 0, 700, 700))
    assert np.abs(palm.points - whole.points).max() < 0.12 * whole.box.width


@pytest.mark.parametrize(
    "within",
    [
        Box(math.nan, 0, 10, 10),
        Box(0, 0, math.inf, 10),
        Box(5000, 0, 100, 100),
        Box(-300, -300, 200, 200),
        Box(20, 20, 0, 0),
        Box(20, 20, 1, 400),
    ],
)
def test_where_there_is_nothing_to_be_seen_there_is_no_palm(find_palms, pointing, within):
    assert find_palms(pointing, within) == []


@pytest.mark.parametrize("size", [(1, 1), (2, 900), (700, 1), (480, 640)])
def test_a_picture_of_nothing_has_no_palms(find_palms, size):
    assert find_palms(np.full((*size, 3), 90, np.uint8)) == []


def test_of_hundreds_of_palms_the_surest_come_first(made_up):
    # In cells of 8 pixels, boxes of 6: none touches another.
    everywhere = answering(made_up, {2 * cell: (cell % 7, row(0, 0, 6, 6)) for cell in range(576)})
    found = everywhere(np.zeros((192, 192, 3), np.uint8))
    assert len(found) == 576
    assert [palm.score for palm in found] == sorted((palm.score for palm in found), reverse=True)


def test_palms_on_one_another_are_one_in_their_weighted_middle(made_up):
    logit = math.log(3)  # a score of 0.75
    same = answering(made_up, {600: (60.0, row(0, 0, 40, 40)), 601: (logit, row(7, 0, 40, 40))})
    (palm,) = same(np.zeros((192, 192, 3), np.uint8))
    (alone,) = answering(made_up, {600: (60.0, row(0, 0, 40, 40))})(np.zeros((192, 192, 3), np.uint8))
    assert palm.score == pytest.approx(1.0)
    assert palm.box.x - alone.box.x == pytest.approx(7 * 0.75 / 1.75)


def test_palms_beside_each_other_are_two(made_up):
    both = answering(made_up, {600: (3.0, row(0, 0, 40, 40)), 601: (2.0, row(30, 0, 40, 40))})
    assert [palm.score > 0.9 for palm in both(np.zeros((192, 192, 3), np.uint8))] == [True, False]


@pytest.mark.parametrize(
    "values", [[math.nan] * 18, [0, 0, math.inf, 20, *[0] * 14], row(0, 0, 0, 20), row(0, 0, -5, 20)]
)
def test_broken_numbers_are_no_palm(made_up, values):
    picture = np.zeros((192, 192, 3), np.uint8)
    assert answering(made_up, {700: (5.0, values)})(picture) == []
    assert answering(made_up, {700: (math.nan, row(0, 0, 30, 30))})(picture) == []
    assert len(answering(made_up, {700: (5.0, values), 0: (5.0, row(0, 0, 30, 30))})(picture)) == 1


def test_another_network_is_refused(weights):
    with pytest.raises(EngineError, match="has to be MediaPipe's"):
        PalmDetector(open_engine(weights("hand_landmarks")))


@pytest.mark.parametrize("threshold", [0.0, 1.0, -1.0, math.nan])
def test_a_threshold_that_no_score_can_pass_or_miss_is_refused(made_up, threshold):
    with pytest.raises(ValueError, match="between 0 and 1"):
        PalmDetector(made_up(INPUT, OUTPUTS, None), threshold)
