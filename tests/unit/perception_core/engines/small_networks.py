"""Networks of a node or two, for tests of what builds plans; and the TensorRT for RTX that builds them for real."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from perception_core.engines.build_options import BuildOptions, Sample, ShapeRange
from perception_core.engines.engine import EngineError, Precision
from perception_core.engines.trt_module import TensorRt, find_tensorrt

WIDTH = 8


def rtx() -> TensorRt:
    """TensorRT for RTX, which builds without a GPU."""
    try:
        found = find_tensorrt()
    except EngineError as error:
        pytest.skip(f"{error} ./perception test installs TensorRT for RTX on x86_64.")
    if not found.is_rtx:
        pytest.skip(f"{found.title} builds with a GPU only")
    return found


def network(path: Path, *nodes: onnx.NodeProto, sizes=("N", WIDTH)) -> Path:
    """A network with the input x, the output y and the constant `weights`; adds 1 where no nodes are given."""
    nodes = nodes or (helper.make_node("Add", ["x", "weights"], ["y"], name="add"),)
    constants = {
        "weights": np.ones(WIDTH, np.float32),
        "scale": np.array(0.1, np.float32),
        "zero": np.array(0, np.int8),
    }
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, sizes)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        initializer=[
            numpy_helper.from_array(value, name)
            for name, value in constants.items()
            if any(name in node.input for node in nodes)
        ],
    )
    domains = {node.domain for node in nodes}
    opsets = [helper.make_opsetid(domain, 13 if not domain else 1) for domain in sorted(domains | {""})]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
    return path


def quantised() -> list[onnx.NodeProto]:
    """Nodes of a network that says itself what is computed in int8."""
    return [
        helper.make_node("QuantizeLinear", ["x", "scale", "zero"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "scale", "zero"], ["d"]),
        helper.make_node("Relu", ["d"], ["y"]),
    ]


def options(name="small", precision=Precision.FP32, gpu="", tolerance=0.01, most=4) -> BuildOptions:
    """Of such a network."""
    shapes = ShapeRange((1, WIDTH), (2, WIDTH), (most, WIDTH))
    return BuildOptions(name, precision, {"x": shapes}, {"x": Sample(0, 1, None)}, tolerance, gpu)
