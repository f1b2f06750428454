"""Enlarges images after 1x1 convolutions instead of before them.

A 1x1 convolution mixes channels, enlarging mixes pixels with weights that add up to one: their order makes no
difference, not even to the bias. In the palm detector the convolution then has a quarter of the pixels to compute, and
no more channels are left to enlarge.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from perception_core.zoo.onnx_graph import attributes, constants, exact_rewrite, groups, sole_readers

# Those that never read outside of the image, where another value would come in.
_COORDINATES = (b"half_pixel", b"pytorch_half_pixel", b"asymmetric", b"align_corners")
_MODES = (b"nearest", b"linear")
_SCALES = 2  # position among a Resize's inputs


@exact_rewrite
def with_late_resize(model: onnx.ModelProto) -> None:
    """A graph that computes the same with every enlargement behind the 1x1 convolution that follows it."""
    graph = model.graph
    known, reader = constants(graph), sole_readers(graph)
    for resize in graph.node:
        conv = reader.get(resize.output[0])
        if conv is not None and _enlarges(resize, known) and _fewer_or_as_many_channels(conv, known):
            _swap(resize, conv)


def _enlarges(node: onnx.NodeProto, known: Mapping[str, NDArray[Any]]) -> bool:
    if node.op_type != "Resize" or len(node.input) != _SCALES + 1 or node.input[_SCALES] not in known:
        return False
    told = attributes(node)
    scales = known[node.input[_SCALES]]
    return (
        told.get("mode", b"nearest") in _MODES
        and told.get("coordinate_transformation_mode", b"half_pixel") in _COORDINATES
        and scales.shape == (4,)
        and bool(np.all(scales[:2] == 1) and np.all(scales[2:] >= 1))
    )


def _fewer_or_as_many_channels(node: onnx.NodeProto, known: Mapping[str, NDArray[Any]]) -> bool:
    if node.op_type != "Conv" or groups(node) != 1 or any(name not in known for name in node.input[1:]):
        return False
    told, (outputs, inputs, *kernel) = attributes(node), known[node.input[1]].shape
    moves = any(told.get("pads", [])) or any(step != 1 for step in told.get("strides", []))
    return kernel == [1, 1] and not moves and outputs <= inputs


def _swap(resize: onnx.NodeProto, conv: onnx.NodeProto) -> None:
    """Each takes the other's place among the nodes, so that these stay in the order of computing."""
    small, large, result = resize.input[0], resize.output[0], conv.output[0]
    first, second = onnx.NodeProto(), onnx.NodeProto()
    first.CopyFrom(conv)
    second.CopyFrom(resize)
    first.input[0], first.output[0] = small, large
    second.input[0], second.output[0] = large, result
    resize.CopyFrom(first)
    conv.CopyFrom(second)
