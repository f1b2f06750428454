"""What needs a GPU is skipped, with the reason, where there is none."""

import pytest

from perception_core.engines.choice import gpu_in_sight
from perception_core.engines.cuda import open_device
from perception_core.engines.engine import EngineError
from perception_core.engines.trt_module import find_tensorrt


def missing() -> str:
    """What a machine lacks to run networks on TensorRT; empty where it lacks nothing."""
    if not gpu_in_sight():
        return "there is no NVIDIA GPU"
    try:
        find_tensorrt()
        open_device()
    except EngineError as error:
        return str(error)
    return ""


@pytest.fixture(scope="session", autouse=True)
def _gpu() -> None:
    lacking = missing()
    if lacking:
        pytest.skip(f"needs a GPU with TensorRT and pycuda: {lacking}")
