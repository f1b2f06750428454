import itertools
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perception_cli.read_ahead import read_ahead

PATIENCE_S = 30


@given(st.lists(st.none() | st.integers()), st.integers(1, 5))
def test_all_items_come_in_their_order(items, count):
    assert list(read_ahead(items, count)) == items


def test_the_next_item_is_taken_while_the_caller_works():
    taken = [threading.Event() for _ in range(3)]

    def items():
        for event in taken:
            event.set()
            yield event

    ahead = read_ahead(items(), 2)
    next(ahead)
    assert taken[1].wait(PATIENCE_S) and taken[2].wait(PATIENCE_S)
    ahead.close()


def test_no_more_are_taken_than_may_wait():
    taken = []
    ahead = read_ahead((taken.append(k) for k in itertools.count()), 3)
    next(ahead)
    ahead.close()  # waits for the one that is being taken
    assert len(taken) <= 4


def test_an_error_comes_where_the_item_would_have_come():
    def items():
        yield 1
        raise OSError("the disk is gone")

    ahead = read_ahead(items(), 3)
    assert next(ahead) == 1
    with pytest.raises(OSError, match="the disk is gone"):
        next(ahead)


def test_closed_it_leaves_no_thread_behind():
    before = threading.active_count()
    ahead = read_ahead(itertools.count(), 3)
    next(ahead)
    ahead.close()
    assert threading.active_count() == before
