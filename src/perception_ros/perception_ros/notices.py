"""Log lines that say a condition once when it begins, and not on every frame."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable

from rclpy.impl.rcutils_logger import RcutilsLogger

from perception_core.wording import printable

_SAY_AGAIN_S = 10.0  # what comes and goes with every other frame must not fill the log
_NUMBER = re.compile(r"\d+")
_QUOTED = re.compile(r"(?<!\w)(['\"]).*\1(?!\w)", re.DOTALL)  # not between the apostrophes of two words
_LONGEST = 600  # letters; somebody may send a megabyte where a word belongs


class Notices:
    """Says each condition once until it has ended.

    Texts that differ only in their numbers, and in what they quote, are the same: a file that is cut off has another
    length in every frame. What is quoted may come from anybody: it is made printable, and cut.
    """

    def __init__(self, logger: RcutilsLogger, clock: Callable[[], float] = time.monotonic) -> None:
        self._logger = logger
        self._clock = clock
        self._began: dict[str, float] = {}
        self._standing: dict[str, str] = {}
        self._said_at: dict[str, float] = {}

    def begins(self, condition: str, text: str, after_s: float = 0.0) -> None:
        """Warns, unless this was the last thing said of the condition, or was said within the last ten seconds.

        Args:
            condition: What the text is about, such as "depth".
            text: What is wrong, and what to do.
            after_s: Not before the condition has lasted so long, in seconds.
        """
        text, now = _shortened(printable(text)), self._clock()
        last = self._standing.get(condition)
        if now - self._began.setdefault(condition, now) < after_s or text == last:
            return
        self._standing[condition] = text
        kind = _kind(text)
        if last is not None and _kind(last) == kind:
            return
        if now - self._said_at.get(kind, -math.inf) >= _SAY_AGAIN_S:
            self._said_at = {each: at for each, at in self._said_at.items() if now - at < _SAY_AGAIN_S} | {kind: now}
            self._logger.warning(text)

    def ends(self, condition: str) -> None:
        """The condition is over; the next time it is said again."""
        self._began.pop(condition, None)
        self._standing.pop(condition, None)

    def standing(self) -> list[str]:
        """What is wrong and has not ended."""
        return list(self._standing.values())


def _kind(text: str) -> str:
    return _NUMBER.sub("#", _QUOTED.sub("''", text))


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."
