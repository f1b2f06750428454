"""ONNX Runtime on a real GPU against itself on the processor."""

from contextlib import closing

import onnxruntime
import pytest

from perception_core.engines.build_options import build_options
from perception_core.engines.engine import EngineKind, open_engine
from perception_core.engines.precision_check import deviation, sample_inputs
from perception_core.zoo.manifest import load_models

DEFAULT = [name for name, spec in load_models().items() if spec.inputs and spec.default]
TOLERANCE = 2e-2  # it multiplies in TF32 where the GPU can, which has as many digits as fp16


@pytest.mark.skipif(
    "CUDAExecutionProvider" not in onnxruntime.get_available_providers(), reason="this ONNX Runtime is not for GPUs"
)
@pytest.mark.parametrize("name", DEFAULT)
def test_every_model_gives_what_the_processor_gives(weights, name):
    path, feeds = weights(name), sample_inputs(build_options(load_models()[name]))
    with closing(open_engine(path, EngineKind.ONNX_RUNTIME)) as engine:
        expected = engine.run(feeds)
    with closing(open_engine(path, EngineKind.ONNX_RUNTIME_CUDA)) as engine:
        assert deviation(engine.run(feeds), expected) < TOLERANCE
        assert "CUDA" in engine.description
