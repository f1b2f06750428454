"""Memory and processor time of processes, sampled while they run."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.harness.trend import trend

_PERIOD_S = 1.0
_MEGABYTE = 1e6
_KIBIBYTE = 1024
_FIELD = re.compile(r"^(Rss|Pss|Anonymous): +(\d+) kB", re.MULTILINE)
_MEMORY = {"Rss": "rss_mb", "Pss": "pss_mb", "Anonymous": "own_mb"}


@dataclass(slots=True)
class _Series:
    process: psutil.Process
    memory: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in _MEMORY.values()})
    cpu_s: list[float] = field(default_factory=list)


class Usage:
    """Samples some processes once a second."""

    def __init__(self, processes: Mapping[str, int]) -> None:
        """Begins.

        Args:
            processes: Their ids by the names that they have in the result.
        """
        self._series = {name: _Series(psutil.Process(pid)) for name, pid in processes.items()}
        self._seconds: list[float] = []
        self._began = time.monotonic()
        self.sample_if_due()

    def sample_if_due(self) -> None:
        """Takes a sample if a second has passed since the last."""
        now = time.monotonic() - self._began
        if self._seconds and now < len(self._seconds) * _PERIOD_S:
            return
        self._seconds.append(now)
        for series in self._series.values():
            for name, megabytes in _memory_mb(series.process.pid).items():
                series.memory[name].append(megabytes)
            series.cpu_s.append(sum(series.process.cpu_times()[:2]))

    def summary(self) -> dict[str, object]:
        """Per process: cores used, memory at the end, the slope of its own memory with its 95 % interval.

        Own memory is what the process has allocated (anonymous pages). The proportional set size, in which pages shared
        by several processes are divided among them, also moves when others come and go.
        """
        return {name: self._summary_of(series) for name, series in self._series.items()}

    def series(self) -> dict[str, object]:
        """All samples: megabytes, and seconds of processor time since the process began."""
        result: dict[str, object] = {"seconds": [round(second, 2) for second in self._seconds]}
        for name, series in self._series.items():
            result |= {f"{name}_{kind}": values for kind, values in series.memory.items()}
            result[f"{name}_cpu_s"] = [round(second, 2) for second in series.cpu_s]
        return result

    def _summary_of(self, series: _Series) -> dict[str, object]:
        found = trend(self._seconds, series.memory["own_mb"])
        return {
            "cpu_cores": round((series.cpu_s[-1] - series.cpu_s[0]) / (self._seconds[-1] - self._seconds[0]), 3),
            **{name: values[-1] for name, values in series.memory.items()},
            "own_slope_kb_per_minute": round(found.slope * 60e3, 1),
            "own_slope_95_percent_from": round(found.low * 60e3, 1),
            "own_slope_95_percent_to": round(found.high * 60e3, 1),
            "own_memory_is_flat": found.flat,
        }


def _memory_mb(pid: int) -> dict[str, float]:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return {_MEMORY[name]: round(int(size) * _KIBIBYTE / _MEGABYTE, 3) for name, size in _FIELD.findall(text)}
