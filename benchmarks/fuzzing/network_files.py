"""Small networks in the formats in which others publish theirs."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import flatbuffers
import numpy as np
import tflite
from numpy.typing import NDArray

_TORCH_MAGIC = 0x1950A86A20F9469CFC6C  # torch.serialization.MAGIC_NUMBER


def state_dict(tensors: Mapping[str, NDArray[np.float32]]) -> bytes:
    """A PyTorch state dict of the time before its zip format."""
    file = io.BytesIO()
    preamble: tuple[Any, ...] = (_TORCH_MAGIC, 1001, {})
    for content in preamble:
        pickle.dump(content, file, protocol=2)
    file.write(_pickled(tensors))
    pickle.dump([f"{key:02}" for key in range(len(tensors))], file, protocol=2)
    for values in tensors.values():
        file.write(struct.pack("<q", values.size) + values.tobytes())
    return file.getvalue()


def zipped_state_dict(tensors: Mapping[str, NDArray[np.float32]]) -> bytes:
    """A PyTorch state dict of today."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo("net/data.pkl"), _pickled(tensors))
        archive.writestr(zipfile.ZipInfo("net/byteorder"), "little")
        for key, values in enumerate(tensors.values()):
            archive.writestr(zipfile.ZipInfo(f"net/data/{key:02}"), values.tobytes())
    return file.getvalue()


def endless_checkpoint() -> bytes:
    """A checkpoint whose model is the checkpoint itself."""
    endless: dict[str, Any] = {}
    endless["model"] = endless
    parts: tuple[Any, ...] = (_TORCH_MAGIC, 1001, {}, endless, [])
    return b"".join(pickle.dumps(part, protocol=2) for part in parts)


def face_api() -> tuple[bytes, bytes]:
    """Manifest and weights of face-api's expression network, with few channels."""
    shapes: dict[str, tuple[int, ...]] = {"dense0/conv0/filters": (3, 3, 3, 2), "dense0/conv0/bias": (2,)}
    for block in range(4):
        for layer in range(1 if block == 0 else 0, 4):
            name = f"dense{block}/conv{layer}"
            shapes |= {f"{name}/depthwise_filter": (3, 3, 2, 1), f"{name}/pointwise_filter": (1, 1, 2, 2)}
            shapes[f"{name}/bias"] = (2,)
    shapes |= {"fc/weights": (2, 7), "fc/bias": (7,)}
    listed: list[dict[str, Any]] = []
    content = bytearray()
    for number, (name, shape) in enumerate(shapes.items()):
        entry: dict[str, Any] = {"name": name, "shape": list(shape), "dtype": "float32"}
        count = int(np.prod(shape))
        if number % 2:
            entry["quantization"] = {"dtype": "uint8", "scale": 0.01, "min": -1.0}
        content += bytes(count if number % 2 else 4 * count)
        listed.append(entry)
    return json.dumps([{"paths": ["weights"], "weights": listed}]).encode(), bytes(content)


def tflite_file() -> bytes:
    """Convolution, flattening, a fully connected layer and a softmax."""
    build = _TfliteBuilder()
    build.tensor("image", (1, 4, 4, 2))
    build.tensor("kernels", (3, 3, 3, 2), np.ones((3, 3, 3, 2), np.float32))
    build.tensor("bias", (3,), np.ones(3, np.float16))
    build.tensor("widened", (3,))
    build.tensor("convolved", (1, 4, 4, 3))
    build.tensor("flat", (1, 48))
    build.tensor("matrix", (3, 48), np.ones((3, 48), np.float32))
    build.tensor("product", (1, 3))
    build.tensor("scores", (1, 3))
    operator = tflite.BuiltinOperator
    build.operator(operator.DEQUANTIZE, [2], [3])
    build.operator(operator.CONV_2D, [0, 1, 3], [4], tflite.BuiltinOptions.Conv2DOptions, build.convolution)
    build.operator(operator.RESHAPE, [4], [5])
    options = tflite.BuiltinOptions
    build.operator(operator.FULLY_CONNECTED, [5, 6, -1], [7], options.FullyConnectedOptions, build.dense)
    build.operator(operator.SOFTMAX, [7], [8], options.SoftmaxOptions, build.softmax)
    return build.file(inputs=[0], outputs=[8])


