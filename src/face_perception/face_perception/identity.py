"""Whose face this is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum


class IdentityState(IntEnum):
    """How much is known; numbers and names are those of perception_msgs/Identity."""

    NOT_EXAMINED = 0
    UNKNOWN = 1
    TENTATIVE = 2
    CONFIRMED = 3


@dataclass(frozen=True, slots=True)
class Identity:
    """What is known of whose face it is.

    Attributes:
        state: Only CONFIRMED is to be acted on.
        person_id: Of the gallery for TENTATIVE and CONFIRMED; of a stranger, or empty, for UNKNOWN.
        name: Of the gallery; empty unless TENTATIVE or CONFIRMED.
        similarity: Cosine to the best match, averaged over the track; NaN when NOT_EXAMINED or nobody is enrolled.
    """

    state: IdentityState = IdentityState.NOT_EXAMINED
    person_id: str = ""
    name: str = ""
    similarity: float = math.nan


NOT_EXAMINED = Identity()
