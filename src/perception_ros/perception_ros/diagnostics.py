"""What a node tells of itself once a second."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from std_msgs.msg import Header

from perception_core.stages import StageTime

_LATENCIES_KEPT = 300  # ten seconds at 30 Hz
_RATE_WINDOW_NS = 5_000_000_000


@dataclass(frozen=True, slots=True)
class ActivitySummary:
    """A node's work since it was activated.

    Attributes:
        frames: Worked on.
        failed: Could not be worked on.
        rate_hz: Frames per second over the last five seconds.
        latency_median_ms: From the image's stamp to the published message; NaN without a frame.
        latency_p95_ms: Likewise.
    """

    frames: int
    failed: int
    rate_hz: float
    latency_median_ms: float
    latency_p95_ms: float


class Activity:
    """Counts frames and their latency; the worker adds, the executor reads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._frames = 0
        self._failed = 0
        self._latencies_ms: deque[float] = deque(maxlen=_LATENCIES_KEPT)
        self._done_ns: deque[int] = deque(maxlen=_LATENCIES_KEPT)

    def frame_done(self, stamp_ns: int, now_ns: int) -> None:
        """One frame is worked on and published."""
        with self._lock:
            self._frames += 1
            self._latencies_ms.append((now_ns - stamp_ns) / 1e6)
            self._done_ns.append(now_ns)

    def frame_failed(self) -> None:
        """One frame could not be worked on."""
        with self._lock:
            self._failed += 1

    def summary(self, now_ns: int) -> ActivitySummary:
        """The figures now.

        Args:
            now_ns: So that a rate falls when no more frames come.
        """
        with self._lock:
            latencies = np.array(self._latencies_ms or [np.nan])
            done_ns = [done for done in self._done_ns if done >= now_ns - _RATE_WINDOW_NS]
            return ActivitySummary(
                frames=self._frames,
                failed=self._failed,
                rate_hz=len(done_ns) / (min(now_ns - self._done_ns[0], _RATE_WINDOW_NS) / 1e9 or 1.0)
                if self._done_ns
                else 0.0,
                latency_median_ms=float(np.median(latencies)),
                latency_p95_ms=float(np.quantile(latencies, 0.95)),
            )


def activity_values(
    activity: ActivitySummary, dropped: int, without_depth: int, stages: Mapping[str, StageTime]
) -> dict[str, str]:
    """The figures as the keys and values of a diagnostic status.

    Stages appear as `stage/<name>/mean_ms`, `.../sd_ms`, `.../cpu_ms` and `.../count`.
    """
    values = {
        "frame_rate_hz": f"{activity.rate_hz:.1f}",
        "frames": str(activity.frames),
        "dropped_frames": str(dropped),
        "frames_without_depth": str(without_depth),
        "failed_frames": str(activity.failed),
        "latency_median_ms": f"{activity.latency_median_ms:.1f}",
        "latency_p95_ms": f"{activity.latency_p95_ms:.1f}",
    }
    for name, times in stages.items():
        values[f"stage/{name}/mean_ms"] = f"{times.wall_ms.mean:.3f}"
        values[f"stage/{name}/sd_ms"] = f"{times.wall_ms.deviation:.3f}"
        values[f"stage/{name}/cpu_ms"] = f"{times.cpu_ms.mean:.3f}"
        values[f"stage/{name}/count"] = str(times.wall_ms.count)
    return values


def status(
    stamp: Time, node_name: str, state: str, warnings: Sequence[str], values: Mapping[str, str]
) -> DiagnosticArray:
    """The message: a warning if there is one, else the lifecycle state.

    Args:
        stamp: Now.
        node_name: Fully qualified.
        state: Of the lifecycle.
        warnings: What is wrong, in words.
        values: Keys and values.
    """
    return DiagnosticArray(
        header=Header(stamp=stamp),
        status=[
            DiagnosticStatus(
                level=DiagnosticStatus.WARN if warnings else DiagnosticStatus.OK,
                name=node_name,
                hardware_id="",
                message="; ".join(warnings) or state,
                values=[KeyValue(key=key, value=value) for key, value in {"state": state, **values}.items()],
            )
        ],
    )
