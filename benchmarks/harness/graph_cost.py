"""What a network has to compute and to move, counted from its ONNX graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

import onnx

_PRODUCTS = ("Conv", "ConvTranspose", "Gemm", "MatMul")
# What a compiler does not merge into the product before it: a kernel of its own, with a pass over memory of its own.
_APART = (
    *_PRODUCTS,
    "MaxPool",
    "AveragePool",
    "GlobalAveragePool",
    "Resize",
    "Concat",
    "ReduceMean",
    "Softmax",
    "Gather",
)
_HALF = 2  # bytes

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run takes.

    Attributes:
        operations: Multiplications and additions of convolutions and matrix products.
        moved: Bytes in half precision: weights once, and what kernels read and write.
        kernels: How many there are, where element-wise work is merged into the kernel before it.
    """

    operations: float
    moved: float
    kernels: float

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.operations + other.operations, self.moved + other.moved, self.kernels + other.kernels)

    def times(self, rate: float) -> Cost:
        """Of so many runs."""
        return Cost(self.operations * rate, self.moved * rate, self.kernels * rate)


def graph_cost(model: onnx.ModelProto, sizes: Mapping[str, Shape]) -> Cost:
    """Counts a graph.

    Args:
        model: Left as it is.
        sizes: Shape of every input.

    Raises:
        ValueError: A shape within cannot be told.
    """
    fixed = onnx.ModelProto()
    fixed.CopyFrom(model)
    for value in fixed.graph.input:
        _fix(value, sizes[value.name])
    for value in fixed.graph.output:
        value.type.tensor_type.ClearField("shape")
    del fixed.graph.value_info[:]
    graph = onnx.shape_inference.infer_shapes(fixed, data_prop=True).graph
    weights = {each.name: tuple(each.dims) for each in graph.initializer}
    shapes = {value.name: _shape(value) for value in (*graph.value_info, *graph.input, *graph.output)} | weights
    total = Cost(0, _HALF * sum(prod(shape) for shape in weights.values()), 0)
    for node in graph.node:
        if node.op_type in _APART:
            total += _node_cost(node, shapes, set(weights))
    return total


def _node_cost(node: onnx.NodeProto, shapes: Mapping[str, Shape], weights: set[str]) -> Cost:
    made = prod(shapes[node.output[0]])
    read = sum(prod(shapes.get(name, ())) for name in node.input if name and name not in weights)
    return Cost(2 * made * _depth(node, shapes) if node.op_type in _PRODUCTS else 0, _HALF * (made + read), 1)


def _depth(node: onnx.NodeProto, shapes: Mapping[str, Shape]) -> float:
    """How many products make one number of the output."""
    first, second = shapes[node.input[0]], shapes[node.input[1]]
    if node.op_type == "Conv":
        return prod(second[1:])
    if node.op_type == "ConvTranspose":
        return prod(first) * prod(second[1:]) / prod(shapes[node.output[0]])
    transposed = any(each.name == "transA" and each.i for each in node.attribute)
    return first[0] if transposed else first[-1]


def _fix(value: onnx.ValueInfoProto, shape: Shape) -> None:
    for size, number in zip(value.type.tensor_type.shape.dim, shape, strict=True):
        size.dim_value = number


def _shape(value: onnx.ValueInfoProto) -> Shape:
    sizes = value.type.tensor_type.shape.dim
    if any(not size.HasField("dim_value") for size in sizes):
        raise ValueError(f"{value.name}: its shape cannot be told")
    return tuple(size.dim_value for size in sizes)
