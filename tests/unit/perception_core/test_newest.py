import threading

from hypothesis import given
from hypothesis import strategies as st

from perception_core.newest import NewestOnly


def flooded():
    """Somebody who is behind all the time; the next thing is number 100."""
    newest = NewestOnly[int]()
    for number in range(0, 100, 2):
        newest.put(number)
        newest.put(number + 1)
        newest.take()
    return newest


def test_a_thing_that_was_not_taken_gives_way_to_the_next_and_is_counted():
    newest = flooded()
    before = newest.dropped
    for number in range(100, 105):
        newest.put(number)
    assert newest.take() == 104
    assert newest.dropped == before + 4


def test_who_stood_still_for_a_moment_catches_up():
    newest = NewestOnly[int]()
    for number in range(30):
        newest.put(3 * number)
        newest.put(3 * number + 1)
        assert [newest.take(), newest.take()] == [3 * number, 3 * number + 1]
        if number % 4 == 3:
            worker = threading.Thread(target=newest.take)
            wait_with(newest, worker)
            newest.put(3 * number + 2)
            worker.join(timeout=10)
    assert newest.dropped == 0


def test_who_is_behind_for_long_gets_the_newest_until_it_has_caught_up():
    newest = flooded()
    newest.put(100)
    newest.put(101)
    assert newest.take() == 101
    worker = threading.Thread(target=newest.take)
    wait_with(newest, worker)
    newest.put(102)
    worker.join(timeout=10)
    before = newest.dropped
    newest.put(103)
    newest.put(104)
    assert [newest.take(), newest.take()] == [103, 104] and newest.dropped == before


def wait_with(newest, worker):
    """Starts the worker, and waits until it waits."""
    room = newest._room
    worker.start()
    while newest._room == room and worker.is_alive():
        pass


def test_whether_a_thing_lay_there_is_known():
    newest = NewestOnly[int]()
    newest.put(1)
    newest.take()
    assert newest.waited
    worker = threading.Thread(target=newest.take)
    wait_with(newest, worker)
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
    wait_with(newest, worker)
    newest.put(1)
    newest.put(2)
    worker.join(timeout=10)
    assert taken == [1, 2] and newest.dropped == 0


@given(st.lists(st.booleans()))
def test_every_thing_is_taken_dropped_or_waiting(puts):
    newest = NewestOnly[int]()
    put, taken = 0, []
    for is_put in puts:
        if is_put:
            newest.put(put)
            put += 1
        elif newest._things:
            taken.append(newest.take())
    assert len(taken) + newest.dropped + len(newest._things) == put
    assert taken == sorted(taken)
    assert put == 0 or put - 1 in (*taken, *newest._things)
