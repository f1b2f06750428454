"""People who are not enrolled, told apart while they come and go: in memory only, and forgotten after a while."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from face_perception.identity_threshold import identity_threshold

Embedding = NDArray[np.float32]

_LOOKS_KEPT = 4  # different looks of one stranger: turned left, turned right, in other light
_AS_VIEWS = 9  # means of looks, of length one, are more alike than single looks: as so many views, as measured
_SAME_LOOK = 0.85  # cosine; a look this close to one that is kept adds nothing


@dataclass(slots=True)
class _Stranger:
    id: str
    seen_ns: int
    looks: deque[Embedding] = field(default_factory=lambda: deque(maxlen=_LOOKS_KEPT))

    def similarity(self, embedding: Embedding) -> float:
        return max(float(look @ embedding) for look in self.looks)


class Strangers:
    """Gives the same anonymous id to a stranger who comes back.

    Args:
        table: Thresholds; see `identity_threshold`.
        share: Of strangers who may be taken for another.
        keep_s: A stranger not seen for so long is forgotten.
        most: So many are remembered; the one not seen for longest makes room.
    """

    def __init__(self, table: Mapping[int, float], share: float, keep_s: float, most: int = 200) -> None:
        self._table, self._share = table, share
        self._keep_ns, self._most = round(keep_s * 1e9), most
        self._known: dict[str, _Stranger] = {}
        self._count = 0
        self._stamp_ns: int | None = None

    def __len__(self) -> int:
        return len(self._known)

    def reset(self) -> None:
        """Forgets everybody; their ids are not used again."""
        self._known.clear()
        self._stamp_ns = None

    def recognise(self, embedding: Embedding, stamp_ns: int, taken: Collection[str] = ()) -> str:
        """The id of a stranger, a new one for one not seen before.

        Args:
            embedding: Mean of looks, scaled to length one.
            stamp_ns: Of the image; a jump back forgets everybody.
            taken: Ids of strangers who are in view elsewhere.
        """
        self._pass_to(stamp_ns)
        others = [stranger for stranger in self._known.values() if stranger.id not in taken]
        best = max(others, key=lambda stranger: stranger.similarity(embedding), default=None)
        threshold = identity_threshold(len(others), self._share, self._table, _AS_VIEWS).cosine
        if best is None or best.similarity(embedding) < threshold:
            best = self._new(stamp_ns)
        self._note(best, embedding, stamp_ns)
        return best.id

    def seen(self, stranger_id: str, embedding: Embedding, stamp_ns: int) -> bool:
        """Notes another look of a stranger who is still in view.

        Returns:
            Whether the stranger is still remembered.
        """
        self._pass_to(stamp_ns)
        stranger = self._known.get(stranger_id)
        if stranger is not None:
            self._note(stranger, embedding, stamp_ns)
        return stranger is not None

    def forget(self, stranger_id: str) -> None:
        """Forgets one, who turned out to be known or was enrolled; no matter whether remembered."""
        self._known.pop(stranger_id, None)

    def _pass_to(self, stamp_ns: int) -> None:
        if self._stamp_ns is not None and stamp_ns < self._stamp_ns:
            self.reset()
        self._stamp_ns = stamp_ns
        for stranger in list(self._known.values()):
            if stamp_ns - stranger.seen_ns > self._keep_ns:
                del self._known[stranger.id]

    def _new(self, stamp_ns: int) -> _Stranger:
        if len(self._known) >= self._most:
            del self._known[min(self._known.values(), key=lambda stranger: stranger.seen_ns).id]
        self._count += 1
        stranger = _Stranger(f"stranger-{self._count}", stamp_ns)
        self._known[stranger.id] = stranger
        return stranger

    @staticmethod
    def _note(stranger: _Stranger, embedding: Embedding, stamp_ns: int) -> None:
        stranger.seen_ns = stamp_ns
        if not stranger.looks or stranger.similarity(embedding) < _SAME_LOOK:
            stranger.looks.append(embedding)
