"""What each TFLite operator is in ONNX.

Options and their meaning: the TFLite schema (tensorflow/compiler/mlir/lite/schema/schema.fbs).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import tflite
from numpy.typing import NDArray

from perception_core.zoo.errors import ConversionError
from perception_core.zoo.tflite_importer import Importer, Layout
from perception_core.zoo.tflite_reader import Operator

_FIRST = Layout.CHANNELS_FIRST
_AXIS_CHANNELS_FIRST = {0: 0, 1: 2, 2: 3, 3: 1}
_OPEN_END = np.iinfo(np.int32).max
_SMALLEST_NORM = np.float32(1e-6)  # TFLite's own guard against dividing by zero


def translate(importer: Importer, operator: Operator) -> None:
    """Adds the ONNX nodes for one operator.

    Raises:
        ConversionError: The operator, or an option of it, is none that the models of the zoo use.
    """
    if operator.kind not in _TRANSLATIONS:
        raise ConversionError(f"TFLite operator {operator.kind} is not supported")
    _TRANSLATIONS[operator.kind](importer, operator)


def _activated(importer: Importer, name: str, activation: int) -> str:
    kinds = tflite.ActivationFunctionType
    if activation == kinds.NONE:
        return name
    if activation == kinds.RELU:
        return importer.graph.node("Relu", [name])
    if activation == kinds.RELU6:
        bounds = [importer.graph.constant(np.array(bound, np.float32)) for bound in (0, 6)]
        return importer.graph.node("Clip", [name, *bounds])
    raise ConversionError(f"fused activation {activation} is not supported")


def _pads(operator: Operator, image: tuple[int, ...], kernel: tuple[int, int], strides: tuple[int, int]) -> list[int]:
    """Top, left, bottom, right; "same" puts the odd pixel at the bottom and at the right."""
    if operator.options.Padding() == tflite.Padding.VALID:
        return [0, 0, 0, 0]
    before, after = [], []
    for size, length, stride in zip(image[1:3], kernel, strides, strict=True):
        total = max((math.ceil(size / stride) - 1) * stride + length - size, 0)
        before.append(total // 2)
        after.append(total - total // 2)
    return before + after


def _convolution(importer: Importer, operator: Operator, weights: NDArray[np.float32], groups: int) -> None:
    image, _, *bias = operator.inputs
    options = operator.options
    if (options.DilationHFactor(), options.DilationWFactor()) != (1, 1):
        raise ConversionError("dilated convolutions are not supported")
    strides = (options.StrideH(), options.StrideW())
    kernel = (weights.shape[2], weights.shape[3])
    result = importer.graph.conv(
        importer.value(image, _FIRST),
        weights,
        importer.constant(bias[0]) if bias and bias[0] >= 0 else None,
        strides=strides,
        pads=_pads(operator, importer.shape(image), kernel, strides),
        groups=groups,
    )
    importer.put(operator.outputs[0], _activated(importer, result, options.FusedActivationFunction()), _FIRST)


def _conv(importer: Importer, operator: Operator) -> None:
    _convolution(importer, operator, importer.constant(operator.inputs[1]).transpose(0, 3, 1, 2), groups=1)


def _depthwise_conv(importer: Importer, operator: Operator) -> None:
    channels = importer.shape(operator.inputs[0])[3]
    _convolution(importer, operator, importer.constant(operator.inputs[1]).transpose(3, 0, 1, 2), groups=channels)


def _max_pool(importer: Importer, operator: Operator) -> None:
    options = operator.options
    kernel, strides = (options.FilterHeight(), options.FilterWidth()), (options.StrideH(), options.StrideW())
    result = importer.graph.node(
        "MaxPool",
        [importer.value(operator.inputs[0], _FIRST)],
        kernel_shape=kernel,
        strides=strides,
        pads=_pads(operator, importer.shape(operator.inputs[0]), kernel, strides),
    )
    importer.put(operator.outputs[0], _activated(importer, result, options.FusedActivationFunction()), _FIRST)


def _elementwise(kind: str) -> Callable[[Importer, Operator], None]:
    def add(importer: Importer, operator: Operator) -> None:
        layout = importer.layout(operator.inputs)
        result = importer.graph.node(kind, [importer.value(index, layout) for index in operator.inputs])
        if operator.options is not None:
            result = _activated(importer, result, operator.options.FusedActivationFunction())
        importer.put(operator.outputs[0], result, layout)

    return add


def _squared_difference(importer: Importer, operator: Operator) -> None:
    layout = importer.layout(operator.inputs)
    difference = importer.graph.node("Sub", [importer.value(index, layout) for index in operator.inputs])
    importer.put(operator.outputs[0], importer.graph.node("Mul", [difference, difference]), layout)


def _reciprocal_root(importer: Importer, operator: Operator) -> None:
    layout = importer.layout(operator.inputs)
    root = importer.graph.node("Sqrt", [importer.value(operator.inputs[0], layout)])
    importer.put(operator.outputs[0], importer.graph.node("Reciprocal", [root]), layout)


def _dequantize(importer: Importer, operator: Operator) -> None:
    # The reader has widened half-precision constants already.
    importer.fold(operator.outputs[0], importer.constant(operator.inputs[0]))


def _pad(importer: Importer, operator: Operator) -> None:
    image, amounts = operator.inputs[0], importer.constant(operator.inputs[1])
    layout = importer.layout([image])
    if layout is _FIRST:
        amounts = amounts[[0, 3, 1, 2]]
    pads = importer.graph.numbers([*amounts[:, 0].tolist(), *amounts[:, 1].tolist()])
    importer.put(operator.outputs[0], importer.graph.node("Pad", [importer.value(image, layout), pads]), layout)


def _resize_bilinear(importer: Importer, operator: Operator) -> None:
    image, options = operator.inputs[0], operator.options
    height, width = importer.shape(image)[1:3]
    new_height, new_width = importer.constant(operator.inputs[1]).tolist()
    mode = "half_pixel" if options.HalfPixelCenters() else "asymmetric"
    scales = importer.graph.constant(np.array([1, 1, new_height / height, new_width / width], np.float32))
    result = importer.graph.node(
        "Resize",
        [importer.value(image, _FIRST), "", scales],
        mode="linear",
        coordinate_transformation_mode="align_corners" if options.AlignCorners() else mode,
    )
    importer.put(operator.outputs[0], result, _FIRST)


def _reshape(importer: Importer, operator: Operator) -> None:
    source, target = operator.inputs[0], operator.outputs[0]
    importer.put(target, importer.reshape(importer.value(source), importer.shape(source), importer.shape(target)))


def _concatenation(importer: Importer, operator: Operator) -> None:
    layout = importer.layout(operator.inputs)
    axis = operator.options.Axis() % len(importer.shape(operator.outputs[0]))
    if layout is _FIRST:
        axis = _AXIS_CHANNELS_FIRST[axis]
    result = importer.graph.node("Concat", [importer.value(index, layout) for index in operator.inputs], axis=axis)
    importer.put(operator.outputs[0], _activated(importer, result, operator.options.FusedActivationFunction()), layout)


def _reduce(kind: str) -> Callable[[Importer, Operator], None]:
    def add(importer: Importer, operator: Operator) -> None:
        source, target = operator.inputs[0], operator.outputs[0]
        rank, keep = len(importer.shape(source)), bool(operator.options.KeepDims())
        axes = sorted(axis % rank for axis in np.atleast_1d(importer.constant(operator.inputs[1])).tolist())
        layout = importer.layout([source]) if keep else Layout.CHANNELS_LAST
        if layout is _FIRST:
            axes = sorted(_AXIS_CHANNELS_FIRST[axis] for axis in axes)
        value = importer.value(source, layout)
        # From opset 13 on the sum takes its axes as an input; the others still as an attribute.
        if kind == "ReduceSum":
            result = importer.graph.node(kind, [value, importer.graph.numbers(axes)], keepdims=int(keep))
        else:
            result = importer.graph.node(kind, [value], axes=axes, keepdims=int(keep))
        importer.put(target, result, layout)

    return add


def _fully_connected(importer: Importer, operator: Operator) -> None:
    source, _, *bias = operator.inputs
    weights, target = importer.constant(operator.inputs[1]), operator.outputs[0]
    if importer.shape(target) != (1, weights.shape[0]):
        raise ConversionError(f"a fully connected layer with output shape {importer.shape(target)} is not supported")
    value = importer.value(source)
    if importer.shape(source) != (1, weights.shape[1]):
        value = importer.reshape(value, importer.shape(source), (1, weights.shape[1]))
    inputs = [value, importer.graph.constant(weights)]
    if bias and bias[0] >= 0:
        inputs.append(importer.graph.constant(importer.constant(bias[0])))
    result = importer.graph.node("Gemm", inputs, transB=1)
    importer.put(target, _activated(importer, result, operator.options.FusedActivationFunction()))


def _softmax(importer: Importer, operator: Operator) -> None:
    if operator.options.Beta() != 1:
        raise ConversionError(f"softmax with beta {operator.options.Beta()} is not supported")
    importer.put(operator.outputs[0], importer.graph.node("Softmax", [importer.value(operator.inputs[0])], axis=-1))


def _strided_slice(importer: Importer, operator: Operator) -> None:
    source, target, options = operator.inputs[0], operator.outputs[0], operator.options
    begin, end, strides = (importer.constant(index).tolist() for index in operator.inputs[1:4])
    if options.EllipsisMask() or options.NewAxisMask() or min(strides) < 1:
        raise ConversionError("slices with an ellipsis, a new axis or a negative stride are not supported")
    for axis in range(len(begin)):
        if options.BeginMask() >> axis & 1:
            begin[axis] = 0
        if options.EndMask() >> axis & 1:
            end[axis] = _OPEN_END
        if options.ShrinkAxisMask() >> axis & 1:
            end[axis] = begin[axis] + 1 if begin[axis] != -1 else _OPEN_END
    numbers = importer.graph.numbers
    result = importer.graph.node(
        "Slice",
        [importer.value(source), numbers(begin), numbers(end), numbers(range(len(begin))), numbers(strides)],
    )
    dropped = [axis for axis in range(len(begin)) if options.ShrinkAxisMask() >> axis & 1]
    if dropped:
        result = importer.graph.node("Squeeze", [result, numbers(dropped)])
    importer.put(target, result)


def _gather(importer: Importer, operator: Operator) -> None:
    source, indices = operator.inputs
    chosen = importer.graph.constant(importer.constant(indices).astype(np.int64))
    result = importer.graph.node("Gather", [importer.value(source), chosen], axis=operator.options.Axis())
    importer.put(operator.outputs[0], result)


def _unpack(importer: Importer, operator: Operator) -> None:
    value = importer.value(operator.inputs[0])
    for position, target in enumerate(operator.outputs):
        chosen = importer.graph.constant(np.array(position, np.int64))
        importer.put(target, importer.graph.node("Gather", [value, chosen], axis=operator.options.Axis()))


def _transpose(importer: Importer, operator: Operator) -> None:
    order = importer.constant(operator.inputs[1]).tolist()
    importer.put(
        operator.outputs[0], importer.graph.node("Transpose", [importer.value(operator.inputs[0])], perm=order)
    )


def _l2_normalization(importer: Importer, operator: Operator) -> None:
    value = importer.value(operator.inputs[0])
    norm = importer.graph.node("ReduceL2", [value], axes=[-1], keepdims=1)
    floored = importer.graph.node("Max", [norm, importer.graph.constant(np.array(_SMALLEST_NORM))])
    importer.put(operator.outputs[0], importer.graph.node("Div", [value, floored]))


_TRANSLATIONS: dict[str, Callable[[Importer, Operator], None]] = {
    "ABS": _elementwise("Abs"),
    "ADD": _elementwise("Add"),
    "CONCATENATION": _concatenation,
    "CONV_2D": _conv,
    "DEPTHWISE_CONV_2D": _depthwise_conv,
    "DEQUANTIZE": _dequantize,
    "DIV": _elementwise("Div"),
    "FULLY_CONNECTED": _fully_connected,
    "GATHER": _gather,
    "L2_NORMALIZATION": _l2_normalization,
    "LOGISTIC": _elementwise("Sigmoid"),
    "MAXIMUM": _elementwise("Max"),
    "MAX_POOL_2D": _max_pool,
    "MEAN": _reduce("ReduceMean"),
    "MUL": _elementwise("Mul"),
    "NEG": _elementwise("Neg"),
    "PAD": _pad,
    "PRELU": _elementwise("PRelu"),
    "REDUCE_MAX": _reduce("ReduceMax"),
    "REDUCE_MIN": _reduce("ReduceMin"),
    "RELU": _elementwise("Relu"),
    "RESHAPE": _reshape,
    "RESIZE_BILINEAR": _resize_bilinear,
    "RSQRT": _reciprocal_root,
    "SOFTMAX": _softmax,
    "SQRT": _elementwise("Sqrt"),
    "SQUARED_DIFFERENCE": _squared_difference,
    "STRIDED_SLICE": _strided_slice,
    "SUB": _elementwise("Sub"),
    "SUM": _reduce("ReduceSum"),
    "TRANSPOSE": _transpose,
    "UNPACK": _unpack,
}
