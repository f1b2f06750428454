"""A camera that publishes four times as fast as usual for ten seconds: latency, every frame accounted for, recovery.

./perception bench flood [--seconds 10] [--rate 120] [--json FILE]

640x480 colour and depth at 30 Hz, then the flood, then 30 Hz again. Every colour image that was published has to be
among those the node worked on, dropped, failed at, or counted as lost on the way. The graph has recovered at the first
of ten images that are answered one after the other with a median latency not above the 95th percentile of that before.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.harness.rig import Rig
from benchmarks.harness.watcher import Told, Watcher, spread
from benchmarks.report import Result, run_benchmark

TARGET_LATENCY_MS = 66.0
TARGET_RECOVERY_S = 1.0
_CALM_HZ = 30.0
_CALM_S = 5.0
_QUIET_S = 1.5  # the node tells its counts once a second
_IN_A_ROW = 10


def main() -> None:
    """The command."""
    run_benchmark("flood", __doc__, measure, _declare)


def measure(options: argparse.Namespace) -> Result:
    """Runs the graph and gives its figures."""
    calm = f"{_CALM_HZ}:{_CALM_S}"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "stamps.json"
        camera = ["benchmarks.harness.burst_camera", str(file), calm, f"{options.rate}:{options.seconds}", calm]
        with Rig(camera, ["perception_ros.container", "face_perception.node:FaceNode"]) as rig:
            rig.bring_up()
            rig.spin_until(file.exists, "the end of the last stretch", options.seconds + 60)
            rig.spin_for(_QUIET_S)
        before, flood, after = json.loads(file.read_text())
    stamps = [*before, *flood, *after]
    return {
        "rate_hz": options.rate,
        "seconds": options.seconds,
        "accounts": accounts(len(stamps), counts_between(rig.watcher.told, stamps[0])),
        "before": _stretch(rig.watcher, before),
        "flood": _stretch(rig.watcher, flood),
        "after": _stretch(rig.watcher, after),
        "latency_target_ms": TARGET_LATENCY_MS,
        "recovery_s": recovery_s(before, after, rig.watcher.latencies_ms),
        "recovery_target_s": TARGET_RECOVERY_S,
    }


def counts_between(told: Sequence[Told], first_ns: int) -> dict[str, int]:
    """What the node has counted from a stamp on.

    Args:
        told: Its statuses.
        first_ns: The stamp; the last status before it has to be of a time when nothing was in flight.
    """
    until = [each.counts for each in told if each.stamp_ns < first_ns][-1]
    return {name: count - until[name] for name, count in told[-1].counts.items()}


def accounts(published: int, counts: Mapping[str, int]) -> Result:
    """What became of the images; `unaccounted` is zero if each is in exactly one of the counts."""
    return {"published": published, **counts, "unaccounted": published - sum(counts.values())}


def recovery_s(before: Sequence[int], after: Sequence[int], latencies_ms: Mapping[int, float]) -> float | None:
    """Seconds from the first image after the flood to the first from which on all is as it was; None for never.

    Args:
        before: Stamps of the images before the flood, in nanoseconds.
        after: Likewise after it.
        latencies_ms: Of the answers, by the stamp of the image.
    """
    usual_ms = float(np.quantile([latencies_ms[stamp] for stamp in before if stamp in latencies_ms], 0.95))
    for k in range(len(after) - _IN_A_ROW + 1):
        row = [latencies_ms.get(stamp) for stamp in after[k : k + _IN_A_ROW]]
        answered = [latency for latency in row if latency is not None]
        if len(answered) == _IN_A_ROW and statistics.median(answered) <= usual_ms:
            return round((after[k] - after[0]) / 1e9, 3)
    return None


def _stretch(watcher: Watcher, stamps: Sequence[int]) -> Result:
    answered = [watcher.latencies_ms[stamp] for stamp in stamps if stamp in watcher.latencies_ms]
    seconds = (stamps[-1] - stamps[0]) / 1e9
    return {
        "published_hz": round((len(stamps) - 1) / seconds, 1),
        "answered_hz": round(len(answered) / seconds, 1),
        **spread(answered, "latency"),
    }


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seconds", type=float, default=10.0, help="how long the flood lasts (default 10)")
    parser.add_argument("--rate", type=float, default=120.0, help="its images per second (default 120)")


if __name__ == "__main__":
    main()
