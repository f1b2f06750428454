"""Numbers as JSON takes them."""

from __future__ import annotations

import math
from collections.abc import Iterable

from perception_core.depth import Position3D, PositionSource


def rounded(value: float, digits: int) -> float | None:
    """The number with so many digits; None for what is no number, which JSON does not have."""
    return round(float(value), digits) if math.isfinite(value) else None


def all_rounded(values: Iterable[float], digits: int) -> list[float | None]:
    """Numbers, each as `rounded` has it."""
    return [rounded(value, digits) for value in values]


def place_record(where: Position3D) -> dict[str, object]:
    """A place in metres, what it was taken from, and the standard deviation of its distance."""
    known = where.source is not PositionSource.NONE
    return {
        "position": all_rounded(where.xyz, 4) if known else None,
        "source": where.source.value,
        "sigma": rounded(where.sigma, 4) if known else None,
    }
