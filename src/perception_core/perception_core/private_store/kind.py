"""What tells one kind of private file from another."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoreKind:
    """A kind of file.

    Attributes:
        noun: What it is called, such as gallery.
        untouched: What has not been done where there is none yet: nobody has been enrolled in it.
        anew: What to do where what is stored cannot be used: enrol the people anew.
        application_id: By which a file is known to be of this kind, 32 bits.
        tables: Names of those that are its own.
        schema: The statements that make them.
    """

    noun: str
    untouched: str
    anew: str
    application_id: int
    tables: tuple[str, ...]
    schema: tuple[str, ...]
