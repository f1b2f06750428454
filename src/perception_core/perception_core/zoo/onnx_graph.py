"""Writing ONNX graphs node by node, with names and bytes that are the same on every run."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from perception_core.zoo.errors import ConversionError
from perception_core.zoo.spec import Shape

# Channels that ONNX Runtime computes at a time: 16 with AVX-512, 8 with AVX2 and NEON. What is whole in 16 is so in 8.
BLOCK = 16
_IMAGE_RANK = 4
_OPSET = 13  # TensorRT 8.5, ONNX Runtime and OpenVINO all read it
_IR_VERSION = 8  # of ONNX 1.10 to 1.13, for the same reason


class GraphBuilder:
    """Collects nodes and constants; a constant that is used twice is stored once."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[tuple[str, tuple[int, ...], bytes], onnx.TensorProto] = {}

    def constant(self, value: NDArray[Any]) -> str:
        """The name under which nodes can use the value."""
        value = np.ascontiguousarray(value).reshape(np.shape(value))
        key = (value.dtype.str, value.shape, value.tobytes())
        if key not in self._constants:
            self._constants[key] = numpy_helper.from_array(value, f"constant_{len(self._constants)}")
        return self._constants[key].name

    def numbers(self, values: Sequence[int]) -> str:
        """The name of an int64 constant: shapes, axes and pads."""
        return self.constant(np.array(values, np.int64))

    def node(self, operator: str, inputs: Sequence[str], **attributes: Any) -> str:
        """Adds a node and gives the name of its only output."""
        name = f"{operator.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, list(inputs), [name], name=name, **attributes))
        return name

    def conv(
        self,
        value: str,
        weights: NDArray[np.float32],
        bias: NDArray[np.float32] | None = None,
        *,
        strides: Sequence[int] = (1, 1),
        pads: Sequence[int] = (0, 0, 0, 0),
        dilations: Sequence[int] = (1, 1),
        groups: int = 1,
    ) -> str:
        """Adds a 2D convolution.

        Args:
            value: NCHW.
            weights: Output channels, input channels per group, height, width.
            bias: One per output channel.
            strides: Down, right.
            pads: Top, left, bottom, right.
            dilations: Down, right.
            groups: As many as channels makes it depthwise.
        """
        inputs = [value, self.constant(weights)] + ([] if bias is None else [self.constant(bias)])
        return self.node(
            "Conv",
            inputs,
            kernel_shape=list(weights.shape[2:]),
            strides=list(strides),
            pads=list(pads),
            dilations=list(dilations),
            group=groups,
        )

    def model(
        self, name: str, inputs: Sequence[tuple[str, Shape]], outputs: Sequence[tuple[str, Shape, str]]
    ) -> onnx.ModelProto:
        """The checked graph.

        Args:
            name: Of the graph.
            inputs: Name and shape of each, float32; a string in a shape is a size left open.
            outputs: Name, shape and the internal value that it shows.

        Raises:
            ConversionError: The graph is not valid ONNX.
        """
        shown = [helper.make_node("Identity", [value], [output], name=output) for output, _, value in outputs]
        graph = helper.make_graph(
            self._nodes + shown,
            name,
            [helper.make_tensor_value_info(input_, TensorProto.FLOAT, shape) for input_, shape in inputs],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape) for output, shape, _ in outputs],
            list(self._constants.values()),
        )
        drop_unused_constants(graph)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION)
        return checked(model)


def checked(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model itself, if it is valid ONNX whose shapes fit.

    Raises:
        ConversionError: It is not.
    """
    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise ConversionError(f"{model.graph.name}: the converted graph is not valid ONNX: {error}") from error
    return model


def exact_rewrite(change: Callable[[onnx.ModelProto], None]) -> Callable[[onnx.ModelProto], onnx.ModelProto]:
    """Makes a function that changes a graph in place into one that gives a changed copy.

    The copy computes the same up to rounding; it has no constants that nobody reads, and is valid ONNX.
    """

    @functools.wraps(change)
    def rewritten(model: onnx.ModelProto) -> onnx.ModelProto:
        copy = onnx.ModelProto()
        copy.CopyFrom(model)
        del copy.graph.value_info[:]  # sizes that the change may make wrong
        change(copy)
        drop_unused_constants(copy.graph)
        return checked(copy)

    return rewritten


def drop_unused_constants(graph: onnx.GraphProto) -> None:
    """Removes constants that no node reads."""
    used = {name for node in graph.node for name in node.input}
    kept = [constant for constant in graph.initializer if constant.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def constants(graph: onnx.GraphProto) -> dict[str, NDArray[Any]]:
    """The values of a graph's constants by name."""
    return {constant.name: numpy_helper.to_array(constant) for constant in graph.initializer}


def sole_readers(graph: onnx.GraphProto) -> dict[str, onnx.NodeProto]:
    """For every value that exactly one input of one node reads, and nobody outside: that node."""
    readers = Counter(name for node in graph.node for name in node.input)
    readers.update(value.name for value in graph.output)
    return {name: node for node in graph.node for name in node.input if name and readers[name] == 1}


def attributes(node: onnx.NodeProto) -> dict[str, Any]:
    """The attributes of a node by name, as Python values."""
    return {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}


def groups(node: onnx.NodeProto) -> int:
    """Into how many groups a convolution divides its channels."""
    return int(attributes(node).get("group", 1))


def set_attribute(node: onnx.NodeProto, name: str, value: Any) -> None:
    """Gives a node's attribute another value, or a first one."""
    kept = [attribute for attribute in node.attribute if attribute.name != name]
    del node.attribute[:]
    node.attribute.extend([*kept, helper.make_attribute(name, value)])


def channel_slopes(
    node: onnx.NodeProto, known: Mapping[str, NDArray[Any]], channels: int
) -> NDArray[np.float32] | None:
    """The slope of every channel of a PReLU of images; None if it is no PReLU, or of another kind.

    Args:
        node: Any node.
        known: Values of the graph's constants.
        channels: Of the node's input.
    """
    if node.op_type != "PRelu" or node.input[1] not in known:
        return None
    slopes = known[node.input[1]]
    # Slopes are broadcast from the right: one per channel is (C, 1, 1).
    if slopes.dtype != np.float32 or slopes.shape[-3:] != (channels, 1, 1) or slopes.size != channels:
        return None
    return slopes.astype(np.float32).reshape(channels)


def channels_of_images(model: onnx.ModelProto) -> dict[str, int]:
    """The number of channels of every value that is known to be a batch of images."""
    graph = onnx.shape_inference.infer_shapes(model).graph
    channels = {}
    for value in (*graph.input, *graph.value_info, *graph.output):
        dims = value.type.tensor_type.shape.dim
        if len(dims) == _IMAGE_RANK and dims[1].HasField("dim_value"):
            channels[value.name] = dims[1].dim_value
    return channels
