"""Whether a plan computes what the network means: its outputs beside ONNX Runtime's on a CPU, on the same inputs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from perception_core.engines.build_options import BuildOptions, Sample, Shape
from perception_core.engines.engine import Engine, EngineOptions, Tensors

_SEED = 20240229  # the same inputs on every machine
_COARSE = (
    12  # cells across a made picture: shapes of the size of a face's parts, not noise, which networks hardly answer to
)


def sample_inputs(options: BuildOptions) -> dict[str, NDArray[np.float32]]:
    """What a plan is tried with: smooth pictures and numbers of the range that models.yaml names.

    Returns:
        By input; of the shape that the plan is built for.
    """
    random = np.random.default_rng(_SEED)
    return {
        name: _picture(random, shapes.usual, options.samples[name])
        if options.samples[name].image is not None
        else random.uniform(options.samples[name].low, options.samples[name].high, shapes.usual).astype(np.float32)
        for name, shapes in options.shapes.items()
    }


def _picture(random: np.random.Generator, shape: Shape, sample: Sample) -> NDArray[np.float32]:
    wanted = sample.image
    assert wanted is not None
    batch, channels, height, width = shape if wanted.layout == "NCHW" else (shape[0], shape[3], *shape[1:3])
    coarse = random.integers(0, 256, (batch, _COARSE, _COARSE, channels)).astype(np.float32)
    pictures = np.stack(
        [
            cv2.resize(each, (width, height), interpolation=cv2.INTER_LINEAR).reshape(height, width, -1)
            for each in coarse
        ]
    )
    numbers = (pictures - np.array(wanted.subtract, np.float32)) / np.array(wanted.divide, np.float32)
    return np.ascontiguousarray(numbers.transpose(0, 3, 1, 2) if wanted.layout == "NCHW" else numbers, np.float32)


def expected_outputs(model: Path, feeds: Tensors) -> dict[str, NDArray[Any]]:
    """What ONNX Runtime makes of inputs, in float32 on the CPU.

    Raises:
        EngineError: The network cannot be run there.
    """
    from perception_core.engines.onnx_runtime import OnnxRuntimeEngine  # noqa: PLC0415 - takes 0.1 s to import

    engine: Engine = OnnxRuntimeEngine(model, EngineOptions())
    try:
        return engine.run(feeds)
    finally:
        engine.close()


def deviation(found: Tensors, expected: Mapping[str, NDArray[Any]]) -> float:
    """How far outputs are from what is expected.

    Args:
        found: By output.
        expected: Likewise.

    Returns:
        The largest difference of any output, in the largest absolute value that is expected of that output (or in 1
        where that is smaller than 1, so that probabilities near zero count for what they are); infinite where a number
        is missing or not finite.
    """
    if set(found) != set(expected):
        return float("inf")
    return max((_difference(found[name], expected[name]) for name in expected), default=0.0)


def _difference(found: NDArray[Any], expected: NDArray[Any]) -> float:
    if found.shape != expected.shape:
        return float("inf")
    if not expected.size:
        return 0.0
    wanted = expected.astype(np.float64)
    worst = float(np.abs(found.astype(np.float64) - wanted).max())
    return worst / max(float(np.abs(wanted).max()), 1.0) if np.isfinite(worst) else float("inf")
