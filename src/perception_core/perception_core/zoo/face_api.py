"""Rebuilds face-api's expression network from its weight manifest.

The package carries no graph, only quantised weights and a list of their names, shapes and scales (the TensorFlow.js
weight format). The network is four dense blocks of depthwise separable convolutions, an average over the last 7x7
pixels and one layer with a softmax. https://github.com/vladmandic/face-api, MIT.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from perception_core.zoo.errors import ConversionError
from perception_core.zoo.onnx_graph import GraphBuilder
from perception_core.zoo.spec import Shape

Weights = Mapping[str, NDArray[np.float32]]

_BLOCKS = 4
_MEAN_RGB = (122.782, 117.001, 104.298)  # of the pictures that the network was trained on
_INTEGERS: dict[str, type[np.unsignedinteger[Any]]] = {"uint8": np.uint8, "uint16": np.uint16}

# What TensorFlow's "same" padding is for a 3x3 kernel on even sizes: top, left, bottom, right.
_SAME_PADS = {1: (1, 1, 1, 1), 2: (0, 0, 1, 1)}


def read_weights(manifest: bytes, data: bytes) -> dict[str, NDArray[np.float32]]:
    """Reads weights in the TensorFlow.js format.

    Args:
        manifest: JSON: groups of weights with name, shape, dtype and quantisation.
        data: The weights, one behind the other in the manifest's order.

    Returns:
        float32 arrays by name.

    Raises:
        ConversionError: The data is shorter or longer than the manifest says, or a shape is none.
    """
    weights: dict[str, NDArray[np.float32]] = {}
    offset = 0
    for entry in (entry for group in json.loads(manifest) for entry in group["weights"]):
        if not all(isinstance(size, int) and size >= 0 for size in entry["shape"]):
            raise ConversionError(f"face-api weights: {str(entry['name'])[:80]} has no shape of whole numbers")
        count = math.prod(entry["shape"])
        quantised = entry.get("quantization")
        dtype = np.dtype(_INTEGERS[quantised["dtype"]] if quantised else np.float32)
        if offset + count * dtype.itemsize > len(data):
            raise ConversionError(f"face-api weights end within {entry['name']}: the file is cut short")
        values = np.frombuffer(data, dtype, count, offset).astype(np.float32)
        offset += count * dtype.itemsize
        if quantised:
            values = values * np.float32(quantised["scale"]) + np.float32(quantised["min"])
        weights[entry["name"]] = values.reshape(entry["shape"])
    if offset != len(data):
        raise ConversionError(f"face-api weights: {len(data) - offset} bytes more than the manifest lists")
    return weights


def build(
    weights: Weights, name: str, inputs: list[tuple[str, Shape]], outputs: list[tuple[str, Shape]]
) -> onnx.ModelProto:
    """The expression network.

    Args:
        weights: As `read_weights` gives them.
        name: Of the graph.
        inputs: One image, N x 3 x 112 x 112, RGB 0 to 255; subtracting the mean and scaling are in the graph.
        outputs: One, N x 7 probabilities.
    """
    (image, _), (scores, shape) = inputs[0], outputs[0]
    graph = GraphBuilder()
    mean = graph.constant(np.array(_MEAN_RGB, np.float32).reshape(1, 3, 1, 1))
    value = graph.node("Div", [graph.node("Sub", [image, mean]), graph.constant(np.array(255, np.float32))])
    for block in range(_BLOCKS):
        value = _dense_block(graph, value, weights, f"dense{block}")
    value = graph.node("Flatten", [graph.node("GlobalAveragePool", [value])])
    value = graph.node("Gemm", [value, graph.constant(weights["fc/weights"]), graph.constant(weights["fc/bias"])])
    value = graph.node("Softmax", [value], axis=-1)
    return graph.model(name, inputs, [(scores, shape, value)])


def _dense_block(graph: GraphBuilder, value: str, weights: Weights, block: str) -> str:
    """Halves the size, then adds to each layer's result those of all layers before it."""
    first = f"{block}/conv0"
    if f"{first}/filters" in weights:
        filters = weights[f"{first}/filters"].transpose(3, 2, 0, 1)
        value = graph.conv(value, filters, weights[f"{first}/bias"], strides=(2, 2), pads=_SAME_PADS[2])
    else:
        value = _separable(graph, value, weights, first, stride=2)
    total = graph.node("Relu", [value])
    active = total
    for layer in range(1, 4):
        result = _separable(graph, active, weights, f"{block}/conv{layer}", stride=1)
        total = graph.node("Add", [total, result])
        active = graph.node("Relu", [total])
    return active


def _separable(graph: GraphBuilder, value: str, weights: Weights, layer: str, stride: int) -> str:
    depthwise = weights[f"{layer}/depthwise_filter"].transpose(2, 3, 0, 1)
    pointwise = weights[f"{layer}/pointwise_filter"].transpose(3, 2, 0, 1)
    spread = graph.conv(value, depthwise, strides=(stride, stride), pads=_SAME_PADS[stride], groups=depthwise.shape[0])
    return graph.conv(spread, pointwise, weights[f"{layer}/bias"])
