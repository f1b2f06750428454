"""What was seen of one face, look by look, and whom that speaks for."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from face_perception.gallery_search import GalleryIndex, Match

Embedding = NDArray[np.float32]

_LEAST_WEIGHT = 1.0  # altogether: three poor looks are not enough
_LEAST_LEAD = 0.05  # over the second best person: less means that one person was enrolled twice, or twins
_HYSTERESIS = 0.08  # cosine; a confirmed name is kept down to so much below the threshold
_LOOKS_AGAINST = 3  # in a row, to withdraw a name; one may be a hand before the face
_LOOKS_KEPT = 10


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One embedding of a face.

    Attributes:
        embedding: Of length one.
        weight: How much it counts, above 0 to 1.
    """

    embedding: Embedding
    weight: float


class TrackEvidence:
    """The looks at one track and the name that they have earned."""

    def __init__(self, confirm_looks: int) -> None:
        """Begins without a look.

        Args:
            confirm_looks: So many are needed for a name.
        """
        self.confirmed = ""
        """Id of the person whose name the track has; empty if it has none."""
        self.stranger = ""
        """Anonymous id; empty if it has none."""
        self.matches: tuple[Match, ...] = ()
        """Whom the looks resemble, as of the last `decide`."""
        self.looked_ns: int | None = None
        """Stamp of the last look."""
        self._confirm_looks = confirm_looks
        self._looks: deque[Look] = deque(maxlen=max(_LOOKS_KEPT, confirm_looks))
        self._against = 0
        self._doubted = False
        self._to_confirmed = math.nan

    @property
    def looks(self) -> int:
        """How many looks count."""
        return len(self._looks)

    @property
    def enough(self) -> bool:
        """Whether there are looks enough for a verdict."""
        return self.looks >= self._confirm_looks and sum(look.weight for look in self._looks) >= _LEAST_WEIGHT

    @property
    def in_doubt(self) -> bool:
        """Whether something spoke against the name since the last look that spoke for it."""
        return self._doubted or self._against > 0

    def doubt(self) -> None:
        """The track may have gone over to another face: one look that speaks against the name takes it away."""
        self._doubted = True

    def add(self, look: Look, stamp_ns: int, index: GalleryIndex, threshold: float) -> None:
        """Takes in a look; looks that speak against the track withdraw its name, and only they count from then on."""
        self.looked_ns = stamp_ns
        agrees = self._resembles(look, index) >= threshold - _HYSTERESIS
        self._looks.append(look)
        if agrees:
            self._against, self._doubted = 0, False
            return
        self._against += 1
        if self._doubted or self._against >= _LOOKS_AGAINST:
            self._looks = deque(list(self._looks)[-self._against :], self._looks.maxlen)
            self.withdraw()
            self.stranger = ""

    def withdraw(self) -> None:
        """Takes the name away."""
        self.confirmed, self._against, self._doubted = "", 0, False

    def mean(self) -> Embedding:
        """Weighted mean of the looks; not scaled to length one, so that cosines with it are means of the looks' own."""
        weights = np.array([look.weight for look in self._looks], np.float32)
        looks: Sequence[Embedding] = [look.embedding for look in self._looks]
        return np.asarray(weights @ np.stack(looks) / weights.sum(), np.float32)

    def decide(self, matches: tuple[Match, ...], index: GalleryIndex, threshold: float) -> None:
        """Gives or takes the name by whom the mean of the looks resembles."""
        self.matches = matches
        if self.confirmed:
            self._to_confirmed = index.similarity(self.mean(), self.confirmed)
            if not self._to_confirmed >= threshold - _HYSTERESIS:  # also NaN, when the person was forgotten
                self.withdraw()
        elif self.enough and self._leads() and matches[0].similarity >= threshold:
            self.confirmed, self._to_confirmed = matches[0].person.id, matches[0].similarity

    @property
    def similarity(self) -> float:
        """Cosine to the person whose name it has, else to the best match, as of `decide`; NaN where there is nobody."""
        if self.confirmed:
            return self._to_confirmed
        return self.matches[0].similarity if self.matches else math.nan

    def _resembles(self, look: Look, index: GalleryIndex) -> float:
        """Cosine to the person whose name the track has, else to its own looks; of no look, 1."""
        if self.confirmed:
            return index.similarity(look.embedding, self.confirmed)
        if not self._looks:
            return 1.0
        mean = self.mean()
        return float(mean @ look.embedding) / float(np.linalg.norm(mean))

    def _leads(self) -> bool:
        if not self.matches:
            return False
        second = self.matches[1].similarity if len(self.matches) > 1 else -1.0
        return self.matches[0].similarity - second >= _LEAST_LEAD
