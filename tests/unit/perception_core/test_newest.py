import threading

from hypothesis import given
from hypothesis import strategies as st

from perception_core.newest import NewestOnly


def test_a_thing_that_was_not_taken_gives_way_to_the_next_and_is_counted():
    newest = NewestOnly[int]()
    for number in range(5):
        newest.put(number)
    assert newest.take() == 4
    assert newest.dropped == 4


def test_whether_a_thing_lay_there_is_known():
    newest = NewestOnly[int]()
    newest.put(1)
    newest.take()
    assert newest.waited
    worker = threading.Thread(target=newest.take)
    worker.start()
    while newest._room == 1 and worker.is_alive():  # until it waits
        pass
    newest.put(2)
    worker.join(timeout=10)
    assert not newest.waited


def test_closing_wakes_who_waits():
    newest = NewestOnly[int]()
    taken = []
    waiting = threading.Thread(target=lambda: taken.append(newest.take()))
    waiting.start()
    newest.close()
    waiting.join(timeout=10)
    assert taken == [None]


def test_what_waits_at_the_end_is_neither_taken_nor_called_dropped():
    newest = NewestOnly[int]()
    newest.put(1)
    newest.close()
    assert newest.take() is None
    assert newest.dropped == 0


def test_who_waits_misses_neither_of_two_things_that_come_at_once():
    newest = NewestOnly[int]()
    taken = []
    worker = threading.Thread(target=lambda: taken.extend([newest.take(), newest.take()]), daemon=True)
    worker.start()
    while newest._room == 1 and worker.is_alive():  # until it waits
        pass
    newest.put(1)
    newest.put(2)
    worker.join(timeout=10)
    assert taken == [1, 2] and newest.dropped == 0


@given(st.lists(st.booleans()))
def test_every_thing_is_taken_dropped_or_waiting(puts):
    newest = NewestOnly[int]()
    put = taken = 0
    waiting = False
    for is_put in puts:
        if is_put:
            newest.put(put)
            put, waiting = put + 1, True
        elif waiting:
            assert newest.take() == put - 1
            taken, waiting = taken + 1, False
    assert taken + newest.dropped + waiting == put
