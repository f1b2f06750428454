"""What needs a GPU is skipped, with the reason, where there is none."""

import pytest

from benchmarks.gpu import missing


@pytest.fixture(scope="session", autouse=True)
def _gpu() -> None:
    lacking = missing()
    if lacking:
        pytest.skip(f"needs a GPU with TensorRT and pycuda: {lacking}")
