"""Frames at the pace at which they were taken."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from perception_core.frame import RgbdFrame

_LONGEST_GAP_S = 10.0  # a longer one is a clock that was set, or a pause that nobody wants to sit through


def paced(
    frames: Iterator[RgbdFrame], wait: Callable[[float], bool], clock: Callable[[], float] = time.monotonic
) -> Iterator[RgbdFrame]:
    """Hands on each frame when its stamp says, counted from the first; late ones at once, so that delays do not add up.

    Stamps that jump back, or forward by more than ten seconds, start the count anew with the frame that jumps.

    Args:
        frames: Ends the result when they end.
        wait: Waits for so many seconds, and returns True if there shall be no more frames.
        clock: Seconds.
    """
    began_s, first_ns, newest_ns = clock(), None, 0
    for frame in frames:
        step_s = (frame.stamp_ns - newest_ns) / 1e9
        if first_ns is None or not 0 <= step_s <= _LONGEST_GAP_S:
            began_s, first_ns = clock(), frame.stamp_ns
        newest_ns = frame.stamp_ns
        if wait(max(0.0, began_s + (frame.stamp_ns - first_ns) / 1e9 - clock())):
            return
        yield frame
