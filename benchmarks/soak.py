"""Hours of trouble, seeded: cameras vanish, nodes are killed and cycled, parameters change; memory, losses, recovery.

./perception bench soak [--seconds 3600] [--seed 1] [--source demo] [--json FILE] [--plot FILE]

A source is replayed at its rate to the nodes for faces, hands and people, each in a process of its own, kept up by
`bring_up --keep` as on a robot. Every few seconds something happens to the graph, and then every node has to tell of
images again within half a minute. In the first third of the time nodes are killed, too; then their processes live on,
and their memory is watched. Exit code 1: memory grows, a node stays away, a process dies by itself, or an image is
in no count of the face node's diagnostics.
"""

from __future__ import annotations

import argparse
import collections
import random
import sys
import time
from pathlib import Path

from benchmarks.harness.memory_plot import write_plot
from benchmarks.harness.soak_run import Soak
from benchmarks.harness.soak_verdict import LEAK_MB_PER_HOUR, Life, growth
from benchmarks.report import BenchmarkError, Result, run_benchmark

_SAMPLES = 600  # of a process, in the file


def main() -> int:
    """The command."""
    findings: list[str] = []

    def measure(options: argparse.Namespace) -> Result:
        soak = Soak(options.seconds, random.Random(options.seed), options.source, print_line)
        try:
            soak.run()
        except KeyboardInterrupt:
            raise BenchmarkError("ended before its time") from None
        findings.extend(soak.findings)
        plot = options.plot or (options.json and options.json.with_suffix(".png"))
        if plot is not None:
            write_plot(plot, [(life.name, life.seconds, life.own_mb) for life in soak.memory.lives], soak.marks)
        return {"seed": options.seed, "seconds": options.seconds, "source": options.source, **result(soak)}

    run_benchmark("soak", __doc__, measure, _declare)
    for finding in findings:
        print(f"FOUND {finding}")
    print("stood" if not findings else f"{len(findings)} findings")
    return 1 if findings else 0


def result(soak: Soak) -> Result:
    """The figures of a run."""
    longest = soak.memory.longest()
    stretches = soak.stretches
    return {
        "troubles": dict(collections.Counter(trouble.kind.value for trouble in soak.troubles)),
        "recovery_median_s": soak.recovery_s(0.5),
        "recovery_longest_s": soak.recovery_s(1.0),
        "images_published": len(soak.published_ns),
        "quiet_stretches": len(stretches),
        "images_in_quiet_stretches": sum(each.published for each in stretches),
        "images_counted_there": sum(each.counted for each in stretches),
        "images_unaccounted": sum(each.unaccounted for each in stretches),
        "leak_limit_mb_per_hour": LEAK_MB_PER_HOUR,
        "memory": {name: _memory(life) for name, life in longest.items()},
        "findings": list(soak.findings),
        "series": {f"{life.name} {number}": _thinned(life) for number, life in enumerate(soak.memory.lives)},
    }


def _thinned(life: Life) -> Result:
    step = 1 + len(life.seconds) // _SAMPLES
    return {"seconds": list(life.seconds[::step]), "own_mb": list(life.own_mb[::step])}


def _memory(life: Life) -> Result:
    found = growth(life)
    grows = {} if found is None else {"mb_per_hour": found.mb_per_hour, "from": found.low, "to": found.high}
    return {"own_mb": life.own_mb[-1], "lived_s": round(life.seconds[-1] - life.seconds[0]), **grows}


def print_line(text: str) -> None:
    """As it happens."""
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seconds", type=float, default=3600.0, help="how long (default 3600)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other troubles (default 1)")
    parser.add_argument("--source", default="demo", help="a recording or a scene (default demo)")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="the memory as a picture (default: beside the JSON)")


if __name__ == "__main__":
    sys.exit(main())
