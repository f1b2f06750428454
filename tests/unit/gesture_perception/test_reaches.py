import pytest

from gesture_perception.reaches import Reaches, reach_of
from perception_core.geometry import Box

FACE = Box(300, 200, 40, 50)
METRE = 50 / 0.2  # pixels, at the face's distance


@pytest.mark.parametrize(
    ("right_m", "down_m"),
    [(0.7, 0.0), (-0.7, 0.0), (0.0, -0.4), (0.5, 0.7), (-0.5, 0.7)],
)
def test_a_hand_of_an_arm_that_is_stretched_out_is_within_reach(right_m, down_m):
    reach, (x, y) = reach_of(FACE), FACE.centre
    hand = (x + right_m * METRE, y + down_m * METRE)
    assert reach.x < hand[0] < reach.right and reach.y < hand[1] < reach.bottom


def test_a_hand_two_metres_away_is_not():
    assert reach_of(FACE).right < FACE.centre[0] + 2 * METRE


@pytest.mark.parametrize(
    ("later_ns", "known"), [(33_000_000, True), (400_000_000, True), (0, False), (-33_000_000, False), (10**9, False)]
)
def test_faces_count_for_the_images_that_follow_shortly(later_ns, known):
    reaches = Reaches()
    reaches.put(5_000_000_000, [FACE])
    assert reaches.at(5_000_000_000 + later_ns) == ([reach_of(FACE)] if known else [])


def test_it_makes_no_difference_whether_the_faces_of_the_same_image_are_known_already():
    before, both = Reaches(), Reaches()
    for reaches in (before, both):
        reaches.put(1, [FACE])
    both.put(2, [FACE, FACE])
    assert before.at(2) == both.at(2) == [reach_of(FACE)]


def test_only_the_newest_faces_count_and_none_after_forgetting():
    reaches = Reaches()
    reaches.put(1, [FACE, FACE])
    reaches.put(2, [FACE])
    assert len(reaches.at(3)) == 1
    reaches.forget()
    assert reaches.at(3) == []
