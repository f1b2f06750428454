"""Recognising the gestures that were taught.

A hand shows the gesture of the example that it is most like, by the cosine of their descriptions, if that is above a
threshold. The more examples a gesture has, the more shapes lie near one of them, and the higher the threshold is. On
the sign-language digits, one gesture taught by five people with an example each, other people's pictures of all other
digits are taken for it in 0.4 % of cases, and of the digit that is most like it in 2 %; 0.97 of the pictures of its own
digit are recognised.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gesture_perception.gesture_names import CANNED
from gesture_perception.gesture_records import TaughtGesture
from gesture_perception.hand import Gesture, HandLandmarks, Origin, Side
from gesture_perception.pose_description import DIMENSION, Embeddings, unit_rows
from perception_core.private_store.names import name_key

# Cosines: where one of a hundred hands of another shape is taken for the gesture, with one example, and with ten.
_ONE_EXAMPLE, _PER_TENFOLD, _HIGHEST = 0.88, 0.05, 0.94
_SURE_AT_THE_THRESHOLD = 0.5
_MOST_OF_A_SET = 0.5  # share of examples: a set of which so many are another gesture cannot be told from it


@dataclass(frozen=True, slots=True)
class TaughtMatch:
    """A taught gesture that a hand shows.

    Attributes:
        name: Of the gesture.
        score: 0.5 where it is only just taken for it, 1 where it is as an example was.
        similarity: Cosine to the nearest example.
    """

    name: str
    score: float
    similarity: float


class TaughtIndex:
    """All examples in memory; never changes, so that any thread may use it."""

    def __init__(self, gestures: Sequence[TaughtGesture], owners: Sequence[str], rows: Embeddings) -> None:
        """Takes over examples.

        Args:
            gestures: All.
            owners: Name of the gesture of every row; a gesture's rows lie together.
            rows: Nx128, each of length one.
        """
        self.gestures = {gesture.name: gesture for gesture in gestures}
        """All by name, in the order given."""
        self._rows = rows
        starts = [k for k in range(len(owners)) if k == 0 or owners[k] != owners[k - 1]]
        self._starts = np.array(starts, np.intp)
        self._of_group = [self.gestures[owners[k]] for k in starts]
        self._thresholds = np.array([threshold(gesture.examples) for gesture in self._of_group])
        sides = [gesture.side for gesture in self._of_group]
        self._counts_on = {
            side: np.array([each in (side, Side.UNKNOWN) for each in sides], bool) for side in (Side.LEFT, Side.RIGHT)
        }

    def match(self, hands: Sequence[HandLandmarks], embeddings: Embeddings) -> list[TaughtMatch | None]:
        """Which taught gesture every hand shows; takes 0.1 ms for a hand and 100 examples.

        Args:
            hands: Their landmarks.
            embeddings: Nx128, as the gesture embedder gives them; one that is not finite is no gesture.
        """
        if not (self._of_group and len(hands)):
            return [None] * len(hands)
        sides = [Side.RIGHT if hand.right >= 0.5 else Side.LEFT for hand in hands]
        similarities = self._similarities(unit_rows(embeddings))
        return [self._best(row, self._counts_on[side]) for row, side in zip(similarities, sides, strict=True)]

    def rival(self, examples: Sequence[Embeddings], name: str) -> str | None:
        """The gesture from which examples of another cannot be told: most of them would be taken for it.

        Args:
            examples: Each Kx128, rows of length one, the first as it was shown.
            name: Of the gesture that they are of, which is no rival.
        """
        if not (self._of_group and examples):
            return None
        similarities = self._similarities(np.stack([example[0] for example in examples]))
        near = (similarities >= self._thresholds).mean(axis=0)
        rivals = [
            (share, gesture.name)
            for share, gesture in zip(near.tolist(), self._of_group, strict=True)
            if share >= _MOST_OF_A_SET and name_key(gesture.name) != name_key(name)
        ]
        return max(rivals)[1] if rivals else None

    def _similarities(self, queries: Embeddings) -> Embeddings:
        """Of every query, row by row, to the nearest example of every gesture."""
        # numpy's matrix product would start threads for it, which on a busy machine take milliseconds to meet.
        cosines = np.einsum("rd,qd->qr", self._rows, queries)
        return np.asarray(np.maximum.reduceat(cosines, self._starts, axis=1), np.float32)

    def _best(self, similarities: Embeddings, counts: NDArray[np.bool_]) -> TaughtMatch | None:
        shown = np.flatnonzero(counts & (similarities >= self._thresholds))  # never where it is not a number
        if not shown.size:
            return None
        best = shown[similarities[shown].argmax()]
        similarity, least = float(similarities[best]), float(self._thresholds[best])
        above = min(1.0, (similarity - least) / (1 - least))
        score = _SURE_AT_THE_THRESHOLD + (1 - _SURE_AT_THE_THRESHOLD) * above
        return TaughtMatch(self._of_group[best].name, score, similarity)


NOTHING_TAUGHT = TaughtIndex((), (), np.empty((0, DIMENSION), np.float32))


def threshold(examples: int) -> float:
    """The cosine from which on a hand shows a gesture of so many examples."""
    return min(_HIGHEST, _ONE_EXAMPLE + _PER_TENFOLD * math.log10(max(1, examples)))


def with_taught(gesture: Gesture, match: TaughtMatch | None) -> Gesture:
    """What a hand shows, all in all.

    What was taught counts more than what geometry alone tells, OK, Pinch and Point: whoever teaches the pose wants it
    to be called so. It never counts more than a class of the network, also where geometry sees what the network does
    not: such a pose could not have been taught.
    """
    if match is None or stands(gesture):
        return gesture
    return Gesture(match.name, match.score, Origin.TAUGHT, gesture.fingers)


def stands(gesture: Gesture) -> bool:
    """Whether a gesture that was read is one that no taught gesture takes the place of."""
    return gesture.shown and (gesture.origin is Origin.NETWORK or gesture.label in CANNED)


def built_in_rival(shown: Sequence[Gesture]) -> str | None:
    """The built-in gesture that most of the examples of a set are read as, if there is one.

    Args:
        shown: What was read in every example, without regard to what was taught.
    """
    counts = Counter(gesture.label for gesture in shown if stands(gesture))
    if not counts:
        return None
    label, count = counts.most_common(1)[0]
    return label if count >= _MOST_OF_A_SET * len(shown) else None
