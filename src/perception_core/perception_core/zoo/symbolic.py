"""Leaves sizes of a published ONNX graph open: batch, height and width."""

from __future__ import annotations

from collections.abc import Sequence

import onnx
from onnx import numpy_helper

from perception_core.zoo.errors import ConversionError
from perception_core.zoo.onnx_graph import checked
from perception_core.zoo.spec import Shape


def with_shapes(
    model: onnx.ModelProto, inputs: Sequence[tuple[str, Shape]], outputs: Sequence[tuple[str, Shape]]
) -> onnx.ModelProto:
    """The graph with the shapes that the manifest declares.

    Exported graphs carry the sizes of the picture that they were exported with, although the network itself takes
    others. What depends on them inside is the target of reshapes that flatten a batch of one; those are opened too.

    Args:
        model: Left as it is.
        inputs: Name and shape of each; a string is a size left open.
        outputs: Likewise, in the graph's order.

    Raises:
        ConversionError: The graph has other inputs or outputs, or does not compute those shapes.
    """
    opened = onnx.ModelProto()
    opened.CopyFrom(model)
    graph = opened.graph
    constants = {constant.name for constant in graph.initializer}
    # Old exporters list constants among the inputs, which keeps a runtime from folding them.
    fed = [value for value in graph.input if value.name not in constants]
    del graph.input[:]
    graph.input.extend(fed)
    del graph.value_info[:]
    for values, wanted in ((graph.input, inputs), (graph.output, outputs)):
        _declare(graph.name, list(values), wanted)
    if any(isinstance(shape[0], str) for _, shape in inputs):
        _open_batch(graph)
    return checked(opened)


def _declare(name: str, values: list[onnx.ValueInfoProto], wanted: Sequence[tuple[str, Shape]]) -> None:
    found = [value.name for value in values]
    if found != [value for value, _ in wanted]:
        raise ConversionError(f"{name}: the file has {found}, the manifest says {[value for value, _ in wanted]}")
    for value, (_, shape) in zip(values, wanted, strict=True):
        dims = value.type.tensor_type.shape.dim
        published = [dim.dim_value for dim in dims]
        if len(dims) != len(shape):
            raise ConversionError(f"{value.name} of {name} has shape {published}, the manifest says {list(shape)}")
        for dim, size in zip(dims, shape, strict=True):
            if isinstance(size, str):
                dim.dim_param = size
            elif dim.dim_value != size:
                raise ConversionError(f"{value.name} of {name} has shape {published}, the manifest says {list(shape)}")


def _open_batch(graph: onnx.GraphProto) -> None:
    targets = {node.input[1] for node in graph.node if node.op_type == "Reshape"}
    for constant in graph.initializer:
        if constant.name in targets and numpy_helper.to_array(constant)[0] == 1:
            # A zero copies the size of the same axis of the input.
            sizes = numpy_helper.to_array(constant).copy()
            sizes[0] = 0
            constant.CopyFrom(numpy_helper.from_array(sizes, constant.name))
