"""How alike two faces must be to be called one person's: the more people are enrolled, the more alike."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from perception_core.zoo.spec import ModelSpec

_TABLE_SHARE = 0.01

UNMEASURED: Mapping[int, float] = {1: 0.45, 5: 0.52, 20: 0.57, 50: 0.61, 200: 0.65}
"""For an embedder whose entry has none: mobilefacenet's and 0.1 more, to err on the side of not naming anybody. Measure
the embedder and write its thresholds into the entry."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which cosine on a face may be named.

    Attributes:
        cosine: -1 to 1.
        extrapolated: More people, or a smaller share of strangers, than was measured.
    """

    cosine: float
    extrapolated: bool


class ThresholdTableError(ValueError):
    """A table of thresholds that cannot be one."""


def table_of(spec: ModelSpec) -> Mapping[int, float]:
    """The measured thresholds of an embedder's entry in models.yaml; cautious ones where none were measured."""
    return spec.thresholds or UNMEASURED


def identity_threshold(people: int, strangers: float, table: Mapping[int, float], views: float = 1.0) -> Threshold:
    """The threshold for a gallery.

    A stranger is compared with everybody, so that twice as many people accept twice as many strangers, as twice the
    share does: people divided by share is what counts. The table is interpolated in the logarithm of it. For
    `face_identity` that gives the thresholds measured for 5 % and 0.1 % of strangers within 0.01, and 0.477 for 1000
    people, where 0.475 was measured. Several views of a
    person, which are alike, count as their square root: with three the measured thresholds are 0.01 to 0.02 higher.

    Args:
        people: Enrolled.
        strangers: Share of people who are not enrolled and may be taken for one who is, above 0 to 1.
        table: Cosine by number of people, for a share of 1 %.
        views: Of a person, on average.

    Raises:
        ThresholdTableError: The table has fewer than two entries, or a threshold that falls as people are added.
    """
    counts = sorted(table)
    cosines = [table[count] for count in counts]
    usable = len(counts) >= 2 and counts[0] >= 1 and cosines == sorted(cosines) and all(map(_is_cosine, cosines))
    if not usable:
        raise ThresholdTableError(
            f"thresholds are cosines, for two numbers of people at least, that rise with the number; got {dict(table)}"
        )
    at = max(1, people) * math.sqrt(max(1.0, views)) * _TABLE_SHARE / strangers
    upper = next((k for k in range(1, len(counts)) if at <= counts[k]), len(counts) - 1)
    low, high = counts[upper - 1], counts[upper]
    along = math.log(max(at, counts[0]) / low) / math.log(high / low)
    cosine = cosines[upper - 1] + along * (cosines[upper] - cosines[upper - 1])
    return Threshold(min(cosine, 1.0), at > counts[-1])


def _is_cosine(value: float) -> bool:
    return -1 <= value <= 1
