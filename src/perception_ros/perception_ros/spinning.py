"""Running nodes until the process is told to end, and ending them in order."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TypeVar

import rclpy
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

N = TypeVar("N", bound=Node)


@contextmanager
def spinning(make_nodes: Callable[[], Sequence[N]]) -> Iterator[Sequence[N]]:
    """Makes nodes and runs their callbacks on a thread of its own while the body runs.

    rclpy's own signal handlers end ROS under the executor's feet, which raises now and then and leaves no time for last
    messages. Here SIGINT and SIGTERM end the body, then the executor, the nodes, and ROS, in this order.

    Args:
        make_nodes: Called after ROS has been initialised.

    Yields:
        The nodes.

    Raises:
        BaseException: What a callback raised; or KeyboardInterrupt if the nodes were still being made.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    executor = SingleThreadedExecutor()
    nodes: Sequence[N] = []
    failures: list[BaseException] = []
    thread = threading.Thread(target=_spin, args=(executor, failures), name="executor")
    try:
        nodes = make_nodes()
        for node in nodes:
            executor.add_node(node)
        thread.start()
        with suppress(KeyboardInterrupt):
            yield nodes
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not cut the end short
        executor.shutdown()
        if thread.is_alive():
            thread.join()
        for node in nodes:
            node.destroy_node()
        rclpy.try_shutdown()
    if failures:
        raise failures[0]


def wait_for_the_end() -> None:
    """Blocks until SIGINT or SIGTERM."""
    threading.Event().wait()


def _spin(executor: SingleThreadedExecutor, failures: list[BaseException]) -> None:
    try:
        with suppress(ExternalShutdownException):
            executor.spin()
    except BaseException as error:  # noqa: BLE001 - raised again on the main thread
        failures.append(error)
        main_thread = threading.main_thread().ident
        assert main_thread is not None
        signal.pthread_kill(main_thread, signal.SIGTERM)
