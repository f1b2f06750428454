"""A thread that runs callbacks, and ends between two of them.

An executor that is shut down while it runs a callback loses what it needs at the callback's end, and raises now and
then. Here the thread ends first, and then the executor.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node


class ExecutorThread:
    """Runs an executor's callbacks from `start` to `stop`."""

    def __init__(self, executor: Any, node: Node, name: str, failed: Callable[[BaseException], None]) -> None:
        """Prepares.

        Args:
            executor: Of rclpy; is shut down by `stop`.
            node: One of its nodes.
            name: Of the thread.
            failed: Told, on the thread, what a callback raised; no further one is run then.
        """
        self._executor, self._failed = executor, failed
        # Where an executor has several threads, its own shutdown does not wait for them.
        self._pool: ThreadPoolExecutor | None = getattr(executor, "_executor", None)
        self._over = threading.Event()
        # Being woken by it, the executor looks up from waiting; its own `wake` only lets it wait anew.
        self._wake: Any = node.create_guard_condition(_nothing, ReentrantCallbackGroup())
        self._thread = threading.Thread(target=self._spin, name=name, daemon=True)

    def start(self) -> None:
        """Runs callbacks from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Waits for the callbacks in work, and ends the executor."""
        self._over.set()
        if self._thread.is_alive():
            self._wake.trigger()
            self._thread.join()
        if self._pool is not None:
            self._pool.shutdown()
        self._executor.shutdown()

    def _spin(self) -> None:
        try:
            with suppress(ExternalShutdownException):
                while not self._over.is_set():
                    self._executor.spin_once()
        except BaseException as error:  # noqa: BLE001 - for whoever started the thread
            self._failed(error)


def _nothing() -> None:
    """What is to be done when the executor has woken."""
