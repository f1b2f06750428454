"""Takes out channels that no output hears.

Training with weight decay drives many a channel to nothing: its weights end at 1e-20, or at zero. The network for face
identity has half of its inner channels in this state. Between two convolutions that mix channels, a channel passes
through convolutions and activations that keep channels apart, so what it can add at the end of this chain has a simple
bound, for inputs of size one:

    (sum of |weights in| + |bias|) * max(1, |slope|) * ... * (largest sum of |weights out|)

What is a billionth of the loudest channel's is far below the rounding of float32 (6e-8), and is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from perception_core.zoo.onnx_graph import (
    BLOCK,
    channel_slopes,
    constants,
    exact_rewrite,
    groups,
    set_attribute,
    sole_readers,
)

_SILENCE = 1e-9  # of the loudest channel

_Constants = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class _Chain:
    """Two convolutions that mix channels, and what lies between and keeps them apart; nobody else reads in between."""

    first: onnx.NodeProto
    between: tuple[onnx.NodeProto, ...]
    last: onnx.NodeProto
    channels: int


@exact_rewrite
def without_silent_channels(model: onnx.ModelProto) -> None:
    """A graph that computes the same with fewer channels."""
    graph = model.graph
    for chain in _chains(graph, constants(graph)):
        # A chain may begin where another ends: that one has already changed the weights.
        known = constants(graph)
        kept = _heard(_loudness(chain, known))
        if kept.size < chain.channels:
            _keep(chain, kept, known, graph)


def _chains(graph: onnx.GraphProto, known: _Constants) -> list[_Chain]:
    reader = sole_readers(graph)
    found = []
    for first in graph.node:
        if not _mixes_channels(first, known):
            continue
        channels = len(known[first.input[1]])
        between: list[onnx.NodeProto] = []
        node = reader.get(first.output[0])
        while node is not None and _keeps_channels_apart(node, known, channels):
            between.append(node)
            node = reader.get(node.output[0])
        if node is not None and _mixes_channels(node, known):
            found.append(_Chain(first, tuple(between), node, channels))
    return found


def _mixes_channels(node: onnx.NodeProto, known: _Constants) -> bool:
    return node.op_type == "Conv" and groups(node) == 1 and all(name in known for name in node.input[1:])


def _keeps_channels_apart(node: onnx.NodeProto, known: _Constants, channels: int) -> bool:
    if node.op_type == "Conv":
        return (
            all(name in known for name in node.input[1:])
            and groups(node) == channels
            and len(known[node.input[1]]) == channels
        )
    return node.op_type == "Relu" or channel_slopes(node, known, channels) is not None


def _loudness(chain: _Chain, known: _Constants) -> NDArray[np.float64]:
    """A bound of what each channel can add to one number behind the chain."""
    bound: NDArray[np.float64] = np.zeros(chain.channels)
    for node in (chain.first, *chain.between):
        if node.op_type == "Conv":
            # The first convolution's inputs are of size one.
            bound = _taken_in(node, known) * (1.0 if node is chain.first else bound)
            if len(node.input) > 2:
                bound = bound + np.abs(known[node.input[2]])
        elif node.op_type == "PRelu":
            bound = bound * np.maximum(1, np.abs(known[node.input[1]].reshape(-1)))
    given_out: NDArray[np.float64] = np.abs(known[chain.last.input[1]].astype(np.float64)).sum(axis=(2, 3)).max(axis=0)
    return bound * given_out


def _taken_in(node: onnx.NodeProto, known: _Constants) -> NDArray[np.float64]:
    total: NDArray[np.float64] = np.abs(known[node.input[1]].astype(np.float64)).sum(axis=(1, 2, 3))
    return total


def _heard(loudness: NDArray[np.float64]) -> NDArray[np.intp]:
    """The channels to keep, in their order; silent ones fill the last block, which costs nothing."""
    heard = max(1, int(np.count_nonzero(loudness > _SILENCE * loudness.max())))
    whole_blocks = min(-(-heard // BLOCK) * BLOCK, loudness.size)
    return np.sort(np.argsort(-loudness, kind="stable")[:whole_blocks])


def _keep(chain: _Chain, kept: NDArray[np.intp], known: _Constants, graph: onnx.GraphProto) -> None:
    def replace(node: onnx.NodeProto, position: int, axis: int) -> None:
        if len(node.input) > position:
            value = np.take(known[node.input[position]], kept, axis)
            # Two nodes may share a constant, so each gets one of its own.
            name = f"{node.output[0]}_heard_{position}_{axis % value.ndim}"
            graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
            node.input[position] = name

    for node in (chain.first, *chain.between):
        if node.op_type == "Conv":
            replace(node, 1, 0)
            replace(node, 2, 0)
        elif node.op_type == "PRelu":
            replace(node, 1, -3)
        if node.op_type == "Conv" and node is not chain.first:
            set_attribute(node, "group", int(kept.size))
    replace(chain.last, 1, 1)
