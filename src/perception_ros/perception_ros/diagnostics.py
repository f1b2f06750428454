"""What a node tells of itself once a second."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from std_msgs.msg import Header

from perception_core.stages import StageTime

_LATENCIES_KEPT = 300  # ten seconds at 30 Hz
_RATE_WINDOW_S = 5.0


@dataclass(frozen=True, slots=True)
class ActivitySummary:
    """A node's work since it was activated.

    Attributes:
        frames: Worked on.
        failed: Could not be worked on.
        rate_hz: Frames per second over the last five seconds.
        latency_median_ms: From the image's stamp to the published message; NaN where none is known.
        latency_p95_ms: Likewise.
    """

    frames: int
    failed: int
    rate_hz: float
    latency_median_ms: float
    latency_p95_ms: float


@dataclass(frozen=True, slots=True)
class Losses:
    """What did not come through since the node was activated.

    Attributes:
        dropped: Frames that gave way to a newer one in the node.
        lost_colour: Colour images that were published and did not arrive.
        lost_depth: Depth images, likewise.
        without_depth: Colour images that no depth image belonged to.
        time_jumps: How many times the stamps went back.
    """

    dropped: int
    lost_colour: int
    lost_depth: int
    without_depth: int
    time_jumps: int


class Activity:
    """Counts frames and their latency; the worker adds, the executor reads.

    The rate is that of a clock that runs evenly: the node's may be a simulated one, which stands still or jumps.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._frames = 0
        self._failed = 0
        self._latencies_ms: deque[float] = deque(maxlen=_LATENCIES_KEPT)
        self._done_s: deque[float] = deque(maxlen=_LATENCIES_KEPT)

    def frame_done(self, stamp_ns: int, now_ns: int) -> None:
        """One frame is worked on and published.

        Args:
            stamp_ns: Of its image; 0 if the camera sets none.
            now_ns: By the node's clock; 0 if it is a simulated one that has not begun.
        """
        with self._lock:
            self._frames += 1
            if 0 not in (stamp_ns, now_ns):
                self._latencies_ms.append((now_ns - stamp_ns) / 1e6)
            self._done_s.append(self._clock())

    def frame_failed(self) -> None:
        """One frame could not be worked on."""
        with self._lock:
            self._failed += 1

    def summary(self) -> ActivitySummary:
        """The figures now; the rate falls when no more frames come."""
        with self._lock:
            latencies = np.array(self._latencies_ms or [np.nan])
            return ActivitySummary(
                frames=self._frames,
                failed=self._failed,
                rate_hz=self._rate_hz(self._clock()),
                latency_median_ms=float(np.median(latencies)),
                latency_p95_ms=float(np.quantile(latencies, 0.95)),
            )

    def _rate_hz(self, now_s: float) -> float:
        if not self._done_s:
            return 0.0
        recent = sum(done_s >= now_s - _RATE_WINDOW_S for done_s in self._done_s)
        return recent / (min(now_s - self._done_s[0], _RATE_WINDOW_S) or 1.0)


def activity_values(activity: ActivitySummary, losses: Losses, stages: Mapping[str, StageTime]) -> dict[str, str]:
    """The figures as the keys and values of a diagnostic status.

    Stages appear as `stage/<name>/mean_ms`, `.../sd_ms`, `.../cpu_ms` and `.../count`.
    """
    values = {
        "frame_rate_hz": f"{activity.rate_hz:.1f}",
        "frames": str(activity.frames),
        "dropped_frames": str(losses.dropped),
        "lost_frames": str(losses.lost_colour),
        "lost_depth_images": str(losses.lost_depth),
        "frames_without_depth": str(losses.without_depth),
        "failed_frames": str(activity.failed),
        "time_jumps": str(losses.time_jumps),
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
