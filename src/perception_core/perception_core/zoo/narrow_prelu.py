"""Makes the PReLU of narrow bottlenecks cost nothing.

Vector units compute 16 channels at a time (AVX-512; see MLAS's NCHWc kernels in ONNX Runtime), so a convolution to 8
channels leaves half of the work unused. That half can compute -x beside x. With the ReLU fused, the convolution gives
relu(x) and relu(-x), and the PReLU between them and the next depthwise convolution is a matter of its weights:

    prelu(x) = relu(x) - a * relu(-x)

    conv to C, PReLU, depthwise conv, conv   ->   conv to 2C with ReLU, depthwise conv over 2C, conv from 2C

The last convolution adds both halves. The first blocks of the 478-point network, its most expensive ones, are of this
kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from perception_core.zoo.onnx_graph import (
    channel_slopes,
    constants,
    exact_rewrite,
    groups,
    set_attribute,
    sole_readers,
)

_MOST_CHANNELS = 8  # twice as many fill a vector unit; more would have to be paid for

_Constants = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class _Bottleneck:
    """A chain in which nobody else reads what lies between."""

    into: onnx.NodeProto
    prelu: onnx.NodeProto
    depthwise: onnx.NodeProto
    out_of: onnx.NodeProto


@exact_rewrite
def without_narrow_prelu(model: onnx.ModelProto) -> None:
    """A graph that computes the same without the PReLUs of bottlenecks of up to 8 channels."""
    graph = model.graph
    known = constants(graph)
    for chain in _bottlenecks(graph, known):
        _double(chain, known, graph)


def _bottlenecks(graph: onnx.GraphProto, known: _Constants) -> list[_Bottleneck]:
    reader = sole_readers(graph)
    found = []
    for into in graph.node:
        chain = [into]
        while len(chain) < 4 and chain[-1].output[0] in reader:
            chain.append(reader[chain[-1].output[0]])
        if [node.op_type for node in chain] == ["Conv", "PRelu", "Conv", "Conv"]:
            bottleneck = _Bottleneck(*chain)
            if _can_be_doubled(bottleneck, known):
                found.append(bottleneck)
    return found


def _can_be_doubled(chain: _Bottleneck, known: _Constants) -> bool:
    nodes = (chain.into, chain.prelu, chain.depthwise, chain.out_of)
    if any(name not in known for node in nodes for name in node.input[1:]):
        return False
    channels = len(known[chain.into.input[1]])
    return (
        channels <= _MOST_CHANNELS
        and groups(chain.into) == 1
        and channel_slopes(chain.prelu, known, channels) is not None
        and groups(chain.depthwise) == channels == len(known[chain.depthwise.input[1]])
        and groups(chain.out_of) == 1
    )


def _double(chain: _Bottleneck, known: _Constants, graph: onnx.GraphProto) -> None:
    slopes = known[chain.prelu.input[1]].reshape(-1, 1, 1, 1)

    def replace(node: onnx.NodeProto, position: int, value: NDArray[np.float32]) -> None:
        if len(node.input) > position:
            name = f"{node.output[0]}_doubled_{position}"
            graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
            node.input[position] = name

    def constant(node: onnx.NodeProto, position: int) -> NDArray[np.float32]:
        return known[node.input[position]] if len(node.input) > position else np.zeros(0, np.float32)

    into, depthwise, out_of = chain.into, chain.depthwise, chain.out_of
    weights, bias = constant(into, 1), constant(into, 2)
    replace(into, 1, np.concatenate([weights, -weights]))
    replace(into, 2, np.concatenate([bias, -bias]))
    weights, bias = constant(depthwise, 1), constant(depthwise, 2)
    replace(depthwise, 1, np.concatenate([weights, -slopes * weights]))
    replace(depthwise, 2, np.concatenate([bias, np.zeros_like(bias)]))
    weights = constant(out_of, 1)
    replace(out_of, 1, np.concatenate([weights, weights], axis=1))
    set_attribute(depthwise, "group", 2 * groups(depthwise))
    # The PReLU's place is taken by the ReLU that gives both halves.
    relu = helper.make_node("Relu", [into.output[0]], [chain.prelu.output[0]], name=chain.prelu.name)
    chain.prelu.CopyFrom(relu)
