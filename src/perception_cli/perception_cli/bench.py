"""`./perception bench`: runs a benchmark of the repository, or all but the long ones."""

from __future__ import annotations

import argparse
import ast
import json
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path

from perception_cli.arguments import output_path
from perception_cli.outputs import OutputError, require_writable

_REPOSITORY = Path(__file__).parents[3]
_FOLDER = _REPOSITORY / "benchmarks"
_LONG = {"fuzz", "soak"}  # an hour and more


def add_arguments(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command."""
    parser = commands.add_parser(
        "bench", help="measure speed and accuracy; without a name, list what there is, or with --json run it all"
    )
    parser.add_argument("name", nargs="?", choices=sorted(_benchmarks()), metavar="NAME", help="which benchmark")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="...", help="the benchmark's own options")
    parser.add_argument(
        "--json",
        type=output_path,
        metavar="FILE",
        help=f"write the result as JSON; without NAME, of every benchmark but {', '.join(sorted(_LONG))}",
    )
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """Runs one benchmark or all of them, or lists them."""
    if options.name is None and options.json is None:
        for name, path in sorted(_benchmarks().items()):
            print(f"{name:12} {_first_line(path)}")
        return 0
    try:
        if options.json is not None:
            require_writable(options.json)
    except OutputError as error:
        print(f"perception: {error}", file=sys.stderr)
        return 1
    if options.name is None:
        return _run_all(options.json)
    to_file = ["--json", str(options.json)] if options.json is not None else []
    sys.path.insert(0, str(_REPOSITORY))
    sys.argv = [f"perception bench {options.name}", *to_file, *options.arguments]
    runpy.run_module(f"benchmarks.{options.name}", run_name="__main__")
    return 0


def _run_all(file: Path) -> int:
    """Runs them one after the other, each in a process of its own; writes what there is after each."""
    results: dict[str, object] = {}
    failed = []
    for name in sorted(_benchmarks().keys() - _LONG):
        print(f"\n=== {name}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            result = Path(folder) / "result.json"
            ended = subprocess.run(_command(name, str(result)), check=False)
            if result.is_file():
                results[name] = json.loads(result.read_text())
            if ended.returncode:
                failed.append(name)
        file.write_text(json.dumps(results, indent=2) + "\n")
    if failed:
        print(f"perception: failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _command(name: str, file: str) -> list[str]:
    return [sys.executable, "-m", "perception_cli", "bench", name, "--json", file]


def _benchmarks() -> dict[str, Path]:
    """The modules that are commands; the others are what those share."""
    return {path.stem: path for path in _FOLDER.glob("*.py") if _has_main(ast.parse(path.read_text()))}


def _has_main(module: ast.Module) -> bool:
    return any(isinstance(each, ast.FunctionDef) and each.name == "main" for each in module.body)


def _first_line(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\n")[0]
