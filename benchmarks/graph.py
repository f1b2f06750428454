"""The whole demo as its user starts it: frame rate, drops, latency, processor time and memory of all its processes.

./perception bench graph [--seconds 60] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
import psutil

from benchmarks.report import Result, run_benchmark
from perception_cli.graph import Graph
from perception_cli.processes import Interruption

_MEGABYTE = 1e6
_SAMPLE_S = 0.5
_RATE_HZ = 30.0
_SETTLE_S = 3.0
_INACTIVE_S = 30.0
_EMPTY_NODE = "import rclpy; rclpy.init(); rclpy.spin(rclpy.create_node('empty'))"


def main() -> None:
    """The command."""
    run_benchmark("graph", __doc__, measure, _declare)


def measure(options: argparse.Namespace) -> Result:
    """Runs the demo, then a face node that is inactive."""
    return {**_demo(options.seconds), **_inactive_node()}


def _demo(seconds: float) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        log, video = Path(folder) / "log.jsonl", Path(folder) / "video.mp4"
        command = [sys.executable, "-m", "perception_cli", "demo", "--headless", "--duration", str(seconds)]
        process = subprocess.Popen(
            [*command, "--log", str(log), "--output", str(video)], stdout=subprocess.PIPE, text=True
        )
        usage = _Usage(process.pid)
        output, _ = process.communicate()
        usage.stop()
        print(output)
        records = [json.loads(line) for line in log.read_text().splitlines()]
    stamps = np.array([record["stamp"] for record in records])
    latencies = np.array([record["latency_ms"] for record in records])
    gaps = np.rint(np.diff(stamps) * _RATE_HZ) - 1
    return {
        "frames": len(records),
        "frame_rate_hz": round(float((len(stamps) - 1) / (stamps[-1] - stamps[0])), 2),
        "frames_missing": int(gaps.clip(min=0).sum()),
        "latency_median_ms": round(float(np.median(latencies)), 1),
        "latency_p95_ms": round(float(np.quantile(latencies, 0.95)), 1),
        "memory_peak_pss_mb": round(usage.peak_memory / _MEGABYTE, 1),
        "cpu_cores_used": round(usage.cpu_seconds / seconds, 2),
    }


def _inactive_node() -> dict[str, float]:
    """Processor time of the inactive face node's process beside a publishing camera, and that of an empty node."""
    with Graph("demo", None, Interruption()) as graph:
        graph.bring_up(lambda: None)
        graph.deactivate()
        empty = subprocess.Popen([sys.executable, "-c", _EMPTY_NODE])
        graph.spin_for(_SETTLE_S)
        processes = [psutil.Process(graph.process_id("perception")), psutil.Process(empty.pid)]
        before = [sum(process.cpu_times()[:2]) for process in processes]
        graph.spin_for(_INACTIVE_S)
        used = [sum(process.cpu_times()[:2]) - start for process, start in zip(processes, before, strict=True)]
        empty.kill()
        empty.wait()
    inactive, nothing = (round(seconds / _INACTIVE_S * 100, 2) for seconds in used)
    return {"inactive_node_cpu_percent": inactive, "empty_node_cpu_percent": nothing}


class _Usage:
    """Samples memory and processor time of a process and all its children."""

    def __init__(self, pid: int) -> None:
        self.peak_memory = 0.0
        self._cpu: dict[int, float] = {}
        self._root = psutil.Process(pid)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    @property
    def cpu_seconds(self) -> float:
        return sum(self._cpu.values())

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stopped.wait(_SAMPLE_S):
            try:
                processes = [self._root, *self._root.children(recursive=True)]
                self.peak_memory = max(self.peak_memory, sum(_unshared(process) for process in processes))
                for process in processes:
                    self._cpu[process.pid] = sum(process.cpu_times()[:2])
            except psutil.NoSuchProcess:
                continue


def _unshared(process: psutil.Process) -> float:
    """Proportional set size: pages shared by several processes count once in their sum."""
    return float(process.memory_full_info().pss)


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seconds", type=float, default=60.0, help="how long the demo runs (default 60)")


if __name__ == "__main__":
    main()
