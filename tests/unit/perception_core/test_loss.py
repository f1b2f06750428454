"""What was published and did not arrive."""

from hypothesis import given
from hypothesis import strategies as st

from perception_core.loss import LossCounter


def count(sequences):
    counter = LossCounter()
    for sequence in sequences:
        counter.received(sequence)
    return counter.lost


@given(st.sets(st.integers(0, 10_000), min_size=1))
def test_received_and_lost_are_all_that_was_published_from_first_to_last(sequences):
    assert len(sequences) + count(sorted(sequences)) == max(sequences) - min(sequences) + 1


def test_what_came_before_the_first_message_is_not_lost():
    assert count([700, 701]) == 0


def test_a_publisher_that_starts_anew_has_lost_nothing():
    assert count([500, 501, 1, 2]) == 0


def test_a_gap_after_a_new_beginning_counts():
    assert count([500, 1, 4]) == 2


def test_another_publisher_with_higher_numbers_has_lost_nothing():
    counter = LossCounter()
    counter.received(5)
    counter.begin_anew()
    counter.received(900)
    assert counter.lost == 0
