"""Whether a graph has stood a soak: memory, images that nobody counted, nodes that stayed away, processes that died."""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.harness.trend import BATCHES, trend
from benchmarks.harness.watcher import Told

LEAK_MB_PER_HOUR = 5.0  # 120 MB a day: what a robot with 4 GB stands for weeks
WARM_S = 60.0  # allocators have taken by then what they keep
IN_FLIGHT = 5  # images published before a status and counted after it: one in work, two waiting, two on the way


@dataclass(frozen=True, slots=True)
class Life:
    """The memory of a process from its start to its end.

    Attributes:
        name: Of the process.
        seconds: When each sample was taken, since the soak began.
        own_mb: What it had allocated (anonymous pages).
    """

    name: str
    seconds: Sequence[float]
    own_mb: Sequence[float]


@dataclass(frozen=True, slots=True)
class Growth:
    """How a process's memory grows, with its 95 % interval; in MB per hour."""

    watched_s: float
    mb_per_hour: float
    low: float
    high: float

    @property
    def leaks(self) -> bool:
        """Whether it certainly grows by more than is allowed."""
        return self.low > LEAK_MB_PER_HOUR


def growth(life: Life, warm_s: float = WARM_S) -> Growth | None:
    """The trend of a life's memory once it is warm; None where that is too short to tell."""
    begin = bisect.bisect_left(life.seconds, life.seconds[0] + warm_s) if life.seconds else 0
    seconds, values = life.seconds[begin:], life.own_mb[begin:]
    if len(values) < 2 * BATCHES:
        return None
    found = trend(seconds, values)
    return Growth(seconds[-1] - seconds[0], *(round(each * 3600, 2) for each in (found.slope, found.low, found.high)))


@dataclass(frozen=True, slots=True)
class Accounts:
    """What became of the images of a quiet stretch.

    Attributes:
        published: Between the face node's first and last status.
        counted: Worked on, dropped, lost or failed in that time, as it told.
    """

    published: int
    counted: int

    @property
    def unaccounted(self) -> int:
        """Images that nobody has counted, beyond those on the way."""
        return max(0, self.published - self.counted - IN_FLIGHT)


def accounts(told: Sequence[Told], published_ns: Sequence[int], begin_ns: int, end_ns: int) -> Accounts | None:
    """Compares what was published with what was counted.

    Args:
        told: The face node's statuses.
        published_ns: Stamps of the images, ascending but for a camera that began anew.
        begin_ns: From when on nothing troubles the graph, by the same clock as the stamps.
        end_ns: Until when.

    Returns:
        None where there are no two statuses of one activation in that time.
    """
    within = [each for each in told if begin_ns <= each.stamp_ns <= end_ns]
    if len(within) < 2 or int(within[-1].values["frames"]) < int(within[0].values["frames"]):
        return None
    first, last = within[0], within[-1]
    # On a machine that starves images are on the way for most of a second, and are counted when they have come.
    arrived_ns = last.stamp_ns - round(_latency_ms(last) * 1e6)
    published = sum(first.stamp_ns < stamp <= arrived_ns for stamp in published_ns)
    return Accounts(published, sum(last.counts.values()) - sum(first.counts.values()))


def _latency_ms(told: Told) -> float:
    """The 95th percentile that the node tells; 0 where it knows none."""
    value = float(told.values.get("latency_p95_ms", "nan"))
    return value if math.isfinite(value) else 0.0
