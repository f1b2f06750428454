"""Depth for pictures that come late: what was found is drawn into them first, which takes long on a busy machine."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Generic, TypeVar

from perception_core.stamps import JUMP_BACK_NS

P = TypeVar("P")
D = TypeVar("D")

_SLOP_NS = 20_000_000
_STANDS_IN_NS = 500_000_000  # what moved within half a second is still about there
_PATIENCE = 2  # so many newer pictures may come before one is shown without its own depth
_BYTES_KEPT = 64 << 20  # of 640x480, 16 bits: three and a half seconds at 30 Hz
_MOST_KEPT = 256


@dataclass(frozen=True, slots=True, eq=False)
class _Kept(Generic[D]):
    stamp_ns: int
    depth: D
    size: int


class LatePictures(Generic[P, D]):
    """Finds the depth for each picture by stamp among that of the last seconds; not safe to use from several threads.

    A picture waits only for depth that is still to come: as long as depth comes at all, and until a newer one is there
    or two newer pictures are. Where its own is missing, the nearest earlier one stands in if it is recent.
    """

    def __init__(self) -> None:
        """Nothing has come yet."""
        self._pictures: deque[tuple[int, P]] = deque()
        self._kept: deque[_Kept[D]] = deque(maxlen=_MOST_KEPT)
        self._bytes = 0

    def add_picture(self, stamp_ns: int, picture: P) -> list[tuple[P, D | None]]:
        """Takes a picture.

        Returns:
            Pictures that wait no longer, in the order in which they came, each with its depth or None.
        """
        finished: list[tuple[P, D | None]] = []
        if self._pictures and stamp_ns < self._pictures[-1][0] - JUMP_BACK_NS:
            finished = [self._next() for _ in range(len(self._pictures))]
        self._pictures.append((stamp_ns, picture))
        return finished + self._finished()

    def add_depth(self, stamp_ns: int, depth: D, size: int) -> list[tuple[P, D | None]]:
        """Takes a depth image.

        Args:
            stamp_ns: Of the image; when it jumps back, all earlier images are forgotten.
            depth: The image.
            size: Its bytes.

        Returns:
            As of `add_picture`.
        """
        finished: list[tuple[P, D | None]] = []
        if self._kept and stamp_ns < self._kept[-1].stamp_ns - JUMP_BACK_NS:
            finished = [self._next() for _ in range(len(self._pictures))]
            self._kept.clear()
            self._bytes = 0
        if len(self._kept) == _MOST_KEPT:
            self._forget_oldest()
        self._kept.append(_Kept(stamp_ns, depth, size))
        self._bytes += size
        while self._bytes > _BYTES_KEPT and len(self._kept) > 1:
            self._forget_oldest()
        return finished + self._finished()

    def _forget_oldest(self) -> None:
        self._bytes -= self._kept.popleft().size

    def _finished(self) -> list[tuple[P, D | None]]:
        finished = []
        while self._pictures and (len(self._pictures) > _PATIENCE or not self._is_to_come(self._pictures[0][0])):
            finished.append(self._next())
        return finished

    def _is_to_come(self, stamp_ns: int) -> bool:
        """Whether depth of a stamp may be under way."""
        return not self._kept or _SLOP_NS < stamp_ns - self._kept[-1].stamp_ns <= _STANDS_IN_NS

    def _next(self) -> tuple[P, D | None]:
        stamp_ns, picture = self._pictures.popleft()
        return picture, self._closest(stamp_ns)

    def _closest(self, stamp_ns: int) -> D | None:
        own = min(self._kept, key=lambda kept: abs(kept.stamp_ns - stamp_ns), default=None)
        if own is not None and abs(own.stamp_ns - stamp_ns) <= _SLOP_NS:
            return own.depth
        earlier = [kept for kept in self._kept if 0 < stamp_ns - kept.stamp_ns <= _STANDS_IN_NS]
        return max(earlier, key=lambda kept: kept.stamp_ns).depth if earlier else None
