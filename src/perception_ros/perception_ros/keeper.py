"""Which nodes have to be brought up: each once for every time that its process has started.

A node that comes back in a new process is unconfigured, and so is one that was cleaned up on purpose. They are told
apart by the publisher of the node's transition events, whose id is another one in every process: what somebody has done
to a node that was brought up stays done.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

Incarnation = tuple[int, ...]
"""Id of an endpoint in DDS, which no other process's has."""

_FIRST_PAUSE_S = 2.0
_LONGEST_PAUSE_S = 60.0


@dataclass(slots=True)
class _Kept:
    """What is known of one node.

    Attributes:
        missing_since_s: Since when it is not there; None while it is, or once that was said.
        known: It has been there.
        done: Incarnations that were brought up, or that somebody else has taken over.
        seen: Those that are there now.
        pause_s: Before it is tried again.
        due_s: When that is.
    """

    missing_since_s: float | None
    known: bool = False
    done: frozenset[Incarnation] = frozenset()
    seen: frozenset[Incarnation] = frozenset()
    pause_s: float = _FIRST_PAUSE_S
    due_s: float = 0.0


@dataclass(slots=True)
class Keeper:
    """Knows what has been brought up, and says what is next.

    Attributes:
        targets: Names of the nodes in their order.
        began_s: When it began to look, by the clock of all that follows.
        patience_s: So long a node may be away before that is said.
    """

    targets: Sequence[str]
    began_s: float
    patience_s: float
    _nodes: dict[str, _Kept] = field(init=False)

    def __post_init__(self) -> None:
        self._nodes = {target: _Kept(self.began_s) for target in self.targets}

    def look(self, now_s: float, present: Mapping[str, Collection[Incarnation]]) -> list[str]:
        """Takes note of who is there.

        Args:
            now_s: Seconds, by a steady clock.
            present: Of each node its incarnations; a process that was killed is among them for some seconds.

        Returns:
            The nodes that have to be brought up now, in order. The first time a node waits for those before it, unless
            they stay away for too long; later none waits for another.
        """
        for target, kept in self._nodes.items():
            _note(kept, frozenset(present.get(target, ())), now_s)
        due = []
        for target, kept in self._nodes.items():
            if not kept.known and now_s - self.began_s <= self.patience_s:
                break
            if kept.seen - kept.done and now_s >= kept.due_s:
                due.append(target)
        return due

    def missing(self, now_s: float) -> list[str]:
        """The nodes that have been away for longer than is patient; each is named once each time that it goes."""
        found = []
        for target, kept in self._nodes.items():
            if kept.missing_since_s is not None and now_s - kept.missing_since_s > self.patience_s:
                kept.missing_since_s = None
                found.append(target)
        return found

    def brought_up(self, target: str) -> None:
        """A node is active, or somebody else has taken it over: as it is now, it is nobody's business any more."""
        kept = self._nodes[target]
        kept.done |= kept.seen
        kept.pause_s, kept.due_s = _FIRST_PAUSE_S, 0.0

    def failed(self, target: str, now_s: float) -> float:
        """A node could not be brought up.

        Returns:
            The pause until it is tried again, in seconds; it grows from time to time.
        """
        kept = self._nodes[target]
        pause_s = kept.pause_s
        kept.due_s = now_s + pause_s
        kept.pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        return pause_s


def _note(kept: _Kept, present: frozenset[Incarnation], now_s: float) -> None:
    if present - kept.seen:  # a new process has not failed yet
        kept.pause_s, kept.due_s = _FIRST_PAUSE_S, 0.0
    if present:
        kept.known, kept.missing_since_s = True, None
    elif kept.seen:
        kept.missing_since_s = now_s
    kept.seen = present
    kept.done &= present
