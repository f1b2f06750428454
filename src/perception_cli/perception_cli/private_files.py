"""What the commands share that work on a private file: on the people who are known, on the gestures that were taught.

Only the standard library is used here: who lists or forgets does not wait for networks, and needs none.
"""

from __future__ import annotations

import argparse
import difflib
import io
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from perception_core.private_store.errors import StoreError
from perception_core.wording import printable

FAILED, INTERRUPTED = 1, 130
_SHOWN = 60  # characters of what is none of ours

Command = Callable[[argparse.Namespace], int]


class CommandError(RuntimeError):
    """What was asked for cannot be done; the text says what to do."""


def guarded(command: Command, path_of: Callable[[argparse.Namespace], Path]) -> Command:
    """The command; what goes wrong with the file or another is said in a line without a traceback.

    Args:
        command: To be run.
        path_of: The private file that it works on.
    """

    def run(options: argparse.Namespace) -> int:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may lack the letters of a name
        try:
            return command(options)
        except (StoreError, CommandError) as error:
            say(printable(str(error)))
        except OSError as error:
            say(printable(f"{shortened(str(error.filename or path_of(options)))}: {error.strerror}"))
        return FAILED

    return run


def agreed(question: str) -> bool:
    """The answer of who sits at the terminal; without one nobody is asked."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return True
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def similar_names(names: Mapping[str, str], key: str) -> str:
    """The question whether another name was meant, with a blank before it; empty where none is like it.

    Args:
        names: By their keys.
        key: What was given.
    """
    close = difflib.get_close_matches(key[:_SHOWN], names, n=3)
    close += [other for other in names if key and key in other and other not in close][: 3 - len(close)]
    return f" Did you mean {' or '.join(names[other] for other in close)}?" if close else ""


def written_place(file: Path, kept: Path, noun: str) -> Path:
    """Where a file is written: where a link leads to, and never over what it is written from.

    Args:
        file: As it was named.
        kept: The private file.
        noun: What that is called, such as gallery.

    Raises:
        CommandError: It is no file, or the private file itself.
    """
    place = Path(os.path.realpath(file))
    if place.exists() and not place.is_file():
        raise CommandError(f"{file} is no file: name the file to write")
    kept = Path(os.path.realpath(kept))
    if place in (kept, *(kept.with_name(kept.name + suffix) for suffix in ("-wal", "-shm"))):
        raise CommandError(f"{file} is the {noun} itself: name another file")
    return place


def shortened(text: str) -> str:
    """What a user has typed, for an error."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def say(text: str) -> None:
    """Tells the user something that is no result."""
    print(f"perception: {text}", file=sys.stderr)


def counted(number: int, one: str, several: str) -> str:
    """A number of things."""
    return f"{number} {one if number == 1 else several}"
