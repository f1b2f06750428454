"""What is fuzzed: a function that reads, and the inputs it is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the command says how to get it if it is missing
    from hypothesis.strategies import SearchStrategy


class WrongAnswerError(AssertionError):
    """A reader took what it should have refused, or answered what cannot be."""


@dataclass(frozen=True, slots=True)
class Reader:
    """One way into the suite.

    Attributes:
        name: A few words.
        inputs: What it is given: bytes where it reads a file.
        read: Reads one; raises `WrongAnswerError` if an answer is one that cannot be.
        refuses_with: The errors that it documents.
        may_say: Pattern of lines on the terminal that are not ours to prevent.
    """

    name: str
    inputs: SearchStrategy[Any]
    read: Callable[[Any], object]
    refuses_with: tuple[type[Exception], ...]
    may_say: str = ""
