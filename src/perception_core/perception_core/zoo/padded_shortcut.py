"""Replaces channels of zeros that shortcuts append.

Where a block of a network has more channels at its end than at its beginning, its shortcut appends channels of zeros
before both are added. ONNX Runtime has no such kernel for its blocks of channels. But adding zeros is not adding: the
convolution at the end of the block is divided into one for the channels that the shortcut has, which takes the sum
along, and one for the others.

    conv(x) + pad(y)   ->   concat(conv_1(x) + y, conv_2(x))

Where that cannot be done, a 1x1 convolution copies the channels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from perception_core.zoo.onnx_graph import (
    BLOCK,
    channels_of_images,
    constants,
    exact_rewrite,
    groups,
    sole_readers,
)

_CHANNEL_PAD_END = 5  # position of "channels, behind" among a Pad's (N, C, H, W before, N, C, H, W behind)

_New = tuple[list[onnx.NodeProto], list[onnx.TensorProto]]


@exact_rewrite
def without_channel_padding(model: onnx.ModelProto) -> None:
    """A graph that computes the same without appending channels of zeros."""
    graph = model.graph
    known, channels, reader = constants(graph), channels_of_images(model), sole_readers(graph)
    writer = {name: node for node in graph.node for name in node.output}
    replaced: dict[str, _New] = {}
    for pad in graph.node:
        appended = _appended(pad, known) if pad.input and pad.input[0] in channels else 0
        if not appended:
            continue
        inside = channels[pad.input[0]]
        add = reader.get(pad.output[0])
        conv = _other_operand(add, pad, writer, reader)
        whole_blocks = inside % BLOCK == 0 and appended % BLOCK == 0
        if add is not None and conv is not None and _is_dense(conv, known) and whole_blocks:
            replaced[conv.output[0]] = replaced[pad.output[0]] = ([], [])
            replaced[add.output[0]] = _divided(conv, add, pad.input[0], inside, known)
        else:
            replaced[pad.output[0]] = _copying_conv(pad, inside, appended)
    nodes = [new for node in graph.node for new in replaced.get(node.output[0], ([node], []))[0]]
    graph.initializer.extend(tensor for _, tensors in replaced.values() for tensor in tensors)
    del graph.node[:]
    graph.node.extend(nodes)


def _appended(node: onnx.NodeProto, known: Mapping[str, NDArray[Any]]) -> int:
    """How many channels of zeros the node appends, if that is all it does; else 0."""
    # The pad value is zero where no third input says otherwise.
    if node.op_type != "Pad" or len(node.input) != 2 or node.attribute or node.input[1] not in known:
        return 0
    amounts = known[node.input[1]].astype(np.int64)
    appended = int(amounts[_CHANNEL_PAD_END])
    return appended if appended > 0 and np.count_nonzero(amounts) == 1 else 0


def _other_operand(
    add: onnx.NodeProto | None,
    pad: onnx.NodeProto,
    writer: Mapping[str, onnx.NodeProto],
    reader: Mapping[str, onnx.NodeProto],
) -> onnx.NodeProto | None:
    """What is added to the padded shortcut, if nobody else reads it."""
    if add is None or add.op_type != "Add":
        return None
    others = [name for name in add.input if name != pad.output[0]]
    return writer.get(others[0]) if len(others) == 1 and reader.get(others[0]) is not None else None


def _is_dense(node: onnx.NodeProto, known: Mapping[str, NDArray[Any]]) -> bool:
    return node.op_type == "Conv" and groups(node) == 1 and all(name in known for name in node.input[1:])


def _divided(
    conv: onnx.NodeProto, add: onnx.NodeProto, shortcut: str, inside: int, known: Mapping[str, NDArray[Any]]
) -> _New:
    target = add.output[0]
    nodes: list[onnx.NodeProto] = []
    tensors: list[onnx.TensorProto] = []
    for part, channels in (("inside", slice(inside)), ("appended", slice(inside, None))):
        one = onnx.NodeProto()
        one.CopyFrom(conv)
        one.name = one.output[0] = f"{target}_{part}"
        for position in range(1, len(conv.input)):
            one.input[position] = f"{target}_{part}_{position}"
            value = np.ascontiguousarray(known[conv.input[position]][channels])
            tensors.append(numpy_helper.from_array(value, one.input[position]))
        nodes.append(one)
    first, second = nodes
    shown = f"{target}_shortcut"
    joined = helper.make_node("Concat", [shown, second.output[0]], [target], name=f"{target}_joined", axis=1)
    return [first, helper.make_node("Add", [first.output[0], shortcut], [shown], name=shown), second, joined], tensors


def _copying_conv(pad: onnx.NodeProto, inside: int, appended: int) -> _New:
    target = pad.output[0]
    copied = np.eye(inside + appended, inside, dtype=np.float32).reshape(inside + appended, inside, 1, 1)
    name = f"{target}_copied_channels"
    conv = helper.make_node("Conv", [pad.input[0], name], [target], name=target, kernel_shape=[1, 1])
    return [conv], [numpy_helper.from_array(copied, name)]
