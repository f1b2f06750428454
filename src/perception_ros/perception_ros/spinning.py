"""Running nodes until the process is told to end, and ending them in order."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from perception_ros.executor_thread import ExecutorThread

_RCL_PREFIX, _RCL_PLACE = "failed to initialize rcl: ", ", at /"

N = TypeVar("N", bound=Node)


class StartError(RuntimeError):
    """ROS does not begin with the arguments that the process was given, such as a params file that is no YAML."""


class Ending:
    """Whether the process is to end; can be asked for by a signal handler at any moment, unlike a `threading.Event`."""

    def __init__(self) -> None:
        self.asked = False
        self._read, self._write = os.pipe()

    def ask(self, *_signal: object) -> None:
        """From now on the process is to end."""
        self.asked = True
        os.write(self._write, b".")

    def wait(self, seconds: float | None = None) -> bool:
        """Waits until it is asked for, at most so many seconds; tells whether it is."""
        if not self.asked:
            select.select([self._read], [], [], seconds)
        return self.asked


@contextmanager
def spinning(make_nodes: Callable[[], Sequence[N]]) -> Iterator[tuple[Sequence[N], Ending]]:
    """Makes nodes and runs their callbacks on a thread of its own while the body runs.

    rclpy's own signal handlers end ROS under the executor's feet, which raises now and then and leaves no time for last
    messages; an exception raised by a handler inside of rclpy's C++ comes out as another one. Here SIGINT and SIGTERM
    ask for the end, and the body has to heed it; then end the executor, the nodes, and ROS, in this order.

    Args:
        make_nodes: Called after ROS has been initialised.

    Yields:
        The nodes, and whether the process is to end.

    Raises:
        StartError: The process's arguments for ROS cannot be used.
        BaseException: What a callback raised; or KeyboardInterrupt if the nodes were still being made.
    """
    ending = Ending()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    except rclpy_implementation.RCLError as error:
        # What rcl says ends with the places in its source.
        reason = str(error).removeprefix(_RCL_PREFIX).partition(_RCL_PLACE)[0]
        raise StartError(reason) from error
    executor = SingleThreadedExecutor()
    nodes: Sequence[N] = []
    failures: list[BaseException] = []
    thread: ExecutorThread | None = None

    def failed(error: BaseException) -> None:
        failures.append(error)  # raised again on the main thread
        ending.ask()

    try:
        nodes = make_nodes()
        for node in nodes:
            executor.add_node(node)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, ending.ask)
        thread = ExecutorThread(executor, nodes[0], "executor", failed)
        thread.start()
        yield nodes, ending
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not cut the end short
        if thread is not None:
            thread.stop()
        else:
            executor.shutdown()
        for node in nodes:
            node.destroy_node()
        rclpy.try_shutdown()
    if failures:
        raise failures[0]
