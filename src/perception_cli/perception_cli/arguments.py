"""What several commands take from the command line."""

from __future__ import annotations

import argparse
import math


def seconds(text: str) -> float:
    """A time as it is given to an option.

    Raises:
        argparse.ArgumentTypeError: It is no number above 0.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of seconds above 0")
    return value
