"""Rows of a gesture file as what they stand for."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable

from gesture_perception.gesture_records import POSES, TaughtGesture
from gesture_perception.hand import Side
from perception_core.private_store.rows import WrongRowError, embedding_from
from perception_core.wording import shown

_THE_SAME = 1e-5  # difference of numbers of rows of length one: rounding is below, another picture far above
_SIDES = {side.value: side for side in Side}


def gesture_from(row: tuple[object, object, object, int]) -> TaughtGesture:
    """Name, side, time of teaching and number of examples.

    Raises:
        WrongRowError: They are none.
    """
    name, side, taught_ns, examples = row
    if not isinstance(name, str):
        raise WrongRowError(f"a gesture has the name {shown(name)}")
    if not isinstance(side, str) or side not in _SIDES:
        raise WrongRowError(f"the gesture {shown(name)} is of the side {shown(side)}, which is none")
    if not isinstance(taught_ns, int) or taught_ns < 0:
        raise WrongRowError(f"the gesture {shown(name)} was taught at {shown(taught_ns)}, which is no time")
    return TaughtGesture(name, _SIDES[side], taught_ns, examples)


def example_from(value: object, size: int) -> bytes:
    """The descriptions of one example.

    Raises:
        WrongRowError: They are none; `size` is how many bytes one description has.
    """
    return embedding_from(value, POSES * size)


def is_among(poses: bytes, known: Iterable[bytes]) -> bool:
    """Whether an example is one of those that are known, rounding aside: of the same picture."""
    numbers = array("f", poses)
    return any(poses == other or _the_same(numbers, array("f", other)) for other in known)


def _the_same(one: array[float], other: array[float]) -> bool:
    return len(one) == len(other) and all(abs(a - b) <= _THE_SAME for a, b in zip(one, other, strict=True))


def owned(row: tuple[object, object], owners: Collection[str], size: int) -> tuple[str, bytes]:
    """A gesture's name and the descriptions of an example of it.

    Raises:
        WrongRowError: They are none, or no gesture has the name.
    """
    name, poses = row
    if not isinstance(name, str) or name not in owners:
        raise WrongRowError(f"an example belongs to {shown(name)}, which is no gesture")
    return name, example_from(poses, size)
