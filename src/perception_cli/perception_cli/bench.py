"""`./perception bench`: runs a benchmark of the repository."""

from __future__ import annotations

import argparse
import ast
import runpy
import sys
from pathlib import Path

_REPOSITORY = Path(__file__).parents[3]
_FOLDER = _REPOSITORY / "benchmarks"
_NOT_BENCHMARKS = {"__init__", "report"}


def add_arguments(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command."""
    parser = commands.add_parser("bench", help="measure speed and accuracy; without a name, list what there is")
    parser.add_argument("name", nargs="?", choices=sorted(_benchmarks()), metavar="NAME", help="which benchmark")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="...", help="the benchmark's own options")
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """Runs one benchmark, or lists them."""
    if options.name is None:
        for name, path in sorted(_benchmarks().items()):
            print(f"{name:12} {_first_line(path)}")
        return 0
    sys.path.insert(0, str(_REPOSITORY))
    sys.argv = [f"perception bench {options.name}", *options.arguments]
    runpy.run_module(f"benchmarks.{options.name}", run_name="__main__")
    return 0


def _benchmarks() -> dict[str, Path]:
    return {path.stem: path for path in _FOLDER.glob("*.py") if path.stem not in _NOT_BENCHMARKS}


def _first_line(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\n")[0]
