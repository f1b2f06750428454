"""Published networks as `./perception models fetch` converts them, and ONNX files as the nodes load them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import yaml
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from benchmarks.fuzzing.mutation import damaged
from benchmarks.fuzzing.network_files import endless_checkpoint, face_api, state_dict, tflite_file, zipped_state_dict
from benchmarks.fuzzing.reader import Reader
from perception_core.engines.engine import Engine, EngineError, open_engine
from perception_core.zoo.convert import convert
from perception_core.zoo.errors import ConversionError
from perception_core.zoo.manifest import read_models
from perception_core.zoo.spec import ONLY_PART, ModelSpec
from perception_core.zoo.torch_checkpoint import read_weights

_MOST_NUMBERS = 1_000_000  # of an input that a damaged file asks for
_PNET = {
    "inputs": [("x", ["N", 3, "H", "W"])],
    "outputs": [("scores", ["N", 2, "h", "w"]), ("boxes", ["N", 4, "h", "w"])],
}
_FACE_API = {"inputs": [("x", ["N", 3, 112, 112])], "outputs": [("y", ["N", 7])]}
_TFLITE = {"inputs": [("x", ["N", 2, 4, 4])], "outputs": [("y", ["N", 3])]}
_ONNX = {"inputs": [("x", ["N", 2, 4, 4])], "outputs": [("y", ["N", 4, 4, 4])]}


def readers(folder: Path) -> list[Reader]:
    """What reads networks."""
    specs = _specs(folder)
    manifest, weights = face_api()
    own = _onnx()
    path = folder / "network.onnx"

    def load(data: bytes) -> None:
        path.write_bytes(data)
        engine = open_engine(path)
        try:
            _run(engine)
        finally:
            engine.close()

    def converted(name: str, inputs: st.SearchStrategy[Mapping[str, bytes]]) -> Reader:
        return Reader(name, inputs, lambda parts: convert(specs[name], parts), (ConversionError,))

    return [
        Reader("engine", damaged([own]), load, (EngineError,)),
        converted("onnx", _only(damaged([own]))),
        converted("tflite", _only(damaged([tflite_file()]))),
        converted("pytorch", _only(damaged([state_dict(_pnet_weights())]))),
        Reader("checkpoint", damaged(_checkpoints()), read_weights, (ConversionError,)),
        converted("face_api", st.fixed_dictionaries({"manifest": damaged([manifest]), "weights": damaged([weights])})),
    ]


def _checkpoints() -> list[bytes]:
    weights = _pnet_weights()
    return [state_dict(weights), zipped_state_dict(weights), endless_checkpoint()]


def _only(data: st.SearchStrategy[bytes]) -> st.SearchStrategy[Mapping[str, bytes]]:
    return data.map(lambda content: {ONLY_PART: content})


def _run(engine: Engine) -> None:
    shapes = [[size or 1 for size in tensor.shape] for tensor in engine.inputs]
    if all(np.prod(shape, dtype=float) <= _MOST_NUMBERS for shape in shapes):
        engine.run(
            {
                tensor.name: np.zeros(shape, tensor.dtype)
                for tensor, shape in zip(engine.inputs, shapes, strict=True)
                if tensor.dtype.isalnum()
            }
        )


def _specs(folder: Path) -> Mapping[str, ModelSpec]:
    """Entries of models.yaml for the files below."""
    path = folder / "models.yaml"
    models = {
        "onnx": _entry("onnx", _ONNX, prelu_rewrite=True),
        "tflite": _entry("tflite", _TFLITE),
        "pytorch": _entry("mtcnn_pnet", _PNET),
        "face_api": _entry("face_api", _FACE_API),
    }
    sha = "a0" * 32
    models["face_api"] |= {
        "sources": [{"archive": "page", "member": {"manifest": "a", "weights": "b"}}],
        "sha256": {"manifest": sha, "weights": sha},
    }
    archive = {"kind": "url", "url": "https://example.org", "sha256": sha, "licence": {"spdx": "MIT"}}
    path.write_text(yaml.safe_dump({"archives": {"page": archive}, "models": models}))
    return read_models(path)


def _entry(
    conversion: str, tensors: Mapping[str, Sequence[tuple[str, list[Any]]]], *, prelu_rewrite: bool = False
) -> dict[str, Any]:
    listed = {
        kind: [{"name": name, "shape": shape, "meaning": "numbers"} for name, shape in values]
        for kind, values in tensors.items()
    }
    about = {"task": "none", "description": "A test.", "licence": {"spdx": "MIT"}, "sources": [{"file": "network"}]}
    return {
        **about,
        **listed,
        "conversion": conversion,
        "prelu_rewrite": prelu_rewrite,
        "decoder": "class_scores",
    }


def _onnx() -> bytes:
    """A small network with what the rewrites look for: convolutions, PReLU, a reshape."""
    random = np.random.default_rng(0)
    constants = {
        "weights": random.random((4, 2, 3, 3), np.float32),
        "bias": random.random(4, np.float32),
        "slopes": random.random((4, 1, 1), np.float32),
        "shape": np.array([1, 4, 4, 4]),
    }
    nodes = [
        helper.make_node("Conv", ["x", "weights", "bias"], ["a"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("PRelu", ["a", "slopes"], ["b"]),
        helper.make_node("Reshape", ["b", "shape"], ["c"]),
        helper.make_node("Sigmoid", ["c"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2, 4, 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 4, 4, 4])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model: onnx.ModelProto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    return bytes(model.SerializeToString())


def _pnet_weights() -> dict[str, NDArray[np.float32]]:
    """MTCNN's first network with few channels."""
    random, weights, channels = np.random.default_rng(0), {}, 3
    for number, wider in enumerate((2, 2, 3), start=1):
        weights[f"conv{number}.weight"] = random.random((wider, channels, 3, 3), np.float32)
        weights[f"conv{number}.bias"] = random.random(wider, np.float32)
        weights[f"prelu{number}.weight"] = random.random(wider, np.float32)
        channels = wider
    for name, count in (("conv4_1", 2), ("conv4_2", 4)):
        weights[f"{name}.weight"] = random.random((count, channels, 1, 1), np.float32)
        weights[f"{name}.bias"] = random.random(count, np.float32)
    return weights
