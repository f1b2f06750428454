"""Which gestures go on, and which of them have not yet had their effect: each has one at most.

What began before a behaviour looked, or before a stop, or at a moment that nobody can trust, has none.
"""

from __future__ import annotations

from dataclasses import dataclass

from gesture_perception.gesture_events import EventKind
from person_perception.behaviours.sight import GestureSeen, Sight

_MOST = 64  # ends may be lost with a node that dies


@dataclass(slots=True)
class _Running:
    began_ns: int
    spent: bool


class RunningGestures:
    """Follows events from STARTED to ENDED."""

    def __init__(self) -> None:
        """Nothing goes on."""
        self._running: dict[int, _Running] = {}

    def take(self, sight: Sight) -> list[GestureSeen]:
        """Takes in what is new; gives the newest event of each gesture that goes on and may have its effect."""
        if sight.jumped:
            self._running.clear()
        able: dict[int, GestureSeen] = {}
        for event in sight.events:
            able.pop(event.event_id, None)
            if self._goes_on(event) and event.timely and not self._running[event.event_id].spent:
                able[event.event_id] = event
        return list(able.values())

    def spend(self, event_id: int) -> None:
        """A gesture has had its effect."""
        if event_id in self._running:
            self._running[event_id].spent = True

    def spend_all(self) -> None:
        """What has begun until now has no effect any more."""
        for running in self._running.values():
            running.spent = True

    def goes_on(self, event_id: int) -> bool:
        """Whether a gesture has not ended, as far as is known."""
        return event_id in self._running

    def _goes_on(self, event: GestureSeen) -> bool:
        known = self._running.get(event.event_id)
        if event.kind is EventKind.STARTED:
            # The same id anew is of a perception that was restarted; the same event again is a second publisher's.
            if known is None or known.began_ns != event.stamp_ns:
                self._running[event.event_id] = _Running(event.stamp_ns, spent=not event.timely)
            for oldest in list(self._running)[:-_MOST]:
                del self._running[oldest]
            return True
        if event.kind is EventKind.ENDED:
            self._running.pop(event.event_id, None)
            return False
        return known is not None
