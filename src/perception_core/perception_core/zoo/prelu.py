"""Rewrites PReLU so that ONNX Runtime stays in its fast layout.

ONNX Runtime's CPU kernels compute convolutions on blocks of channels. It has no PReLU for that layout, so every PReLU
costs two reorderings of the whole tensor and breaks the fusions around it. The same function of operators that exist:

    prelu(x) = x + (1 - a) * relu(-x)

Both products are depthwise 1x1 convolutions, into which ONNX Runtime fuses the ReLU and the sum: two passes over the
data. Networks with PReLUs also pad channels with zeros for their shortcuts, which has no such kernel either; a 1x1
convolution that copies the channels has. TensorRT has its own kernels for both: give it the original.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from perception_core.zoo.onnx_graph import checked, drop_unused_constants

_IMAGE_RANK = 4
_CHANNEL_PAD_END = 5  # position of "channels, behind" among a Pad's (N, C, H, W before, N, C, H, W behind)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known about a graph before it runs: values of constants, channels of images."""

    constants: Mapping[str, NDArray[np.generic]]
    channels: Mapping[str, int]


def has_prelu(model: onnx.ModelProto) -> bool:
    """Whether there is anything to rewrite."""
    return any(node.op_type == "PRelu" for node in model.graph.node)


def without_prelu(model: onnx.ModelProto) -> onnx.ModelProto:
    """A graph that computes the same without the PReLUs of images.

    A PReLU stays where its input is not known to be an image, or where its slopes differ from pixel to pixel.

    Args:
        model: Left as it is.

    Returns:
        A new model; its numbers differ from the original's by rounding only.
    """
    rewritten = onnx.ModelProto()
    rewritten.CopyFrom(model)
    graph = rewritten.graph
    known = _known(model)
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        slopes, padding = _slopes(node, known), _padded_channels(node, known)
        if slopes is not None:
            replaced, weights = _shifted_relu(node, slopes)
        elif padding:
            replaced, weights = _copying_conv(node, known.channels[node.input[0]], padding)
        else:
            replaced, weights = [node], []
        nodes += replaced
        graph.initializer.extend(weights)
    del graph.node[:]
    graph.node.extend(nodes)
    drop_unused_constants(graph)
    return checked(rewritten)


def _known(model: onnx.ModelProto) -> _Known:
    graph = onnx.shape_inference.infer_shapes(model).graph
    channels = {}
    for value in (*graph.input, *graph.value_info, *graph.output):
        dims = value.type.tensor_type.shape.dim
        if len(dims) == _IMAGE_RANK and dims[1].HasField("dim_value"):
            channels[value.name] = dims[1].dim_value
    return _Known({constant.name: numpy_helper.to_array(constant) for constant in graph.initializer}, channels)


def _slopes(node: onnx.NodeProto, known: _Known) -> NDArray[np.float32] | None:
    """The slope of each channel if the node is a PReLU that can be rewritten."""
    if node.op_type != "PRelu" or node.input[1] not in known.constants or node.input[0] not in known.channels:
        return None
    slopes, channels = known.constants[node.input[1]], known.channels[node.input[0]]
    # Slopes are broadcast from the right: one per channel is (C, 1, 1).
    if slopes.dtype != np.float32 or slopes.shape[-3:] != (channels, 1, 1) or slopes.size != channels:
        return None
    return slopes.astype(np.float32).reshape(channels)


def _padded_channels(node: onnx.NodeProto, known: _Known) -> int:
    """How many channels of zeros the node appends, if that is all it does; else 0."""
    # The pad value is zero where no third input says otherwise.
    if node.op_type != "Pad" or len(node.input) != 2 or node.attribute:
        return 0
    if node.input[0] not in known.channels or node.input[1] not in known.constants:
        return 0
    amounts = known.constants[node.input[1]].astype(np.int64)
    appended = int(amounts[_CHANNEL_PAD_END])
    return appended if appended > 0 and np.count_nonzero(amounts) == 1 else 0


def _shifted_relu(
    node: onnx.NodeProto, slopes: NDArray[np.float32]
) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    (source, _), (target,) = node.input, node.output
    minus, relu, scaled = f"{target}_minus", f"{target}_relu", f"{target}_scaled"
    weights = {f"{target}_minus_one": -np.ones_like(slopes), f"{target}_one_minus_slope": 1 - slopes}
    tensors = [numpy_helper.from_array(factors.reshape(-1, 1, 1, 1), name) for name, factors in weights.items()]
    first, second = weights

    def product(of: str, factors: str, name: str) -> onnx.NodeProto:
        return helper.make_node("Conv", [of, factors], [name], name=name, group=slopes.size, kernel_shape=[1, 1])

    nodes = [
        product(source, first, minus),
        helper.make_node("Relu", [minus], [relu], name=relu),
        product(relu, second, scaled),
        helper.make_node("Add", [source, scaled], [target], name=f"{target}_sum"),
    ]
    return nodes, tensors


def _copying_conv(
    node: onnx.NodeProto, channels: int, appended: int
) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    (source, _), (target,) = node.input, node.output
    copied = np.eye(channels + appended, channels, dtype=np.float32).reshape(channels + appended, channels, 1, 1)
    name = f"{target}_copied_channels"
    conv = helper.make_node("Conv", [source, name], [target], name=target, kernel_shape=[1, 1])
    return [conv], [numpy_helper.from_array(copied, name)]
