"""What a frame costs on a Jetson: counted from the graphs and the devices' limits, not measured.

./perception bench jetson [--json FILE]
"""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass

import onnx

from benchmarks.harness.graph_cost import Cost, graph_cost
from benchmarks.report import Result, run_benchmark
from perception_core.zoo.fetch import fetch_models
from perception_core.zoo.manifest import load_models
from perception_core.zoo.store import model_path

_REACHED = 0.25  # share of the peak that small convolutions reach: an assumption, and the largest uncertainty here
_LAUNCH_S = 10e-6  # per kernel, on a slow processor: an assumption; a CUDA graph needs less


@dataclass(frozen=True, slots=True)
class Device:
    """Limits of a GPU.

    Attributes:
        operations: In half precision per second: cores x clock x 2 (multiply and add) x 2 (two halves at once). Tensor
            cores are left out.
        bandwidth: Bytes per second.
    """

    operations: float
    bandwidth: float


# Cores, clocks and memory of NVIDIA's data sheets: Jetson Nano 128 at 921.6 MHz, 25.6 GB/s; Jetson Xavier NX 384 at
# 1100 MHz, 59.7 GB/s, the smaller of the two that are called Xavier.
DEVICES = {
    "nano": Device(128 * 921.6e6 * 4, 25.6e9),
    "xavier_nx": Device(384 * 1100e6 * 4, 59.7e9),
}
_WHOLE, _SMALL = (480, 640), (256, 320)


@dataclass(frozen=True, slots=True)
class Run:
    """How often a network runs.

    Attributes:
        network: Its name.
        per_frame: Runs per frame at 30 Hz.
        batch: At a time.
        size: Height and width, where the network leaves them open.
    """

    network: str
    per_frame: float
    batch: int = 1
    size: tuple[int, int] = _SMALL


# One person with one hand, as the nodes' defaults have it (docs/architecture.md).
RUNS = (
    Run("yunet", 2 / 15, size=_SMALL),
    Run("yunet", 1 / 15, size=_WHOLE),
    Run("face_landmarks_light", 1),
    Run("face_landmarks", 1 / 3),
    Run("face_blendshapes", 1 / 3),
    Run("face_expression", 1 / 3),
    Run("face_identity", 1 / 30),
    Run("palm_detection", 1 / 5),
    Run("hand_landmarks", 1),
    Run("gesture_embedder", 1, batch=5),
    Run("gesture_classifier", 1, batch=5),
)


def main() -> None:
    """The command."""
    run_benchmark("jetson", __doc__, measure)


def measure(_options: argparse.Namespace) -> Result:
    """Counts every run, and what all of them make per frame."""
    models = load_models()
    fetch_models([models[run.network] for run in RUNS], print)
    frame, counted = Cost(0, 0, 0), {}
    for run in RUNS:
        cost = _cost(run)
        frame += cost.times(run.per_frame)
        title = run.network if run.network != "yunet" else f"yunet_{run.size[1]}x{run.size[0]}"
        counted[title] = {"per_frame": run.per_frame, "batch": run.batch, **_rounded(cost)}
    return {"networks": counted, "frame": _rounded(frame), "estimate": {name: _on(d) for name, d in DEVICES.items()}}


def _cost(run: Run) -> Cost:
    model = onnx.load(model_path(run.network, original=True))
    open_sizes = {"N": run.batch, "H": run.size[0], "W": run.size[1]}
    inputs = load_models()[run.network].inputs
    shapes = {v.name: tuple(open_sizes[s] if isinstance(s, str) else s for s in v.shape) for v in inputs}
    return graph_cost(model, shapes)


def _on(device: Device) -> dict[str, float]:
    """Milliseconds per frame on a device.

    A run takes as long as the slower of computing and moving, and its launches on top.
    """
    least = sum(run.per_frame * _seconds(_cost(run), device, reached=1, launch_s=0) for run in RUNS)
    likely = sum(run.per_frame * _seconds(_cost(run), device, reached=_REACHED, launch_s=_LAUNCH_S) for run in RUNS)
    return {"least_ms": round(1e3 * least, 2), "likely_ms": round(1e3 * likely, 2), "likely_hz": round(1 / likely)}


def _seconds(cost: Cost, device: Device, reached: float, launch_s: float) -> float:
    working = max(cost.operations / (device.operations * reached), cost.moved / (device.bandwidth * reached))
    return working + cost.kernels * launch_s


def _rounded(cost: Cost) -> dict[str, float]:
    counted = asdict(cost)
    return {
        "mega_operations": round(counted["operations"] / 1e6, 2),
        "megabytes": round(counted["moved"] / 1e6, 2),
        "kernels": round(counted["kernels"], 1),
    }


if __name__ == "__main__":
    main()
