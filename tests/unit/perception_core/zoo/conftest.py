"""What the tests of the zoo share: a cache of their own, a list of models of their own, and running a graph."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import yaml
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Array = NDArray[np.float32]
Run = Callable[[onnx.ModelProto | Path, Mapping[str, Array]], list[Array]]
ModelOf = Callable[..., onnx.ModelProto]


@pytest.fixture(scope="session")
def run() -> Run:
    """Runs a graph on ONNX Runtime, one thread; gives its outputs in order."""

    def run_once(model: onnx.ModelProto | Path, feeds: Mapping[str, Array]) -> list[Array]:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        source = str(model) if isinstance(model, Path) else model.SerializeToString()
        return ort.InferenceSession(source, options, providers=["CPUExecutionProvider"]).run(None, dict(feeds))

    return run_once


@pytest.fixture
def cache(monkeypatch, tmp_path) -> Path:
    """An empty cache folder of the test's own."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("PERCEPTION_CACHE", str(folder))
    return folder


@pytest.fixture
def own_list(monkeypatch, tmp_path) -> Callable[[Mapping[str, object]], Path]:
    """Writes a list of models as the user's own, which `load_models` lays over ours."""

    def write(content: Mapping[str, object]) -> Path:
        path = tmp_path / "own.yaml"
        path.write_text(yaml.safe_dump(dict(content), sort_keys=False))
        monkeypatch.setenv("PERCEPTION_MODELS_FILE", str(path))
        return path

    return write


@pytest.fixture(scope="session")
def model_of() -> ModelOf:
    """Builds a network of images with the input x from its nodes; sizes of images and batch are open."""

    def build(
        nodes: Sequence[onnx.NodeProto],
        constants: Mapping[str, NDArray[np.generic]],
        channels: int,
        outputs: Mapping[str, int],
    ) -> onnx.ModelProto:
        graph = helper.make_graph(
            list(nodes),
            "network",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", channels, "H", "W"])],
            [
                helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", count, None, None])
                for name, count in outputs.items()
            ],
            [numpy_helper.from_array(np.ascontiguousarray(value), name) for name, value in constants.items()],
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)

    return build
