"""The parts that data sets are divided into, by the names that people give them."""

from __future__ import annotations

from collections.abc import Iterable

from perception_cli.evaluation.pictures import DataError

# In the order in which one is taken where none is named: measured is on what nothing was trained with.
_NAMES = {
    "test": ("test", "testing", "tests", "privatetest", "private"),
    "validation": ("validation", "valid", "val", "publictest", "public", "dev"),
    "train": ("train", "training"),
}


def part_of(name: str) -> str | None:
    """What a name of a part means: test, validation or train; None where it is none."""
    plain = "".join(letter for letter in name.lower() if letter.isalnum())
    return next((part for part, names in _NAMES.items() if plain in names), None)


def chosen_part(names: Iterable[str], wanted: str | None, place: object) -> str:
    """Which of the parts that are there is evaluated.

    Args:
        names: The parts, as they are called.
        wanted: As the user calls it, or a word that means the same; None for the first of test, validation, train.
        place: Where they are, for the error.

    Raises:
        DataError: The wanted one is not there.
    """
    there = list(names)
    if wanted is None:
        return next((name for part in _NAMES for name in there if part_of(name) == part), there[0])
    exactly = [name for name in there if name.lower() == wanted.lower()]
    alike = [name for name in there if part_of(wanted) is not None and part_of(name) == part_of(wanted)]
    if not (exactly or alike):
        raise DataError(f"{place} has no part {wanted}; there are: {', '.join(sorted(there))}")
    return (exactly or alike)[0]
