"""Which class was taken for which."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NO_ANSWER = "undetected"


@dataclass(frozen=True, slots=True, eq=False)
class Confusion:
    """Counts of true classes and the answers that were given.

    Attributes:
        classes: The true ones, those that nothing belongs to left out.
        answers: What may be answered, and `NO_ANSWER` at the end.
        counts: len(classes) x len(answers).
    """

    classes: tuple[str, ...]
    answers: tuple[str, ...]
    counts: NDArray[np.int64]

    @property
    def accuracy(self) -> float:
        """Share of everything that was answered rightly; no answer is a wrong one. NaN where there is nothing."""
        return _share(sum(self._right(name) for name in self.classes), int(self.counts.sum()))

    @property
    def recall(self) -> Mapping[str, float]:
        """Share of a class that was answered rightly."""
        totals = self.counts.sum(axis=1)
        return {name: _share(self._right(name), int(totals[row])) for row, name in enumerate(self.classes)}

    @property
    def precision(self) -> Mapping[str, float]:
        """Share of the answers with a true class that were right; NaN where it was never answered."""
        totals = self.counts.sum(axis=0)
        return {name: _share(self._right(name), int(totals[self.answers.index(name)])) for name in self.classes}

    @property
    def mean_recall(self) -> float:
        """Of all classes alike, however many belong to each."""
        return float(np.mean(list(self.recall.values()))) if self.classes else math.nan

    def _right(self, name: str) -> int:
        return int(self.counts[self.classes.index(name), self.answers.index(name)])


def confusion(truths: Sequence[str], answers: Sequence[str | None], known: Sequence[str]) -> Confusion:
    """Counts answers.

    Args:
        truths: The true class of everything.
        answers: What was answered to it; None where nothing was.
        known: The classes that can be answered, in the order in which they are shown.

    Raises:
        ValueError: There are not as many answers as truths, or one of them is not known.
    """
    columns = (*known, NO_ANSWER)
    classes = tuple(name for name in known if name in set(truths))
    row_of = {name: row for row, name in enumerate(classes)}
    column_of = {name: column for column, name in enumerate(columns)}
    counts = np.zeros((len(classes), len(columns)), np.int64)
    for truth, answer in zip(truths, answers, strict=True):
        given = NO_ANSWER if answer is None else answer
        if truth not in row_of or given not in column_of:
            raise ValueError(f"{truth}, {given}: known are {', '.join(known)}")
        counts[row_of[truth], column_of[given]] += 1
    return Confusion(classes, columns, counts)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else math.nan
