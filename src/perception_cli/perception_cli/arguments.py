"""What several commands take from the command line."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

_MOST_VIEWS_LIVE = 50
_LONGEST_S = 1e9  # thirty years; nanoseconds of it fit into every integer


def output_path(text: str) -> Path:
    """A file or folder as it is given to an option.

    Raises:
        argparse.ArgumentTypeError: It is empty, as a variable of a shell may be, and would mean the current folder.
    """
    if not text:
        raise argparse.ArgumentTypeError("a name is missing")
    return Path(text)


def seconds(text: str) -> float:
    """A time as it is given to an option.

    Raises:
        argparse.ArgumentTypeError: It is no number above 0, or longer than anything lasts.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= _LONGEST_S:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of seconds above 0 and up to {_LONGEST_S:.0e}")
    return value


def number(text: str) -> int:
    """A number, as of a track, as it is given to an option.

    Raises:
        argparse.ArgumentTypeError: It is none from 1 on, or larger than messages hold.
    """
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:11]) < 2**32):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 1 on")
    return int(text)


def views(text: str) -> int:
    """How many views are to be gathered from a camera, as it is given to an option.

    Raises:
        argparse.ArgumentTypeError: It is no such number.
    """
    if number(text) > _MOST_VIEWS_LIVE:
        raise argparse.ArgumentTypeError(f"{text} views are more than {_MOST_VIEWS_LIVE}")
    return int(text)
