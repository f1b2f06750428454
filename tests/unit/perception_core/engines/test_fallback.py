"""Who asks while another thread sees the GPU fail."""

import numpy as np
import pytest

from perception_core.engines.engine import DeviceError, EngineError
from perception_core.engines.fallback import FallbackEngine

ANSWER = {"y": np.ones(3, np.float32)}


class Engine:
    """Runs as it is told, once for each call."""

    description = "stand-in"
    inputs = outputs = ()

    def __init__(self, *runs):
        self.runs, self.closed = list(runs), 0

    def run(self, feeds):
        return self.runs.pop(0)() if self.runs else ANSWER

    def close(self):
        self.closed += 1


def raising(error):
    def run():
        raise error

    return run


def test_who_finds_the_engine_closed_because_another_saw_the_gpu_fail_gets_an_answer():
    def meanwhile():
        assert engine.run({}) is ANSWER  # the other thread, which sees the failure
        raise EngineError("net was closed and cannot be run")

    gpu, spare = Engine(meanwhile, raising(DeviceError("gone"))), Engine()
    engine = FallbackEngine("net", gpu, lambda: spare)
    assert engine.run({}) is ANSWER
    assert (gpu.closed, spare.closed) == (1, 0)
    engine.close()
    assert spare.closed == 1


def test_an_error_of_the_caller_is_the_callers():
    engine = FallbackEngine("net", Engine(raising(EngineError("no such input"))), lambda: pytest.fail("not needed"))
    with pytest.raises(EngineError, match="no such input"):
        engine.run({})


def test_where_the_processor_cannot_either_that_is_said():
    engine = FallbackEngine("net", Engine(raising(DeviceError("gone"))), raising(EngineError("net.onnx is damaged")))
    with pytest.raises(EngineError, match="damaged"):
        engine.run({})
