"""A TensorRT that builds nothing and remembers what it was told: the differences between versions are in its flags.

It stands for versions that this machine does not have, and proves only that they are told what they should be.
"""

from dataclasses import dataclass, field
from enum import IntEnum
from types import ModuleType, SimpleNamespace

import onnx

from perception_core.engines.trt_module import TensorRt

_BUILDER_FLAGS = {
    "8": ("FP16", "INT8", "TF32"),
    "10": ("FP16", "INT8", "TF32", "REFIT"),
    "11": ("TF32", "REFIT"),
}
_NETWORK_FLAGS = {"8": ("EXPLICIT_BATCH",), "10": ("EXPLICIT_BATCH", "STRONGLY_TYPED"), "11": ("_", "STRONGLY_TYPED")}


@dataclass
class Told:
    """What a build was told, and what is to go wrong with it."""

    flags: set = field(default_factory=set)
    cleared: set = field(default_factory=set)
    network_flags: int = -1
    workspace: int = 0
    shapes: dict = field(default_factory=dict)
    graph: onnx.ModelProto | None = None
    fails_with: str = ""
    no_builder: bool = False


class _Log:
    Severity = SimpleNamespace(ERROR=1)


def recorded(version: str) -> tuple[TensorRt, Told]:
    """A TensorRT of a version, and what it will have been told."""
    told, major = Told(), version.partition(".")[0]
    builder_flags = IntEnum("BuilderFlag", _BUILDER_FLAGS[major], start=0)
    network_flags = IntEnum("NetworkDefinitionCreationFlag", _NETWORK_FLAGS[major], start=0)

    class Profile:
        def set_shape(self, name, *shapes):
            told.shapes[name] = shapes

    class Config:
        def set_flag(self, flag):
            told.flags.add(flag.name)

        def clear_flag(self, flag):
            told.cleared.add(flag.name)

        def set_memory_pool_limit(self, _pool, limit):
            told.workspace = limit

        def add_optimization_profile(self, profile):
            assert isinstance(profile, Profile)

    class Network:
        def __init__(self):
            self.inputs = []
            self.num_inputs = 0

        def get_input(self, index):
            return self.inputs[index]

    class Builder:
        def __init__(self, log):
            self.log = log
            if told.no_builder:
                log.log(1, "CUDA initialization failure with error: 35")
                raise TypeError("pybind11::init(): factory function returned nullptr")

        def create_network(self, flags):
            told.network_flags = flags
            return Network()

        def create_builder_config(self):
            return Config()

        def create_optimization_profile(self):
            return Profile()

        def build_serialized_network(self, _network, _config):
            if told.fails_with:
                self.log.log(1, told.fails_with)
                return None
            return memoryview(b"plan")

    class OnnxParser:
        num_errors = 0

        def __init__(self, network, _log):
            self.network = network

        def parse(self, content):
            told.graph = onnx.ModelProto.FromString(content)
            for value in told.graph.graph.input:
                sizes = [size.dim_value or -1 for size in value.type.tensor_type.shape.dim]
                self.network.inputs.append(SimpleNamespace(name=value.name, shape=sizes))
            self.network.num_inputs = len(self.network.inputs)
            return True

    module = ModuleType("tensorrt")
    vars(module).update(
        Builder=Builder,
        OnnxParser=OnnxParser,
        ILogger=_Log,
        BuilderFlag=builder_flags,
        NetworkDefinitionCreationFlag=network_flags,
        MemoryPoolType=SimpleNamespace(WORKSPACE=0),
    )
    return TensorRt(module, "TensorRT", version, strongly_typed=not hasattr(builder_flags, "FP16"), is_rtx=False), told
