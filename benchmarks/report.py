"""What every benchmark does the same way: its options, the machine, the command that repeats it, JSON."""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

_LIBRARIES = ("numpy", "opencv-python-headless", "onnxruntime")
_NUMBERS = re.compile(r"\[\s+((?:[-+.\deE]+,\s+)*[-+.\deE]+)\s+\]")

Result = dict[str, object]


class BenchmarkError(RuntimeError):
    """A benchmark cannot be carried out; the text says why."""


def run_benchmark(
    name: str,
    about: str | None,
    measure: Callable[[argparse.Namespace], Result],
    declare: Callable[[argparse.ArgumentParser], None] | None = None,
) -> None:
    """The command of a benchmark: reads the options, measures, prints, and writes JSON if a file was asked for.

    Args:
        name: After `./perception bench`.
        about: What it says of itself with --help.
        measure: Takes the options and gives the result.
        declare: Adds the benchmark's own options.

    Raises:
        SystemExit: It cannot be carried out.
    """
    parser = argparse.ArgumentParser(
        prog=f"perception bench {name}", description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    if declare is not None:
        declare(parser)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the result as JSON")
    options = parser.parse_args()
    try:
        result = {"machine": machine(), "command": command(name, sys.argv[1:]), **measure(options)}
    except BenchmarkError as error:
        sys.exit(f"perception bench {name}: {error}")
    print(table(result))
    if options.json is not None:
        options.json.write_text(as_json(result))


def command(name: str, arguments: Sequence[str]) -> str:
    """The command line that repeats a measurement; where its result is written is left out."""
    kept: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--json":
            next(words, None)
        elif not word.startswith("--json="):
            kept.append(word)
    return shlex.join(["./perception", "bench", name, *kept])


def table(result: Mapping[str, object]) -> str:
    """A line for every figure; series are for the file only."""
    lines: list[str] = []
    _add_lines(lines, result, "")
    return "\n".join(lines)


def as_json(result: Mapping[str, object]) -> str:
    """Indented, a list of numbers on one line."""
    text = json.dumps(result, indent=2)
    return _NUMBERS.sub(lambda found: "[" + " ".join(found[1].split()) + "]", text) + "\n"


def machine() -> str:
    """Processor, cores and versions, in a line."""
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, {libraries}"


def _add_lines(lines: list[str], result: Mapping[str, object], indent: str) -> None:
    for name, value in result.items():
        if isinstance(value, Mapping):
            if any(not isinstance(each, list) for each in value.values()):
                lines.append(f"{indent}{name}")
                _add_lines(lines, value, indent + "  ")
        elif not isinstance(value, list):
            lines.append(f"{indent + name:32} {value}")


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