class _TfliteBuilder:
    """Writes the tables of TFLite's schema, whose parts have to be written before what refers to them."""

    def __init__(self) -> None:
        self._out = flatbuffers.Builder(4096)
        self._buffers = [self._buffer(b"")]
        self._tensors: list[int] = []
        self._codes: list[int] = []
        self._operators: list[int] = []

    def tensor(self, name: str, shape: Sequence[int], value: NDArray[Any] | None = None) -> None:
        """A constant if it has a value."""
        kinds = {np.dtype(np.float32): tflite.TensorType.FLOAT32, np.dtype(np.float16): tflite.TensorType.FLOAT16}
        buffer = 0
        if value is not None:
            self._buffers.append(self._buffer(value.tobytes()))
            buffer = len(self._buffers) - 1
        title, sizes = self._out.CreateString(name), self._numbers(shape, tflite.TensorStartShapeVector)
        tflite.TensorStart(self._out)
        tflite.TensorAddName(self._out, title)
        tflite.TensorAddShape(self._out, sizes)
        tflite.TensorAddBuffer(self._out, buffer)
        tflite.TensorAddType(self._out, kinds[value.dtype] if value is not None else tflite.TensorType.FLOAT32)
        self._tensors.append(tflite.TensorEnd(self._out))

    def operator(
        self,
        code: int,
        inputs: Sequence[int],
        outputs: Sequence[int],
        options_kind: int = 0,
        options: Callable[[], int] | None = None,
    ) -> None:
        """A step of the network."""
        tflite.OperatorCodeStart(self._out)
        tflite.OperatorCodeAddDeprecatedBuiltinCode(self._out, code)
        tflite.OperatorCodeAddBuiltinCode(self._out, code)
        self._codes.append(tflite.OperatorCodeEnd(self._out))
        given = self._numbers(inputs, tflite.OperatorStartInputsVector)
        made = self._numbers(outputs, tflite.OperatorStartOutputsVector)
        table = options() if options is not None else None
        tflite.OperatorStart(self._out)
        tflite.OperatorAddOpcodeIndex(self._out, len(self._codes) - 1)
        tflite.OperatorAddInputs(self._out, given)
        tflite.OperatorAddOutputs(self._out, made)
        if table is not None:
            tflite.OperatorAddBuiltinOptionsType(self._out, options_kind)
            tflite.OperatorAddBuiltinOptions(self._out, table)
        self._operators.append(tflite.OperatorEnd(self._out))

    def convolution(self) -> int:
        """Stride 1, same size."""
        tflite.Conv2DOptionsStart(self._out)
        tflite.Conv2DOptionsAddStrideH(self._out, 1)
        tflite.Conv2DOptionsAddStrideW(self._out, 1)
        tflite.Conv2DOptionsAddFusedActivationFunction(self._out, tflite.ActivationFunctionType.RELU)
        return int(tflite.Conv2DOptionsEnd(self._out))

    def dense(self) -> int:
        """No activation."""
        tflite.FullyConnectedOptionsStart(self._out)
        return int(tflite.FullyConnectedOptionsEnd(self._out))

    def softmax(self) -> int:
        """Plain."""
        tflite.SoftmaxOptionsStart(self._out)
        tflite.SoftmaxOptionsAddBeta(self._out, 1.0)
        return int(tflite.SoftmaxOptionsEnd(self._out))

    def file(self, inputs: Sequence[int], outputs: Sequence[int]) -> bytes:
        """The whole."""
        tensors = self._tables(self._tensors, tflite.SubGraphStartTensorsVector)
        operators = self._tables(self._operators, tflite.SubGraphStartOperatorsVector)
        given = self._numbers(inputs, tflite.SubGraphStartInputsVector)
        made = self._numbers(outputs, tflite.SubGraphStartOutputsVector)
        tflite.SubGraphStart(self._out)
        tflite.SubGraphAddTensors(self._out, tensors)
        tflite.SubGraphAddInputs(self._out, given)
        tflite.SubGraphAddOutputs(self._out, made)
        tflite.SubGraphAddOperators(self._out, operators)
        graphs = self._tables([tflite.SubGraphEnd(self._out)], tflite.ModelStartSubgraphsVector)
        codes = self._tables(self._codes, tflite.ModelStartOperatorCodesVector)
        buffers = self._tables(self._buffers, tflite.ModelStartBuffersVector)
        tflite.ModelStart(self._out)
        tflite.ModelAddVersion(self._out, 3)
        tflite.ModelAddOperatorCodes(self._out, codes)
        tflite.ModelAddSubgraphs(self._out, graphs)
        tflite.ModelAddBuffers(self._out, buffers)
        self._out.Finish(tflite.ModelEnd(self._out), file_identifier=b"TFL3")
        return bytes(self._out.Output())

    def _buffer(self, content: bytes) -> int:
        data = self._out.CreateByteVector(content)
        tflite.BufferStart(self._out)
        tflite.BufferAddData(self._out, data)
        return int(tflite.BufferEnd(self._out))

    def _numbers(self, values: Sequence[int], start: Callable[[Any, int], object]) -> int:
        start(self._out, len(values))
        for value in reversed(values):
            self._out.PrependInt32(value)
        return int(self._out.EndVector())

    def _tables(self, tables: Sequence[int], start: Callable[[Any, int], object]) -> int:
        start(self._out, len(tables))
        for table in reversed(tables):
            self._out.PrependUOffsetTRelative(table)
        return int(self._out.EndVector())


def _pickled(tensors: Mapping[str, NDArray[np.float32]]) -> bytes:
    """The dictionary, opcode by opcode."""
    parts = [b"\x80\x02}"]
    for key, (name, values) in enumerate(tensors.items()):
        strides = [stride // values.itemsize for stride in values.strides]
        parts += [b"X" + struct.pack("<I", len(name)) + name.encode() + b"ctorch._utils\n_rebuild_tensor_v2\n("]
        parts += [b"(U\x07storagectorch\nFloatStorage\nU\x02" + b"%02d" % key + b"U\x03cpu" + _int(values.size)]
        parts += [b"NtQ" + _int(0) + _tuple(values.shape) + _tuple(strides) + b"tRs"]
    return b"".join([*parts, b"."])


def _int(value: int) -> bytes:
    return b"J" + struct.pack("<i", value)


def _tuple(values: Sequence[int]) -> bytes:
    return b"(" + b"".join(map(_int, values)) + b"t"
