"""The process in which inputs are read; it may die of one, and is then replaced.

python -m benchmarks.fuzzing.worker MODULE FOLDER --seed N --seconds S --inputs N
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pickle
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from benchmarks.fuzzing.campaign import CURRENT, FINDINGS, TRACE, TRIED
from benchmarks.fuzzing.reader import Reader
from benchmarks.fuzzing.watch import Finding, Watch

_BATCH = 200  # inputs between two looks at the clock that hypothesis cannot be hurried past


class _FoundError(Exception):
    """Tells hypothesis to look for a smaller input with the same finding."""


class Session:
    """Reads inputs until the time or their number is used up."""

    def __init__(self, readers: Sequence[Reader], folder: Path, seconds: float, inputs: int) -> None:
        """Begins.

        Args:
            readers: What is fuzzed.
            folder: Findings and figures are left here; those of an earlier process are taken into account.
            seconds: How long.
            inputs: How many at most.
        """
        self._readers = {reader.name: reader for reader in readers}
        self._folder = folder
        self._ends = time.monotonic() + seconds
        self._inputs = inputs
        self._parent = os.getppid()
        tried, findings = folder / TRIED, folder / FINDINGS
        self._tried = Counter(json.loads(tried.read_text())) if tried.exists() else Counter()
        lines = findings.read_text().splitlines() if findings.exists() else []
        self._known = {json.loads(line)["signature"] for line in lines}
        self._smallest: dict[str, tuple[Finding, bytes]] = {}
        self._watch = Watch(folder / TRACE)

    def run(self, seed: int) -> None:
        """Batch after batch, each of other inputs."""
        cases = st.one_of([reader.inputs.map(_named(reader.name)) for reader in self._readers.values()])
        while not self._over():
            self._batch(cases, seed)
            self._settle()
            seed += 1

    def _over(self) -> bool:
        orphaned = os.getppid() != self._parent
        return orphaned or time.monotonic() > self._ends or self._tried.total() >= self._inputs

    def _batch(self, cases: st.SearchStrategy[tuple[str, Any]], seed: int) -> None:
        chased: list[str] = []

        @hypothesis.seed(seed)
        @settings(
            max_examples=_BATCH,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            print_blob=False,
        )
        @given(cases)
        def attempt(case: tuple[str, Any]) -> None:
            found = None if self._over() else self._try(case)
            if found is None or found.signature in self._known:
                return
            # Hypothesis makes one finding smaller at a time; what is slow is not worth it.
            if found.where != "memory" and (not chased or chased[0] == found.signature):
                chased[:] = [found.signature]
                raise _FoundError(found.signature)

        try:
            attempt()
        except (_FoundError, Flaky):
            return

    def _try(self, case: tuple[str, Any]) -> Finding | None:
        name, given_ = case
        saved = pickle.dumps(case)
        (self._folder / CURRENT).write_bytes(saved)
        self._tried[name] += 1
        found = self._watch.read(self._readers[name], given_)
        if found is not None and found.signature not in self._known:
            before = self._smallest.get(found.signature)
            if before is None or len(saved) < len(before[1]):
                self._smallest[found.signature] = found, saved
        return found

    def _settle(self) -> None:
        """Leaves what was found and counted in the folder."""
        with (self._folder / FINDINGS).open("a") as file:
            for signature, (finding, saved) in self._smallest.items():
                path = self._folder / f"{len(self._known)}.pickle"
                path.write_bytes(saved)
                record = {**asdict(finding), "signature": signature, "input": path.name, "bytes": len(saved)}
                file.write(json.dumps(record) + "\n")
                self._known.add(signature)
        self._smallest.clear()
        (self._folder / TRIED).write_text(json.dumps(self._tried))


def _named(name: str) -> Any:
    return lambda given_: (name, given_)


def main() -> None:
    """The process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("module")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--inputs", type=int, required=True)
    options = parser.parse_args()
    scratch = options.folder / "scratch"
    scratch.mkdir(exist_ok=True)
    readers = importlib.import_module(options.module).readers(scratch)
    Session(readers, options.folder, options.seconds, options.inputs).run(options.seed)


if __name__ == "__main__":
    main()
