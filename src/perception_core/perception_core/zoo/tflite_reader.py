"""Reading a TFLite file into plain tensors and operators."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import tflite
from numpy.typing import NDArray

from perception_core.zoo.errors import ConversionError

_FILE_IDENTIFIER = b"TFL3"
# flatbuffers checks nothing: it follows any offset, and takes any number for a length or a type.
_DAMAGE = (struct.error, LookupError, TypeError, ValueError, AttributeError, OverflowError)

_DTYPES: dict[int, type[np.generic]] = {
    tflite.TensorType.FLOAT32: np.float32,
    tflite.TensorType.FLOAT16: np.float16,
    tflite.TensorType.INT32: np.int32,
    tflite.TensorType.INT64: np.int64,
}

_OPERATOR_NAMES: dict[int, str] = {
    code: name for name, code in vars(tflite.BuiltinOperator).items() if isinstance(code, int)
}

# The flatbuffer schema's class for the options of each operator that has any we need.
_OPTIONS: dict[str, type[Any]] = {
    "ADD": tflite.AddOptions,
    "CONCATENATION": tflite.ConcatenationOptions,
    "CONV_2D": tflite.Conv2DOptions,
    "DEPTHWISE_CONV_2D": tflite.DepthwiseConv2DOptions,
    "DIV": tflite.DivOptions,
    "FULLY_CONNECTED": tflite.FullyConnectedOptions,
    "GATHER": tflite.GatherOptions,
    "L2_NORMALIZATION": tflite.L2NormOptions,
    "MAX_POOL_2D": tflite.Pool2DOptions,
    "MEAN": tflite.ReducerOptions,
    "MUL": tflite.MulOptions,
    "REDUCE_MAX": tflite.ReducerOptions,
    "REDUCE_MIN": tflite.ReducerOptions,
    "RESIZE_BILINEAR": tflite.ResizeBilinearOptions,
    "SOFTMAX": tflite.SoftmaxOptions,
    "STRIDED_SLICE": tflite.StridedSliceOptions,
    "SUB": tflite.SubOptions,
    "SUM": tflite.ReducerOptions,
    "UNPACK": tflite.UnpackOptions,
}


@dataclass(frozen=True, slots=True)
class Tensor:
    """A value of the network.

    Attributes:
        name: As published.
        shape: As published; images are batch, height, width, channels.
        value: What a constant holds, half precision widened to float32; None for what is computed.
    """

    name: str
    shape: tuple[int, ...]
    value: NDArray[Any] | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Operator:
    """One step of the network.

    Attributes:
        kind: TFLite's name of it, such as CONV_2D.
        inputs: Indices of tensors; -1 for one that is left out.
        outputs: Indices of tensors.
        options: The flatbuffer table of its options; None where it has none or none is needed.
    """

    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class Network:
    """The only subgraph of a TFLite file."""

    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def read(data: bytes) -> Network:
    """Reads a TFLite file.

    Raises:
        ConversionError: It is not one, is cut short, or holds what no model of the zoo needs.
    """
    if data[4:8] != _FILE_IDENTIFIER:
        raise ConversionError(f"not a TFLite file: bytes 4 to 8 are {data[4:8]!r}, expected {_FILE_IDENTIFIER!r}")
    try:
        return _read(tflite.Model.GetRootAsModel(data, 0))
    except _DAMAGE as error:
        raise ConversionError(f"the TFLite file is damaged or cut short: {error}") from error


def _read(model: Any) -> Network:
    if model.SubgraphsLength() != 1:
        raise ConversionError(f"the TFLite file holds {model.SubgraphsLength()} subgraphs, only one is supported")
    graph = model.Subgraphs(0)
    return Network(
        tensors=tuple(_tensor(model, graph.Tensors(index)) for index in range(graph.TensorsLength())),
        operators=tuple(_operator(model, graph.Operators(index)) for index in range(graph.OperatorsLength())),
        inputs=tuple(int(index) for index in graph.InputsAsNumpy()),
        outputs=tuple(int(index) for index in graph.OutputsAsNumpy()),
    )


def _tensor(model: Any, table: Any) -> Tensor:
    name = table.Name().decode()
    shape = tuple(int(size) for size in table.ShapeAsNumpy()) if table.ShapeLength() else ()
    stored = model.Buffers(table.Buffer())
    if stored.DataLength() == 0:
        return Tensor(name, shape, None)
    if table.Type() not in _DTYPES or table.Sparsity() is not None:
        raise ConversionError(f"tensor {name}: only dense constants of float32, float16, int32 and int64 are supported")
    value = np.frombuffer(stored.DataAsNumpy().tobytes(), _DTYPES[table.Type()])
    if value.size != np.prod(shape, dtype=int):
        raise ConversionError(f"tensor {name}: {value.size} numbers are stored for shape {shape}")
    value = value.reshape(shape)
    return Tensor(name, shape, value.astype(np.float32) if value.dtype == np.float16 else value)


def _operator(model: Any, table: Any) -> Operator:
    code = model.OperatorCodes(table.OpcodeIndex())
    # Files older than schema version 3a have the code in the deprecated field, newer ones in both or the new one.
    kind = _OPERATOR_NAMES[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
    options = None
    if kind in _OPTIONS and table.BuiltinOptions() is not None:
        options = _OPTIONS[kind]()
        options.Init(table.BuiltinOptions().Bytes, table.BuiltinOptions().Pos)
    return Operator(
        kind,
        tuple(int(index) for index in table.InputsAsNumpy()),
        tuple(int(index) for index in table.OutputsAsNumpy()),
        options,
    )
