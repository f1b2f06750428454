"""All commands of `./perception`, and their options."""

from __future__ import annotations

import argparse

from perception_cli import bench, demo, models


def parser() -> argparse.ArgumentParser:
    """Declares them."""
    whole = argparse.ArgumentParser(prog="perception", description="Who is in front of a robot, and where in metres.")
    commands = whole.add_subparsers(metavar="COMMAND", required=True)
    demo.add_arguments(commands)
    models.add_arguments(commands)
    bench.add_arguments(commands)
    return whole


def main(arguments: list[str] | None = None) -> int:
    """Runs a command and returns its exit code."""
    options = parser().parse_args(arguments)
    return int(options.func(options))
