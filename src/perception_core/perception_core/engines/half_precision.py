"""An ONNX graph in half precision, for a TensorRT that has no switch for it.

ONNX Runtime's converter does the work: it is maintained, and installed already. NVIDIA's own (nvidia-modelopt's
AutoCast) keeps what overflows in float32, but brings PyTorch along, which is larger than everything else together.
"""

from __future__ import annotations

import onnx

from perception_core.engines.engine import EngineError

_NOT_CONVERTIBLE = (ValueError, KeyError, IndexError, AssertionError, RuntimeError, AttributeError, TypeError)


def in_half_precision(model: onnx.ModelProto, name: str) -> onnx.ModelProto:
    """The same network computed in float16; its inputs and outputs stay float32.

    Args:
        model: Left as it is.
        name: For messages.

    Raises:
        EngineError: The converter cannot cope with the graph.
    """
    # Takes 0.1 s to import, and only who builds needs it.
    from onnxruntime.transformers.float16 import convert_float_to_float16  # noqa: PLC0415

    source = onnx.ModelProto()
    source.CopyFrom(model)
    for number, node in enumerate(source.graph.node):
        node.name = node.name or f"node_{number}"  # the converter tells nodes apart by their names
    try:
        # The operators that it spares of itself are those that another runtime lacks in float16.
        half: onnx.ModelProto = convert_float_to_float16(source, keep_io_types=True, op_block_list=[])
    except _NOT_CONVERTIBLE as error:
        raise EngineError(f"{name} cannot be turned into half precision: {type(error).__name__}, {error}") from error
    _sort(half.graph)
    return half


def _sort(graph: onnx.GraphProto) -> None:
    """Puts every node behind those whose outputs it takes; the converter adds its casts at the end."""
    made = {value.name for value in graph.input} | {value.name for value in graph.initializer} | {""}
    waiting, ordered = list(graph.node), list[onnx.NodeProto]()
    while waiting:
        later = list[onnx.NodeProto]()
        for node in waiting:
            if made.issuperset(node.input):
                made.update(node.output)
                ordered.append(node)
            else:
                later.append(node)
        if len(later) == len(waiting):  # takes what nothing gives: left to the parser's words
            ordered += later
            break
        waiting = later
    del graph.node[:]
    graph.node.extend(ordered)
