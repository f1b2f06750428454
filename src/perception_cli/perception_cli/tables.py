"""What commands list: a table on a terminal, one line per row for other programs."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from perception_core.wording import printable


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Prints rows; on a terminal below their titles, otherwise with tabs between, for grep, cut and the like."""
    if not sys.stdout.isatty():
        for row in rows:
            print("\t".join(map(printable, row)))
        return
    from rich.console import Console  # noqa: PLC0415 - takes 0.1 s to import
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, pad_edge=False)
    for title in header:
        table.add_column(title, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    Console().print(table)
