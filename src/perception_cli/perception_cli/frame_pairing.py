"""What two nodes have found in the same frames, brought together by stamp."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from face_perception.face import Face
from gesture_perception.gesture_events import GestureEvent
from gesture_perception.hand import Hand
from perception_core.stamps import JUMP_BACK_NS

_PATIENCE_NS = 1_000_000_000  # a node that is so far behind the other one is not waited for


@dataclass(frozen=True, slots=True)
class SeenFrame:
    """What was found in one frame.

    Attributes:
        stamp_ns: Of the frame.
        faces: Nearest first; None where the face node did not work on it.
        hands: Nearest first; None where the gesture node did not work on it.
        events: Gestures that began, went on or ended with it.
        latency_ms: From its stamp until all of this had come; NaN where the stamps do not tell.
    """

    stamp_ns: int
    faces: list[Face] | None = None
    hands: list[Hand] | None = None
    events: tuple[GestureEvent, ...] = ()
    latency_ms: float = math.nan

    @property
    def complete(self) -> bool:
        """Whether both nodes have worked on it."""
        return self.faces is not None and self.hands is not None


class FramePairing:
    """Holds a frame until both nodes have told of it, or the other one is beyond it or too far behind.

    Attributes:
        both: Whether there are two nodes. With one alone no frame waits.
    """

    def __init__(self, *, both: bool) -> None:
        """Nothing has come yet.

        Args:
            both: Whether there are two nodes.
        """
        self.both = both
        self._waiting: dict[int, SeenFrame] = {}
        self._events: list[tuple[int, GestureEvent]] = []
        self._newest_ns: dict[str, int] = {}

    def add_faces(self, stamp_ns: int, faces: list[Face], latency_ms: float) -> list[SeenFrame]:
        """Takes the faces of a frame; gives the frames that wait no longer, the earliest first."""
        ended = self._begin("faces", stamp_ns, latency_ms)
        self._waiting[stamp_ns] = replace(self._waiting[stamp_ns], faces=faces)
        return ended + self._finished()

    def add_hands(self, stamp_ns: int, hands: list[Hand], latency_ms: float) -> list[SeenFrame]:
        """Takes the hands of a frame; gives the frames that wait no longer, the earliest first."""
        ended = self._begin("hands", stamp_ns, latency_ms)
        self._waiting[stamp_ns] = replace(self._waiting[stamp_ns], hands=hands)
        return ended + self._finished()

    def add_event(self, stamp_ns: int, event: GestureEvent) -> None:
        """Takes what a frame has decided; it goes with that frame, or with the next one if it comes later."""
        self._events.append((stamp_ns, event))

    def flush(self) -> list[SeenFrame]:
        """All that waits, the earliest first: nothing more is to come."""
        return [self._taken(stamp_ns) for stamp_ns in sorted(self._waiting)]

    def _begin(self, of: str, stamp_ns: int, latency_ms: float) -> list[SeenFrame]:
        """Makes room for a frame; where time has jumped back, gives all those before."""
        ended: list[SeenFrame] = []
        if stamp_ns < self._newest_ns.get(of, stamp_ns) - JUMP_BACK_NS:
            ended = self.flush()
            self._newest_ns.clear()
            self._events = [(of_ns, event) for of_ns, event in self._events if of_ns <= stamp_ns]
        self._newest_ns[of] = stamp_ns
        before = self._waiting.get(stamp_ns, SeenFrame(stamp_ns))
        later_ms = latency_ms if math.isnan(before.latency_ms) else max(before.latency_ms, latency_ms)
        self._waiting[stamp_ns] = replace(before, latency_ms=later_ms)
        return ended

    def _finished(self) -> list[SeenFrame]:
        finished = []
        for stamp_ns in sorted(self._waiting):
            if self._waits(self._waiting[stamp_ns]):
                break
            finished.append(self._taken(stamp_ns))
        return finished

    def _waits(self, frame: SeenFrame) -> bool:
        if frame.complete or not self.both:
            return False
        missing = "faces" if frame.faces is None else "hands"
        is_passed = self._newest_ns.get(missing, frame.stamp_ns) > frame.stamp_ns
        return not is_passed and max(self._newest_ns.values()) - frame.stamp_ns <= _PATIENCE_NS

    def _taken(self, stamp_ns: int) -> SeenFrame:
        due = tuple(event for of_ns, event in self._events if of_ns <= stamp_ns)
        self._events = [(of_ns, event) for of_ns, event in self._events if of_ns > stamp_ns]
        return replace(self._waiting.pop(stamp_ns), events=due)
