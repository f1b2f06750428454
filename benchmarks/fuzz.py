"""Readers under damaged and hostile input: messages, manifests, parameters, recordings, pictures, videos, networks.

./perception bench fuzz [TARGET ...] [--seconds 600] [--seed N] [--save DIR] [--json FILE]

Every target runs in a process of its own. A finding is an error that the reader does not document, words of a library
on the terminal, more than 5 s of processor time or 1 GB of memory for an input below 1 MB, and the death of the
process. The smallest input that shows it is saved, for `python -m benchmarks.fuzzing.replay FILE`; exit code 1 says
that there is one.
"""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path

from benchmarks.fuzzing.campaign import TARGETS, Found, Outcome, fuzz, module_of
from benchmarks.report import Result, run_benchmark

_SECONDS = 600.0


def main() -> int:
    """The command."""
    if find_spec("hypothesis") is None:
        sys.exit("hypothesis is missing, which makes the inputs: run `./perception setup --tests` first")
    found: list[Found] = []

    def measure(options: argparse.Namespace) -> Result:
        result: Result = {"seed": options.seed}
        for target in options.targets or TARGETS:
            outcome = fuzz(module_of(target), options.seed, options.seconds)
            found.extend(outcome.found)
            result[target] = _figures(outcome)
            _report(target, outcome, options.save)
        return result

    run_benchmark("fuzz", __doc__, measure, _declare)
    return 1 if found else 0


def _declare(parser: argparse.ArgumentParser) -> None:
    described = "; ".join(f"{name}: {what}" for name, what in TARGETS.items())
    parser.add_argument(
        "targets", nargs="*", choices=[*TARGETS, []], metavar="TARGET", help=f"default all. {described}"
    )
    parser.add_argument("--seconds", type=float, default=_SECONDS, help="for each target (default 600)")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other inputs (default 0)")
    parser.add_argument(
        "--save", type=Path, default=Path("output/fuzz"), metavar="DIR", help="for inputs with findings"
    )


def _figures(outcome: Outcome) -> Result:
    return {"seconds": outcome.seconds, "inputs": outcome.tried, "findings": len(outcome.found)}


def _report(target: str, outcome: Outcome, folder: Path) -> None:
    """A line for the target and one for each finding, as soon as they are known."""
    print(f"{target}: {sum(outcome.tried.values())} inputs in {outcome.seconds:.0f} s", flush=True)
    for found in outcome.found:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / found.file_name
        path.write_bytes(found.saved)
        print(f"  FOUND {found}; input: {path}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
