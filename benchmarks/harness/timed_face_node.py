"""The face node as it is, with the times of every single frame written to a file.

    python -m benchmarks.harness.timed_face_node FILE

A line of JSON per frame, all in milliseconds of wall time: the stages, and beside them `network` (inside the engines),
`hand_on` (from the executor's thread to the worker), `frame` (from the arrival of the last message that the frame needs
until its faces are published) and `overhead`: the parts of it that every frame needs, whatever is to be said of its
faces. `overhead_cpu` is the processor time of the same: without what the threads wait.
"""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from numpy.typing import NDArray

from face_perception.node import FaceNode
from perception_core.engines.engine import Tensors
from perception_core.engines.onnx_runtime import OnnxRuntimeEngine
from perception_core.frame import RgbdFrame
from perception_core.newest import NewestOnly
from perception_core.stages import StageTimes
from perception_ros import perception_node
from perception_ros.spinning import spinning

_HANDED_ON_KEPT = 4
_PAIRING, _NETWORK, _HAND_ON = "pair", "network", "hand_on"
_OVERHEAD = (_PAIRING, _HAND_ON, "convert", "locate", "track", "publish")

T = TypeVar("T")


class FrameTimes:
    """Collects what belongs to the frame in work.

    Pairing runs on another thread, a moment before: what it took since the last frame was done counts for the next one.
    """

    def __init__(self, path: Path) -> None:
        """Begins a file."""
        self._file = path.open("w")
        self._times: dict[str, float] = {}
        self._cpu_times: dict[str, float] = {}
        self._pairing_ms: list[tuple[float, float]] = []
        self._handed_on = 0.0

    def add(self, name: str, wall_ms: float, cpu_ms: float = 0.0) -> None:
        """Adds to a part of the frame in work."""
        if name == _PAIRING:
            self._pairing_ms.append((wall_ms, cpu_ms))
            return
        self._times[name] = self._times.get(name, 0.0) + wall_ms
        self._cpu_times[name] = self._cpu_times.get(name, 0.0) + cpu_ms

    def taken(self, handed_on: float) -> None:
        """The worker takes a frame.

        Args:
            handed_on: When the other thread offered it, by `time.perf_counter`.
        """
        self._handed_on, self._times, self._cpu_times = handed_on, {}, {}
        self.add(_HAND_ON, (time.perf_counter() - handed_on) * 1e3)

    def done(self, stamp_ns: int) -> None:
        """The frame's faces are published."""
        frame_ms = (time.perf_counter() - self._handed_on) * 1e3
        pairing_ms, self._pairing_ms = self._pairing_ms, []
        for wall_ms, cpu_ms in pairing_ms:
            self._times[_PAIRING] = self._times.get(_PAIRING, 0.0) + wall_ms
            self._cpu_times[_PAIRING] = self._cpu_times.get(_PAIRING, 0.0) + cpu_ms
        times = {**self._times, "frame": self._times.get(_PAIRING, 0.0) + frame_ms}
        times["overhead"] = sum(self._times.get(name, 0.0) for name in _OVERHEAD)
        times["overhead_cpu"] = sum(self._cpu_times.get(name, 0.0) for name in _OVERHEAD)
        self._file.write(json.dumps({"stamp_ns": stamp_ns, **{key: round(ms, 4) for key, ms in times.items()}}) + "\n")

    def close(self) -> None:
        """Ends the file."""
        self._file.close()


def timed_face_node(frame_times: FrameTimes) -> FaceNode:
    """A face node that does what it always does, and tells how long each frame took."""

    class KeptStageTimes(StageTimes):
        def add(self, name: str, wall_ms: float, cpu_ms: float) -> None:
            super().add(name, wall_ms, cpu_ms)
            frame_times.add(name, wall_ms, cpu_ms)

    class TimedNewest(NewestOnly[T]):
        def __init__(self) -> None:
            super().__init__()
            self._offered: deque[tuple[T, float]] = deque(maxlen=_HANDED_ON_KEPT)

        def put(self, thing: T) -> None:
            self._offered.append((thing, time.perf_counter()))
            super().put(thing)

        def take(self) -> T | None:
            thing = super().take()
            for offered, at in tuple(self._offered):
                if offered is thing:
                    frame_times.taken(at)
            return thing

    class TimedFaceNode(FaceNode):
        def process(self, frame: RgbdFrame) -> None:
            super().process(frame)
            frame_times.done(frame.stamp_ns)

    run = OnnxRuntimeEngine.run

    def timed_run(engine: OnnxRuntimeEngine, feeds: Tensors) -> dict[str, NDArray[Any]]:
        wall, cpu = time.perf_counter(), time.thread_time()
        outputs = run(engine, feeds)
        frame_times.add(_NETWORK, (time.perf_counter() - wall) * 1e3, (time.thread_time() - cpu) * 1e3)
        return outputs

    vars(perception_node).update(StageTimes=KeptStageTimes, NewestOnly=TimedNewest)
    OnnxRuntimeEngine.run = timed_run  # type: ignore[method-assign, assignment]
    return TimedFaceNode()


def main(arguments: Sequence[str]) -> None:
    """The process."""
    frame_times = FrameTimes(Path(arguments[0]))
    try:
        with spinning(lambda: [timed_face_node(frame_times)]) as (_, ending):
            ending.wait()
    except KeyboardInterrupt:
        return  # told to end while starting
    finally:
        frame_times.close()


if __name__ == "__main__":
    main(sys.argv[1:])
