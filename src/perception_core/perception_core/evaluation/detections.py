"""How well boxes that were found go with the true ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from perception_core.geometry import Box

USUAL_OVERLAP = 0.5


class Judgement(Enum):
    """What a box that was found is worth."""

    HIT = "hit"
    FALSE = "false"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class TrueBox:
    """What is to be found.

    Attributes:
        box: Pixels.
        required: Otherwise finding it is neither right nor wrong.
    """

    box: Box
    required: bool


@dataclass(frozen=True, slots=True)
class FoundBox:
    """What was found; `score` is higher where it is surer."""

    box: Box
    score: float


@dataclass(frozen=True, slots=True)
class DetectionQuality:
    """Boxes of many pictures together.

    Attributes:
        required: True boxes that were to be found.
        recall: Share of them that was found at the threshold; NaN where there is none.
        precision: Share of what was found there that is true; NaN where nothing was found.
        average_precision: Over all scores: the area below precision by recall, where precision at a recall is the best
            at that or a higher one; NaN where there is none.
        false_boxes: At the threshold.
    """

    required: int
    recall: float
    precision: float
    average_precision: float
    false_boxes: int


def judged(
    found: Sequence[FoundBox], truth: Sequence[TrueBox], overlap: float = USUAL_OVERLAP
) -> list[tuple[FoundBox, Judgement]]:
    """Judges the boxes of one picture.

    The surest chooses first, among the true boxes that nobody has yet; a second box on the same is false, unless it is
    on one that is not required.

    Args:
        found: In any order.
        truth: What there is.
        overlap: Intersection over union from which on a box is the true one.

    Returns:
        Each that was found with its judgement, the surest first.
    """
    free = list(range(len(truth)))
    result = []
    for each in sorted(found, key=lambda box: -box.score):
        shares = {index: each.box.overlap(truth[index].box) for index in free}
        # A required one first: one that may be left out must not take its box away.
        best = max(free, key=lambda index: (shares[index] >= overlap, truth[index].required, shares[index]), default=-1)
        if best < 0 or shares[best] < overlap:
            result.append((each, Judgement.FALSE))
            continue
        if not truth[best].required:
            result.append((each, Judgement.IGNORED))
            continue
        free.remove(best)
        result.append((each, Judgement.HIT))
    return result


def quality(judgements: Sequence[tuple[float, Judgement]], required: int, threshold: float) -> DetectionQuality:
    """What the judgements of all pictures say together.

    Args:
        judgements: Scores and judgements, of all pictures.
        required: True boxes that were to be found in them.
        threshold: Score from which on a box counts for recall and precision.
    """
    counted = sorted((item for item in judgements if item[1] is not Judgement.IGNORED), key=lambda item: -item[0])
    hit = np.array([judgement is Judgement.HIT for _, judgement in counted], np.bool_)
    above = int(sum(score >= threshold for score, _ in counted))
    hits = int(hit[:above].sum())
    return DetectionQuality(
        required,
        hits / required if required else math.nan,
        hits / above if above else math.nan,
        _average_precision(hit, required),
        above - hits,
    )


def _average_precision(hit: NDArray[np.bool_], required: int) -> float:
    if not required:
        return math.nan
    if not hit.size:
        return 0.0
    precision = np.cumsum(hit) / np.arange(1, len(hit) + 1)
    best_from_here = np.maximum.accumulate(precision[::-1])[::-1]
    return float(best_from_here[hit].sum() / required)
