"""The face node in its own process behind a camera at 30 Hz: losses, latency, overhead per frame, memory over time.

./perception bench node [--seconds 60] [--settle 60] [--source demo] [--json FILE]

The soak of ten minutes is `./perception bench node --seconds 670`: 20,000 frames. A frame that was published and not
answered is missing; the node's own figures say whether it was dropped, failed, or lost on the way. `overhead` is what
the node needs outside the networks and the transport: pair, hand on to the worker, convert, locate, track, build and
publish; `overhead_cpu` is its processor time, without what a busy machine makes it wait. `frame` is everything from the
arrival of a frame's last message on. The slope of memory is that of what a process has allocated itself.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.harness.rig import CAMERA, FACES, Rig
from benchmarks.harness.usage import Usage
from benchmarks.harness.watcher import Watcher, spread, stage_figures
from benchmarks.report import Result, run_benchmark
from perception_cli.arguments import seconds

TARGET_OVERHEAD_MS = {"median": 4.0, "p95": 8.0}
_LAST_FRAMES_S = 0.5
_LEAST_S = 20.0


def main() -> None:
    """The command."""
    run_benchmark("node", __doc__, measure, _declare)


def measure(options: argparse.Namespace) -> Result:
    """Runs the graph and gives its figures."""
    with tempfile.TemporaryDirectory() as folder:
        times = Path(folder) / "frames.jsonl"
        camera = ["perception_ros.replay_node", "--ros-args", "-p", f"source:={json.dumps(options.source)}"]
        with Rig(camera, ["benchmarks.harness.timed_face_node", str(times)]) as rig:
            rig.bring_up()
            rig.spin_for(options.settle)
            began_ns = rig.watcher.get_clock().now().nanoseconds
            usage = Usage(rig.process_ids())
            rig.spin_for(options.seconds, usage.sample_if_due)
            ended_ns = rig.watcher.get_clock().now().nanoseconds
            rig.spin_for(_LAST_FRAMES_S)
            rig.deactivate()
        frames = [json.loads(line) for line in times.read_text().splitlines()]
    measured = range(began_ns, ended_ns)
    return {
        "source": options.source,
        "seconds": options.seconds,
        "settled_for_s": options.settle,
        **_frame_figures(rig.watcher, measured),
        **overhead_figures([frame for frame in frames if frame["stamp_ns"] in measured]),
        "stages": stage_figures(rig.watcher.told[-1].values),
        "processes": {name: figures for name, figures in usage.summary().items() if name in (CAMERA, FACES)},
        "series": usage.series(),
    }


def overhead_figures(frames: list[dict[str, float]]) -> Result:
    """Median and 95th percentile of the overhead and its parts.

    Args:
        frames: Lines of `timed_face_node`.
    """
    wholes = ("overhead", "overhead_cpu")
    names = [name for name in frames[0] if name not in ("stamp_ns", *wholes)]
    columns = {name: np.array([frame.get(name, 0.0) for frame in frames]) for name in (*wholes, *names)}
    quantiles = {
        name: {"median_ms": round(float(np.median(ms)), 3), "p95_ms": round(float(np.quantile(ms, 0.95)), 3)}
        for name, ms in columns.items()
    }
    return {
        **{name: quantiles.pop(name) for name in wholes},
        "overhead_target_ms": TARGET_OVERHEAD_MS,
        "parts": quantiles,
    }


def _frame_figures(watcher: Watcher, measured: range) -> Result:
    published = {stamp for stamp in watcher.published_ns if stamp in measured}
    answered = {stamp: ms for stamp, ms in watcher.latencies_ms.items() if stamp in measured}
    stamps = sorted(answered)
    told = watcher.told[-1].values
    return {
        # Only a camera with calibration says how many frames it has published.
        "frames_published": len(published) if published else None,
        "frames_answered": len(answered),
        "frames_missing": len(published - set(answered)) if published else None,
        "frame_rate_hz": round((len(stamps) - 1) / (stamps[-1] - stamps[0]) * 1e9, 2),
        "since_activation": {key: int(told[key]) for key in _COUNTERS if key in told},
        **spread(list(answered.values()), "latency"),
    }


_COUNTERS = (
    "frames", "dropped_frames", "lost_frames", "lost_depth_images", "failed_frames", "frames_without_depth",
    "time_jumps",
)  # fmt: skip


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seconds", type=_seconds, default=60.0, help="how long is measured (default 60, at least 20)")
    # Caches and buffers grow until the demo has been through its scene, and until the most was once in flight.
    parser.add_argument("--settle", type=float, default=60.0, help="seconds before that (default 60)")
    parser.add_argument("--source", default="demo", help="what the camera shows (default demo)")


def _seconds(text: str) -> float:
    value = seconds(text)
    if value < _LEAST_S:
        raise argparse.ArgumentTypeError(f"{text} s are too short to tell how memory grows; at least {_LEAST_S:.0f} s")
    return value


if __name__ == "__main__":
    main()
