"""Rewrites PReLU so that ONNX Runtime stays in its fast layout.

ONNX Runtime's CPU kernels compute convolutions on blocks of channels. It has no PReLU for that layout, so every PReLU
costs two reorderings of the whole tensor and breaks the fusions around it. The same function of operators that exist:

    prelu(x) = x + (1 - a) * relu(-x)

Both products are depthwise 1x1 convolutions, into which ONNX Runtime fuses the ReLU and the sum: two passes over the
data.
"""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from perception_core.zoo.onnx_graph import (
    channel_slopes,
    channels_of_images,
    constants,
    exact_rewrite,
)


def has_prelu(model: onnx.ModelProto) -> bool:
    """Whether there is anything to rewrite."""
    return any(node.op_type == "PRelu" for node in model.graph.node)


@exact_rewrite
def without_prelu(model: onnx.ModelProto) -> None:
    """A graph that computes the same without the PReLUs of images.

    A PReLU stays where its input is not known to be an image, or where its slopes differ from pixel to pixel.
    """
    graph = model.graph
    known, channels = constants(graph), channels_of_images(model)
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        slopes = channel_slopes(node, known, channels.get(node.input[0], 0)) if node.input else None
        if slopes is None:
            nodes.append(node)
        else:
            replaced, weights = _shifted_relu(node, slopes)
            nodes += replaced
            graph.initializer.extend(weights)
    del graph.node[:]
    graph.node.extend(nodes)


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
