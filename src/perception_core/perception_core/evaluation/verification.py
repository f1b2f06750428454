"""How well similarities tell pairs of the same from pairs of different things.

A pair is accepted where its similarity is above a threshold. NaN is the similarity of a pair that could not be
compared: it is never accepted, a true pair is thereby missed, and one of different things says nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """What a threshold does.

    Attributes:
        threshold: Pairs above it are accepted.
        false_accepts: Share of the pairs of different things that are accepted.
        true_accepts: Share of the pairs of the same that are.
    """

    threshold: float
    false_accepts: float
    true_accepts: float


@dataclass(frozen=True, slots=True)
class FoldAccuracy:
    """Accuracy where each part of the pairs is judged by the threshold that is best for the others.

    Attributes:
        mean: Share of the pairs that are judged rightly, over all parts alike.
        standard_error: Of the mean; NaN for less than two parts.
        threshold: Mean over the parts.
        parts: How many.
    """

    mean: float
    standard_error: float
    threshold: float
    parts: int


class Similarities:
    """Similarities of pairs, and which of the pairs are of the same thing."""

    def __init__(self, values: ArrayLike, same: ArrayLike) -> None:
        """Takes pairs.

        Args:
            values: N similarities; NaN where a pair could not be compared.
            same: N, whether a pair is of the same thing.

        Raises:
            ValueError: There are not as many of the one as of the other.
        """
        self._values, self._same = np.asarray(values, np.float64), np.asarray(same, np.bool_)
        if self._values.shape != self._same.shape or self._values.ndim != 1:
            raise ValueError(f"{self._values.shape} similarities of {self._same.shape} pairs")
        compared = np.isfinite(self._values)
        self._same_values = np.sort(self._values[self._same & compared])
        self._different_values = np.sort(self._values[~self._same & compared])
        self.same = int(self._same.sum())
        """Pairs of the same thing, those that could not be compared among them."""
        self.different = len(self._different_values)
        """Pairs of different things that could be compared."""

    def at(self, threshold: float) -> OperatingPoint:
        """What a threshold does; NaN where there are no pairs of a kind."""
        accepted = len(self._same_values) - np.searchsorted(self._same_values, threshold, side="right")
        wrongly = self.different - np.searchsorted(self._different_values, threshold, side="right")
        return OperatingPoint(threshold, _share(int(wrongly), self.different), _share(int(accepted), self.same))

    def at_false_accepts(self, share: float) -> OperatingPoint | None:
        """The lowest threshold at which no more than a share of the pairs of different things is accepted.

        Returns:
            None where there are too few of them: a share of 0.001 takes 1000 to be seen.
        """
        allowed = math.floor(share * self.different + 1e-9)
        if not self.same or allowed < 1:
            return None
        return self.at(float(self._different_values[max(self.different - allowed - 1, 0)]))

    def curve(self, most: int = 200) -> list[OperatingPoint]:
        """The receiver operating characteristic, from the highest threshold to the lowest.

        Args:
            most: Points, about; those of few false accepts are closer together.

        Returns:
            Empty where one of the kinds has no pairs.
        """
        if not self.same or not self.different:
            return []
        allowed = np.unique(np.geomspace(1, self.different, most).astype(int))
        highest = float(self._different_values[-1])
        thresholds = [highest, *(float(self._different_values[self.different - k - 1]) for k in allowed[:-1])]
        lowest = min(highest, float(self._values[np.isfinite(self._values)].min()))
        return [self.at(threshold) for threshold in (*thresholds, np.nextafter(lowest, -np.inf))]

    def equal_errors(self) -> OperatingPoint | None:
        """Where as large a share of different pairs is accepted as of the same pairs is not; None without pairs."""
        if not self.same or not self.different:
            return None
        candidates = np.unique(self._values[np.isfinite(self._values)])
        missed = 1 - (len(self._same_values) - np.searchsorted(self._same_values, candidates, "right")) / self.same
        accepted = 1 - np.searchsorted(self._different_values, candidates, "right") / self.different
        return self.at(float(candidates[np.abs(missed - accepted).argmin()]))

    def fold_accuracy(self, parts: ArrayLike) -> FoldAccuracy | None:
        """Accuracy by cross-validation, as Labeled Faces in the Wild prescribes it.

        Pairs that could not be compared count as judged wrongly.

        Args:
            parts: N; to which part a pair belongs.

        Returns:
            None where there are less than two parts, or the others of one have nothing to take a threshold from.
        """
        part_of = np.asarray(parts)
        names = np.unique(part_of)
        if len(names) < 2:
            return None
        accuracies, thresholds = [], []
        for name in names:
            judged = part_of == name
            threshold = best_threshold(self._values[~judged], self._same[~judged])
            if threshold is None:
                return None
            with np.errstate(invalid="ignore"):
                right = (self._values[judged] > threshold) == self._same[judged]
            accuracies.append(float((right & np.isfinite(self._values[judged])).mean()))
            thresholds.append(threshold)
        error = float(np.std(accuracies, ddof=1) / math.sqrt(len(names)))
        return FoldAccuracy(float(np.mean(accuracies)), error, float(np.mean(thresholds)), len(names))


def best_threshold(values: Floats, same: NDArray[np.bool_]) -> float | None:
    """The threshold that judges most pairs rightly, amidst those that are as good; None without pairs."""
    compared = np.isfinite(values)
    values, same = values[compared], same[compared]
    if not len(values):
        return None
    distinct, place = np.unique(values, return_inverse=True)
    same_at = np.bincount(place, weights=same, minlength=len(distinct))
    different_at = np.bincount(place, weights=~same, minlength=len(distinct))
    # Cut k leaves the first k distinct values below the threshold.
    right = np.concatenate([[0], np.cumsum(different_at)]) + same.sum() - np.concatenate([[0], np.cumsum(same_at)])
    best = np.flatnonzero(right == right.max())
    edges = np.concatenate([[distinct[0] - 1], distinct, [distinct[-1] + 1]])
    cut = int(best[len(best) // 2])
    return float((edges[cut] + edges[cut + 1]) / 2)


def folds(same: Sequence[bool], parts: int) -> list[int]:
    """A part for every pair, so that each part has as many of the same and of different things as the others."""
    seen = {True: 0, False: 0}
    given = []
    for kind in same:
        given.append(seen[kind] % parts)
        seen[kind] += 1
    return given


def _share(part: int, whole: int) -> float:
    return part / whole if whole else math.nan
