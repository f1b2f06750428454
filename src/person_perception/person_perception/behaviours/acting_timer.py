"""Has a behaviour act at every period, by a clock that stands for nobody, and brings the robot to rest if it fails."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

from rclpy.clock import Clock
from rclpy.node import Node

from person_perception.behaviours.parameters import PERIOD_S

_REPEAT_FAILURE_S = 5.0


class ActingTimer:
    """Acts from `open` to `close`, and whenever `__call__` says that there is news."""

    def __init__(self, node: Node, wall: Clock, act: Callable[[], None], failed: Callable[[], None]) -> None:
        """Prepares.

        Args:
            node: Whose executor runs it.
            wall: A steady clock.
            act: What is to be done.
            failed: Called where that raised something: has to bring the robot to rest, and the behaviour to its start.
        """
        self._node, self._wall, self._act, self._failed = node, wall, act, failed
        self._timer: Any = None

    def open(self) -> None:
        """Acts from now on."""
        self._timer = self._node.create_timer(PERIOD_S, self, clock=self._wall)

    def close(self) -> None:
        """Acts no more."""
        if self._timer is not None:
            self._node.destroy_timer(self._timer)
            self._timer = None

    def __call__(self) -> None:
        """Acts now."""
        if self._timer is None:
            return
        try:
            self._act()
        except Exception:  # noqa: BLE001 - whatever it is, the robot rests; logged in full
            self._failed()
            self._node.get_logger().error(
                f"the behaviour failed, and begins anew:\n{traceback.format_exc()}",
                throttle_duration_sec=_REPEAT_FAILURE_S,
            )
