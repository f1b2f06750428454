"""All commands of `./perception`, and their options."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Iterable

COMMANDS = ("demo", "up", "record", "annotate", "people", "gestures", "models", "eval", "bench", "doctor")
_READER_GONE = 141  # as shells report SIGPIPE


def parser(commands: Iterable[str] = COMMANDS) -> argparse.ArgumentParser:
    """Declares them; those that are not named are not imported either, as some take half a second and need ROS."""
    whole = argparse.ArgumentParser(prog="perception", description="Who is in front of a robot, and where in metres.")
    added = whole.add_subparsers(metavar="COMMAND", required=True)
    for name in commands:
        importlib.import_module(f"perception_cli.{name}").add_arguments(added)
    return whole


def main(arguments: list[str] | None = None) -> int:
    """Runs a command and returns its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    named = words[0] if words else ""
    options = parser([named] if named in COMMANDS else COMMANDS).parse_args(words)
    try:
        code = int(options.func(options))
        sys.stdout.flush()
    except BrokenPipeError:
        # Who reads along, such as `head`, has seen enough; flushing at exit would say it again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _READER_GONE
    return code
