"""Log lines that say a condition once when it begins, and not on every frame."""

from __future__ import annotations

import time
from collections.abc import Callable

from rclpy.impl.rcutils_logger import RcutilsLogger


class Notices:
    """Says each condition once until it has ended."""

    def __init__(self, logger: RcutilsLogger, clock: Callable[[], float] = time.monotonic) -> None:
        self._logger = logger
        self._clock = clock
        self._began: dict[str, float] = {}
        self._said: dict[str, str] = {}

    def begins(self, condition: str, text: str, after_s: float = 0.0) -> None:
        """Warns, unless this was the last thing said of the condition.

        Args:
            condition: What the text is about, such as "depth".
            text: What is wrong, and what to do.
            after_s: Not before the condition has lasted so long, in seconds.
        """
        lasted_s = self._clock() - self._began.setdefault(condition, self._clock())
        if lasted_s >= after_s and self._said.get(condition) != text:
            self._said[condition] = text
            self._logger.warning(text)

    def ends(self, condition: str) -> None:
        """The condition is over; the next time it is said again."""
        self._began.pop(condition, None)
        self._said.pop(condition, None)

    def standing(self) -> list[str]:
        """What was said and has not ended."""
        return list(self._said.values())
