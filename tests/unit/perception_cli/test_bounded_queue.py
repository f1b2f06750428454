import threading

import pytest

from perception_cli.bounded_queue import BoundedQueue

PATIENCE_S = 30


@pytest.mark.parametrize(("size", "fit"), [(0, 5), (10, 5), (25, 4), (100, 1), (1000, 1)])
def test_it_is_full_by_number_or_by_bytes_and_one_always_fits(size, fit):
    queue = BoundedQueue(5, most_bytes=100)
    appended = [queue.put(k, size, wait=False) for k in range(10)]
    assert appended == [True] * fit + [False] * (10 - fit)
    assert [queue.get() for _ in range(fit)] == list(range(fit)) and queue.empty()


def test_who_puts_waits_until_there_is_room():
    queue = BoundedQueue(5, most_bytes=100)
    queue.put("large", 1000)
    waiting = threading.Thread(target=queue.put, args=("next", 1))
    waiting.start()
    assert queue.get() == "large" and queue.get() == "next"
    waiting.join(PATIENCE_S)
    assert not waiting.is_alive()


def test_closed_it_keeps_nobody_waiting_and_gives_what_it_has():
    queue = BoundedQueue(1)
    queue.put("first", 0)
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(queue.put("second", 0)))
    waiting.start()
    queue.close()
    waiting.join(PATIENCE_S)
    assert answers == [False] and queue.get() == "first" and not queue.wait_for_room()
