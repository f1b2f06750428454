"""What is told of a peer beside others, by what it has answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.peers import Record
from benchmarks.report import Result

CPU_MS = "_cpu_ms"  # what is worked for so long, at the end of its name
DETECTORS = ("detector", "palm_detector", "palm_detector_close")  # look at a picture, whoever is in it


def best_round(milliseconds: Sequence[float], frames: int) -> float:
    """The mean over the round that took least.

    Args:
        milliseconds: Of every frame, round by round.
        frames: In a round.
    """
    return float(np.reshape(milliseconds, (-1, frames)).mean(axis=1).min())


def rates(work: Mapping[str, float], seconds: float, shown: float) -> dict[str, float]:
    """How often per second something was done for every face or hand; of the search for them, how often at all.

    Args:
        work: How often in all.
        seconds: In which it was done.
        shown: How many faces or hands were there all the time.
    """
    done = {kind: amount for kind, amount in work.items() if not kind.endswith(CPU_MS)}
    return {kind: round(amount / seconds / (1 if kind in DETECTORS else shown), 2) for kind, amount in done.items()}


def processor_time(milliseconds: Sequence[float], frames: int, theirs_ms: float) -> Result:
    """Of a peer.

    Args:
        milliseconds: Of every frame, round by round.
        frames: In a round.
        theirs_ms: What it is compared with: the best round of MediaPipe.
    """
    mean = best_round(milliseconds, frames)
    return {
        "cpu_mean_ms": round(mean, 2),
        "cpu_median_ms": round(float(np.median(milliseconds)), 2),
        "cpu_p95_ms": round(float(np.quantile(milliseconds, 0.95)), 2),
        "cpu_to_mediapipe": round(mean / theirs_ms, 3),
    }


def stages_per_frame(record: Record) -> Result:
    """Milliseconds of each stage, the mean over all frames that were timed."""
    frames = len(record.cpu_ms)
    return {kind: round(ms / frames, 3) for kind, ms in record.work.items() if kind.endswith(CPU_MS)}
