"""Rebuilds the three networks of MTCNN from their weights.

Zhang et al., "Joint Face Detection and Alignment using Multi-task Cascaded Convolutional Networks", IEEE Signal
Processing Letters 23(10), 2016, table 1; layer names as in facenet-pytorch, whose weights these are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray

from perception_core.zoo.onnx_graph import GraphBuilder
from perception_core.zoo.spec import Shape

Weights = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class _Stage:
    """One of the three networks.

    Attributes:
        pools: Kernel size of the max pooling (stride 2) behind each convolution; 0 for none.
        dense: The layer between convolutions and heads and its PReLU, None for the fully convolutional first network.
        heads: The layers of the outputs: face or not (with a softmax), box, and in the last network five points.
    """

    pools: tuple[int, ...]
    dense: tuple[str, str] | None
    heads: tuple[str, ...]


_STAGES = {
    "pnet": _Stage((2, 0, 0), None, ("conv4_1", "conv4_2")),
    "rnet": _Stage((3, 3, 0), ("dense4", "prelu4"), ("dense5_1", "dense5_2")),
    "onet": _Stage((3, 3, 2, 0), ("dense5", "prelu5"), ("dense6_1", "dense6_2", "dense6_3")),
}


def build(
    stage: str, weights: Weights, name: str, inputs: Sequence[tuple[str, Shape]], outputs: Sequence[tuple[str, Shape]]
) -> onnx.ModelProto:
    """One of the three networks.

    Args:
        stage: pnet, rnet or onet.
        weights: By PyTorch's names.
        name: Of the graph.
        inputs: One image, NCHW, RGB, (x - 127.5) / 128.
        outputs: Scores (background, face), box offsets, and for onet the points; in this order.
    """
    plan, graph = _STAGES[stage], GraphBuilder()
    value = inputs[0][0]
    for number, pool in enumerate(plan.pools, start=1):
        value = graph.conv(value, weights[f"conv{number}.weight"], weights[f"conv{number}.bias"])
        slopes = weights[f"prelu{number}.weight"].reshape(-1, 1, 1)
        value = graph.node("PRelu", [value, graph.constant(slopes)])
        if pool:
            value = graph.node("MaxPool", [value], kernel_shape=[pool, pool], strides=[2, 2], ceil_mode=1)
    if plan.dense:
        value = _dense(graph, value, weights, *plan.dense)
    results = [_head(graph, value, weights, head) for head in plan.heads]
    results[0] = graph.node("Softmax", [results[0]], axis=1)
    return graph.model(
        name, inputs, [(output, shape, result) for (output, shape), result in zip(outputs, results, strict=True)]
    )


def _dense(graph: GraphBuilder, value: str, weights: Weights, layer: str, prelu: str) -> str:
    # The weights count columns first, then rows, then channels.
    value = graph.node("Flatten", [graph.node("Transpose", [value], perm=[0, 3, 2, 1])])
    value = _head(graph, value, weights, layer)
    return graph.node("PRelu", [value, graph.constant(weights[f"{prelu}.weight"])])


def _head(graph: GraphBuilder, value: str, weights: Weights, layer: str) -> str:
    matrix, bias = weights[f"{layer}.weight"], weights[f"{layer}.bias"]
    if matrix.ndim > len("OI"):
        return graph.conv(value, matrix, bias)
    return graph.node("Gemm", [value, graph.constant(matrix), graph.constant(bias)], transB=1)
