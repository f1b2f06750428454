"""Ending an executor's thread at any moment."""

import threading

import pytest
import rclpy
from rclpy.executors import MultiThreadedExecutor, SingleThreadedExecutor

from perception_ros.executor_thread import ExecutorThread

from .conftest import PATIENCE_S

EXECUTORS = [SingleThreadedExecutor, lambda: MultiThreadedExecutor(2)]


class Ticking:
    """A node whose timer calls something, on a thread of its own."""

    def __init__(self, executor, tick, told=lambda: None):
        self.node = rclpy.create_node("ticking")
        self.node.create_timer(0.001, tick)
        executor.add_node(self.node)
        self.failures = []
        self.thread = ExecutorThread(
            executor, self.node, "ticking", lambda error: (self.failures.append(error), told())
        )
        self.thread.start()

    def end(self):
        self.thread.stop()
        self.node.destroy_node()


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_callback_in_work_is_waited_for_and_none_comes_after(graph, executor):
    begun, ended, ticks = threading.Event(), threading.Event(), []

    def tick():
        begun.set()
        ended.wait(PATIENCE_S)
        ticks.append(1)

    ticking = Ticking(executor(), tick)
    assert begun.wait(PATIENCE_S)
    threading.Timer(0.05, ended.set).start()
    ticking.end()
    seen = len(ticks)
    assert seen >= 1 and ticking.failures == []
    assert len(ticks) == seen


@pytest.mark.parametrize("executor", EXECUTORS)
def test_it_ends_at_any_moment(graph, executor):
    for _ in range(8):
        ticked = threading.Event()
        ticking = Ticking(executor(), ticked.set)
        assert ticked.wait(PATIENCE_S)
        ticking.end()
        assert ticking.failures == []


def test_it_ends_where_nothing_ever_happens(graph):
    node = rclpy.create_node("idle")
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    thread = ExecutorThread(executor, node, "idle", pytest.fail)
    thread.start()
    thread.stop()
    node.destroy_node()


def test_what_a_callback_raises_is_told_and_ends_the_thread(graph):
    def fail():
        raise RuntimeError("on purpose")

    told = threading.Event()
    ticking = Ticking(SingleThreadedExecutor(), fail, told.set)
    assert told.wait(PATIENCE_S)
    ticking.end()
    assert [str(error) for error in ticking.failures] == ["on purpose"]
