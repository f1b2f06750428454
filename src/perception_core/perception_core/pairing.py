"""Which depth image belongs to which colour image, when each comes by its own way."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Generic, TypeVar

from perception_core.stamps import JUMP_BACK_NS

C = TypeVar("C")
D = TypeVar("D")
P = TypeVar("P")

_PATIENCE = 2  # so many newer colour images may come before one is handed on without its depth
_DEPTHS_KEPT = 4


@dataclass(frozen=True, slots=True, eq=False)
class _Stamped(Generic[P]):
    stamp_ns: int
    payload: P


class StampPairing(Generic[C, D]):
    """Pairs colour with depth by stamp, as soon as it can be done; not safe to use from several threads.

    A colour image waits for its depth only as long as depth comes at all, and never longer than until a newer colour
    image is paired or two newer ones have come. So it is late by at most two frames, and without depth not at all.

    Args:
        slop_s: Stamps that differ by at most this belong together; less than half the time between two frames.
        alive_s: Depth comes if its newest stamp is at most this far from the newest colour stamp.
        expect_depth: Depth is known to come although none has come yet.

    Attributes:
        expect_depth: Likewise; may be changed at any time.
        unpaired_colour: How many colour images were handed on without depth.
        unpaired_depth: How many depth images found no colour image.
        jumps: How many times the stamps jumped back.
    """

    def __init__(self, slop_s: float = 0.015, alive_s: float = 0.5, expect_depth: bool = False) -> None:
        if not 0 <= slop_s <= alive_s:
            raise ValueError(f"pairing needs 0 <= slop_s <= alive_s, got slop_s={slop_s}, alive_s={alive_s}")
        self._slop_ns, self._alive_ns = round(slop_s * 1e9), round(alive_s * 1e9)
        self.expect_depth = expect_depth
        self._colours: deque[_Stamped[C]] = deque()
        self._depths: deque[_Stamped[D]] = deque()
        self._newest_colour_ns: int | None = None
        self._newest_depth_ns: int | None = None
        self.unpaired_colour = 0
        self.unpaired_depth = 0
        self.jumps = 0

    def add_colour(self, stamp_ns: int, payload: C) -> list[tuple[C, D | None]]:
        """Takes a colour image.

        Returns:
            Colour images that wait no longer, in the order in which they came, each with its depth or None.
        """
        finished = self._start_anew() if self._is_jump(stamp_ns, self._newest_colour_ns) else []
        self._newest_colour_ns = stamp_ns
        depth = self._closest(self._depths, stamp_ns)
        self._colours.append(_Stamped(stamp_ns, payload))
        if depth is not None:
            self._depths.remove(depth)
            finished += self._hand_on(len(self._colours) - 1)
            finished.append((self._colours.popleft().payload, depth.payload))
        elif not self._depth_is_alive():
            finished += self._hand_on(len(self._colours))
        else:
            finished += self._hand_on(len(self._colours) - _PATIENCE)
        self._forget_old_depth(stamp_ns)
        return finished

    def add_depth(self, stamp_ns: int, payload: D) -> list[tuple[C, D | None]]:
        """Takes a depth image.

        Returns:
            Colour images that wait no longer, in the order in which they came, each with its depth or None.
        """
        finished = self._start_anew() if self._is_jump(stamp_ns, self._newest_depth_ns) else []
        self._newest_depth_ns = stamp_ns
        colour = self._closest(self._colours, stamp_ns)
        if colour is not None:
            finished += self._hand_on(self._colours.index(colour))
            finished.append((self._colours.popleft().payload, payload))
            return finished
        self._depths.append(_Stamped(stamp_ns, payload))
        if self._newest_colour_ns is not None:
            self._forget_old_depth(self._newest_colour_ns)
        while len(self._depths) > _DEPTHS_KEPT:
            self._depths.popleft()
            self.unpaired_depth += 1
        return finished

    def release(self) -> list[tuple[C, D | None]]:
        """Hands on all colour images that still wait, in their order: nothing more is to come."""
        return self._hand_on(len(self._colours))

    def _is_jump(self, stamp_ns: int, newest_ns: int | None) -> bool:
        return newest_ns is not None and stamp_ns < newest_ns - JUMP_BACK_NS

    def _start_anew(self) -> list[tuple[C, D | None]]:
        """Hands on all colour and drops all depth of the time before a jump."""
        self.jumps += 1
        self.unpaired_depth += len(self._depths)
        self._depths.clear()
        self._newest_colour_ns = self._newest_depth_ns = None
        return self.release()

    def _hand_on(self, count: int) -> list[tuple[C, D | None]]:
        """The oldest colour images, without depth."""
        finished: list[tuple[C, D | None]] = []
        for _ in range(count):
            finished.append((self._colours.popleft().payload, None))
        self.unpaired_colour += len(finished)
        return finished

    def _closest(self, waiting: deque[_Stamped[P]], stamp_ns: int) -> _Stamped[P] | None:
        """Within the slop; of equally close ones the newest."""
        closest: _Stamped[P] | None = None
        least_ns = self._slop_ns
        for candidate in waiting:
            apart_ns = abs(candidate.stamp_ns - stamp_ns)
            if apart_ns <= least_ns:
                closest, least_ns = candidate, apart_ns
        return closest

    def _depth_is_alive(self) -> bool:
        colour_ns, depth_ns = self._newest_colour_ns, self._newest_depth_ns
        if colour_ns is None or depth_ns is None:
            return self.expect_depth
        return abs(colour_ns - depth_ns) <= self._alive_ns

    def _forget_old_depth(self, colour_ns: int) -> None:
        """Drops depth that no colour image to come can belong to."""
        kept = [depth for depth in self._depths if depth.stamp_ns >= colour_ns - self._slop_ns]
        self.unpaired_depth += len(self._depths) - len(kept)
        self._depths = deque(kept)
