import pytest

from gesture_perception.hand import Side
from person_perception.evidence import HandEvidence, Pair
from person_perception.ownership import bar, owners

RIGHT, LEFT = Side.RIGHT, Side.LEFT


def hand(owner=None, **odds):
    """Of person 1 as `one=(right, left)`, of person 2 as `two`."""
    numbers = {"one": 1, "two": 2}
    return HandEvidence(0, 0, {numbers[name]: Pair(*both, 0) for name, both in odds.items()}, owner)


def test_a_hand_is_of_the_likeliest_person_and_side():
    assert owners([hand(one=(5, -5), two=(-3, 1))]) == [(1, RIGHT)]


def test_a_hand_that_is_hardly_anybodys_is_nobodys():
    assert owners([hand(one=(0.5, -1), two=(-8, -8)), hand()]) == [None, None]


def test_a_hand_that_may_be_of_either_of_two_is_nobodys_until_one_is_likelier():
    assert owners([hand(one=(5, -5), two=(5.2, -5))]) == [None]
    assert owners([hand(owner=1, one=(5, -5), two=(5.2, -5))]) == [(1, RIGHT)]


@pytest.mark.parametrize("odds", [0.5, -1.0])
def test_who_has_a_hand_keeps_it_through_doubt(odds):
    assert owners([hand(owner=1, one=(odds, -8))]) == [(1, RIGHT)]


def test_of_two_right_hands_the_likelier_one_is_had_and_the_other_is_who_elses_it_can_be():
    both = [hand(one=(6, -8), two=(4, -8)), hand(one=(5, -8), two=(-8, -8))]
    assert owners(both) == [(2, RIGHT), (1, RIGHT)]
    assert owners([hand(one=(6, -8)), hand(one=(5, -8))]) == [(1, RIGHT), None]


def test_a_second_hand_is_the_other_side_if_it_can_be():
    assert owners([hand(one=(6, 3)), hand(one=(5, 5.5)), hand(one=(2, 1))]) == [(1, RIGHT), (1, LEFT), None]


def test_no_hands_have_no_owners():
    assert owners([]) == []


def test_a_hand_that_was_seen_beside_somebodys_right_hand_is_not_that_when_the_other_goes():
    own, other = hand(one=(6, -8)), hand(one=(2, -8))
    bar([own, other], owners([own, other]), now_ns=0)
    assert owners([other]) == [None]
    assert owners([own]) == [(1, RIGHT)]
    other.examined_ns = 10_000_000_000
    bar([other], [None], now_ns=10_000_000_000)
    assert owners([other]) == [(1, RIGHT)]
