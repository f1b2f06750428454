"""What is found wrong: declared once, told with the values of the case."""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter

from perception_core.wording import printable


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        fault: Name of its kind, for programs.
        what: What is wrong.
        why: Why it matters.
        remedy: What to do; a command where there is one.
    """

    fault: str
    what: str
    why: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of finding; what is in braces differs from case to case.

    Attributes:
        name: For programs.
        what: What is wrong.
        why: Why it matters.
        remedy: What to do; a command where there is one.
    """

    name: str
    what: str
    why: str
    remedy: str

    def found(self, **values: object) -> Finding:
        """The finding with its values; names of nodes and files come from anybody, so they are made printable.

        Raises:
            KeyError: A value is missing.
        """
        words = {name: printable(str(value)) for name, value in values.items()}
        return Finding(self.name, *(text.format_map(words) for text in (self.what, self.why, self.remedy)))

    def placeholders(self) -> set[str]:
        """Names of the values that it is told with."""
        return {
            name for text in (self.what, self.why, self.remedy) for _, name, _, _ in Formatter().parse(text) if name
        }


def listed(words: list[str], most: int = 6) -> str:
    """Words with commas; of many the first, and how many more there are."""
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return f"{', '.join(words[:most])}{more}"


def megabytes(count: float) -> str:
    """Bytes in words."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
