"""What two nodes have found in the same frames, brought together by stamp."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from perception_core.stamps import JUMP_BACK_NS

_PATIENCE_S = 1.0

F = TypeVar("F")
H = TypeVar("H")
E = TypeVar("E")


@dataclass(frozen=True)  # with slots, Python 3.11 cannot make one by an alias that names its types
class PairedFrame(Generic[F, H, E]):
    """What was found in one frame.

    Attributes:
        stamp_ns: Of the frame.
        faces: None where the face node did not work on it.
        hands: None where the gesture node did not work on it.
        events: Gestures that began, went on or ended with it.
        latency_ms: From its stamp until all of this had come; NaN where the stamps do not tell.
    """

    stamp_ns: int
    faces: F | None = None
    hands: H | None = None
    events: tuple[E, ...] = ()
    latency_ms: float = math.nan

    @property
    def complete(self) -> bool:
        """Whether both nodes have worked on it."""
        return self.faces is not None and self.hands is not None


class FramePairing(Generic[F, H, E]):
    """Holds a frame until both nodes have told of it, or the other one is beyond it or too far behind.

    Attributes:
        both: Whether there are two nodes. With one alone no frame waits.
        patience_s: A node that is so far behind the other one, in seconds by the stamps, is not waited for.
    """

    def __init__(self, *, both: bool, patience_s: float = _PATIENCE_S) -> None:
        """Nothing has come yet.

        Args:
            both: Whether there are two nodes.
            patience_s: See above.
        """
        self.both = both
        self.patience_s = patience_s
        self._waiting: dict[int, PairedFrame[F, H, E]] = {}
        self._events: list[tuple[int, E]] = []
        self._newest_ns: dict[str, int] = {}

    def add_faces(self, stamp_ns: int, faces: F, latency_ms: float) -> list[PairedFrame[F, H, E]]:
        """Takes the faces of a frame; gives the frames that wait no longer, the earliest first."""
        ended = self._begin("faces", stamp_ns, latency_ms)
        self._waiting[stamp_ns] = replace(self._waiting[stamp_ns], faces=faces)
        return ended + self._finished()

    def add_hands(self, stamp_ns: int, hands: H, latency_ms: float) -> list[PairedFrame[F, H, E]]:
        """Takes the hands of a frame; gives the frames that wait no longer, the earliest first."""
        ended = self._begin("hands", stamp_ns, latency_ms)
        self._waiting[stamp_ns] = replace(self._waiting[stamp_ns], hands=hands)
        return ended + self._finished()

    def add_event(self, stamp_ns: int, event: E) -> None:
        """Takes what a frame has decided; it goes with that frame, or with the next one if it comes later."""
        self._events.append((stamp_ns, event))

    def flush(self) -> list[PairedFrame[F, H, E]]:
        """All that waits, the earliest first: nothing more is to come."""
        return [self._taken(stamp_ns) for stamp_ns in sorted(self._waiting)]

    def _begin(self, of: str, stamp_ns: int, latency_ms: float) -> list[PairedFrame[F, H, E]]:
        """Makes room for a frame; where time has jumped back, gives all those before."""
        ended: list[PairedFrame[F, H, E]] = []
        if stamp_ns < self._newest_ns.get(of, stamp_ns) - JUMP_BACK_NS:
            ended = self.flush()
            self._newest_ns.clear()
            self._events = [(of_ns, event) for of_ns, event in self._events if of_ns <= stamp_ns]
        self._newest_ns[of] = stamp_ns
        before: PairedFrame[F, H, E] = self._waiting.get(stamp_ns, PairedFrame(stamp_ns))
        later_ms = latency_ms if math.isnan(before.latency_ms) else max(before.latency_ms, latency_ms)
        self._waiting[stamp_ns] = replace(before, latency_ms=later_ms)
        return ended

    def _finished(self) -> list[PairedFrame[F, H, E]]:
        finished = []
        for stamp_ns in sorted(self._waiting):
            if self._waits(self._waiting[stamp_ns]):
                break
            finished.append(self._taken(stamp_ns))
        return finished

    def _waits(self, frame: PairedFrame[F, H, E]) -> bool:
        if frame.complete or not self.both:
            return False
        missing = "faces" if frame.faces is None else "hands"
        is_passed = self._newest_ns.get(missing, frame.stamp_ns) > frame.stamp_ns
        return not is_passed and max(self._newest_ns.values()) - frame.stamp_ns <= self.patience_s * 1e9

    def _taken(self, stamp_ns: int) -> PairedFrame[F, H, E]:
        due = tuple(event for of_ns, event in self._events if of_ns <= stamp_ns)
        self._events = [(of_ns, event) for of_ns, event in self._events if of_ns > stamp_ns]
        return replace(self._waiting.pop(stamp_ns), events=due)
