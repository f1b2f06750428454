"""Tables of the terminal view that have as many columns as there is room for."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from perception_core.depth import Position3D, PositionSource

T = TypeVar("T")

BAR_WIDTH = 6
_JOINERS = "\u200c\u200d"  # hold the parts of some letters and emoji together
_NOTHING = "-"
_EIGHTHS = " \u258f\u258e\u258d\u258c\u258b\u258a\u2589\u2588"  # blocks, filled from the left
_IN_ASCII = str.maketrans(_EIGHTHS, "    " + "#" * 5)


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """Of a table.

    Attributes:
        title: What stands above.
        words: What is said of a row; empty where it is not known.
        widest: Characters; what is longer is cut off.
        to_the_right: Numbers are aligned there.
        gives_way: It is narrowed where there is less room.
    """

    title: str
    words: Callable[[T], str]
    widest: int
    to_the_right: bool = False
    gives_way: bool = False


Layouts = Sequence[tuple[int, Sequence[Column[T]]]]
"""The least width in characters, and what is shown from there on; the widest first, the last one from 0 on."""


@dataclass(frozen=True, slots=True)
class FittingTable(Generic[T]):
    """A line for every row.

    Attributes:
        rows: What is told of.
        layouts: Columns by width.
    """

    rows: Sequence[T]
    layouts: Layouts[T]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Chooses the columns when it is known how wide the terminal is."""
        columns = next(columns for least, columns in self.layouts if options.max_width >= least)
        yield self._table(columns, options.encoding)

    def _table(self, columns: Sequence[Column[T]], encoding: str) -> Table:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in columns:
            table.add_column(
                column.title,
                justify="right" if column.to_the_right else "left",
                no_wrap=not column.gives_way,
                max_width=column.widest,
            )
        for row in self.rows:
            words = (_encodable(column.words(row) or _NOTHING, encoding) for column in columns)
            table.add_row(*(Text(each, no_wrap=True, overflow="ellipsis") for each in words))
        return table


def bar(share: float) -> str:
    """Of a fixed width; empty for what is no number."""
    eighths = round(8 * BAR_WIDTH * min(max(share, 0.0), 1.0)) if math.isfinite(share) else 0
    full, rest = divmod(eighths, 8)
    return (_EIGHTHS[8] * full + _EIGHTHS[rest] * (rest > 0)).ljust(BAR_WIDTH)


def harmless(name: str) -> str:
    """A name as it can be shown: one that came in a message may hold what would move the terminal's cursor."""
    return "".join(character if character.isprintable() or character in _JOINERS else "?" for character in name)


def place_words(position: Position3D) -> str:
    """Metres to the right, down and away; ~ marks what is not measured. Empty where it is not known."""
    (x, y, z), source = position.xyz, position.source
    if source is PositionSource.NONE:
        return ""
    about = "" if source is PositionSource.DEPTH else "~"
    return f"{about}{x:+.2f} {y:+.2f} {z:.2f}"


def _encodable(words: str, encoding: str) -> str:
    """Words as a terminal of another encoding than Unicode's can show them."""
    if encoding.lower().startswith("utf"):
        return words
    return words.translate(_IN_ASCII).encode(encoding, "replace").decode(encoding)
