"""Builds ResNet-18 and ResNet-50 from their weights.

K. He, X. Zhang, S. Ren, J. Sun, "Deep Residual Learning for Image Recognition", CVPR 2016, table 1; names of the
layers, and the stride in the middle of a bottleneck, as in torchvision. Batch normalisation is folded into the
convolutions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from perception_core.zoo.errors import ConversionError
from perception_core.zoo.onnx_graph import GraphBuilder
from perception_core.zoo.spec import Shape

Weights = Mapping[str, NDArray[np.float32]]

_EPSILON = 1e-5  # torch.nn.BatchNorm2d's default
_COUNTER = "num_batches_tracked"  # of batch normalisation, for training only
_COLOURS = 3
_NAMED = 5  # tensors that an error lists


@dataclass(frozen=True, slots=True)
class _Convolution:
    """Kernel size of a convolution, and whether it has the block's stride."""

    kernel: int
    strided: bool


_BASIC = (_Convolution(3, strided=True), _Convolution(3, strided=False))
_BOTTLENECK = (_Convolution(1, strided=False), _Convolution(3, strided=True), _Convolution(1, strided=False))
_LAYERS = {"resnet18": (_BASIC, (2, 2, 2, 2)), "resnet50": (_BOTTLENECK, (3, 4, 6, 3))}


class _Tensors:
    """The weights, and which of them were used."""

    def __init__(self, kind: str, weights: Weights) -> None:
        self._kind = kind
        self._weights = {name: value for name, value in weights.items() if not name.endswith(_COUNTER)}
        self._used: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._weights

    def take(self, name: str, shape: tuple[int | None, ...]) -> NDArray[np.float32]:
        """A tensor, which must have that shape; None is any size."""
        if name not in self._weights:
            raise ConversionError(
                f"{name} is missing: these are not the weights of a {self._kind} as torchvision has it"
            )
        value = self._weights[name]
        fits = value.ndim == len(shape) and all(
            wanted in {None, size} for size, wanted in zip(value.shape, shape, strict=True)
        )
        if not fits:
            wanted = "x".join("?" if size is None else str(size) for size in shape)
            found = "x".join(map(str, value.shape)) or "a single number"
            raise ConversionError(f"{name} is {found}, in a {self._kind} as torchvision has it {wanted}")
        self._used.add(name)
        return value

    def heads(self) -> list[str]:
        """The layers of the classifier: `fc`, or those of a Sequential called fc."""
        return sorted({name.rpartition(".")[0] for name in self._weights if name.split(".")[0] == "fc"})

    def finish(self) -> None:
        """To be called at the end: what was not used would be missing in the network."""
        unused = [name for name in self._weights if name not in self._used]
        if unused:
            listed = ", ".join(unused[:_NAMED]) + (" and others" if len(unused) > _NAMED else "")
            raise ConversionError(f"a {self._kind} as torchvision has it has no {listed}")


def build(
    kind: str, weights: Weights, name: str, inputs: Sequence[tuple[str, Shape]], outputs: Sequence[tuple[str, Shape]]
) -> onnx.ModelProto:
    """The network with its classifier.

    Args:
        kind: resnet18 or resnet50.
        weights: By torchvision's names. `fc` may be a Sequential of one linear layer and dropout.
        name: Of the graph.
        inputs: One, images NCHW with three channels.
        outputs: One, N x classes: logits.

    Raises:
        ConversionError: The weights are of another network.
    """
    block, repeats = _LAYERS[kind]
    tensors, graph = _Tensors(kind, weights), GraphBuilder()
    layers = _Layers(tensors, graph)
    value = layers.convolution(_Value(inputs[0][0], _COLOURS), "conv1", "bn1", kernel=7, stride=2)
    value = layers.operation("Relu", value)
    value = layers.operation("MaxPool", value, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    for layer, count in enumerate(repeats, start=1):
        for index in range(count):
            value = layers.block(value, f"layer{layer}.{index}", block, stride=2 if index == 0 and layer > 1 else 1)
    value = layers.operation("Flatten", layers.operation("GlobalAveragePool", value))
    logits = layers.classifier(value)
    tensors.finish()
    return graph.model(name, inputs, [(*outputs[0], logits)])


def classes(weights: Weights) -> int:
    """How many classes the classifier tells apart; 0 if there is no such layer."""
    sizes = [value.shape[0] for name, value in weights.items() if name.split(".")[0] == "fc" and value.ndim == 2]
    return sizes[-1] if sizes else 0


@dataclass(frozen=True, slots=True)
class _Value:
    """A value within the graph, and its number of channels."""

    name: str
    channels: int


@dataclass(frozen=True, slots=True)
class _Layers:
    """Adds layers to a graph, with their weights."""

    tensors: _Tensors
    graph: GraphBuilder

    def operation(self, operator: str, value: _Value, **attributes: Any) -> _Value:
        """One without weights that keeps the channels."""
        return _Value(self.graph.node(operator, [value.name], **attributes), value.channels)

    def convolution(self, value: _Value, convolution: str, normalisation: str, *, kernel: int, stride: int) -> _Value:
        """One with the batch normalisation that follows it."""
        shape = (None, value.channels, kernel, kernel)
        weights = self.tensors.take(f"{convolution}.weight", shape).astype(np.float64)
        scale, shift, mean, variance = (
            self.tensors.take(f"{normalisation}.{part}", (len(weights),)).astype(np.float64)
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        if not (variance >= 0).all():
            raise ConversionError(f"{normalisation}.running_var holds variances below 0, or that are not finite")
        factor = scale / np.sqrt(variance + _EPSILON)
        folded = (weights * factor[:, None, None, None]).astype(np.float32)
        bias = (shift - mean * factor).astype(np.float32)
        if not (np.isfinite(folded).all() and np.isfinite(bias).all()):
            raise ConversionError(f"{convolution} or {normalisation} holds numbers that are not finite")
        result = self.graph.conv(value.name, folded, bias, strides=(stride, stride), pads=[kernel // 2] * 4)
        return _Value(result, len(weights))

    def block(self, value: _Value, name: str, convolutions: Sequence[_Convolution], *, stride: int) -> _Value:
        """What the convolutions make of the value, and the value itself, added."""
        result, shortcut = value, value
        for number, each in enumerate(convolutions, start=1):
            if number > 1:
                result = self.operation("Relu", result)
            step = stride if each.strided else 1
            result = self.convolution(
                result, f"{name}.conv{number}", f"{name}.bn{number}", kernel=each.kernel, stride=step
            )
        if stride > 1 or value.channels != result.channels:
            layers = f"{name}.downsample.0", f"{name}.downsample.1"
            shortcut = self.convolution(value, *layers, kernel=1, stride=stride)
        if shortcut.channels != result.channels:
            raise ConversionError(f"{name} adds {shortcut.channels} channels to {result.channels}")
        total = self.graph.node("Add", [result.name, shortcut.name])
        return self.operation("Relu", _Value(total, result.channels))

    def classifier(self, value: _Value) -> str:
        """The logits."""
        layers = self.tensors.heads()
        if len(layers) != 1:
            raise ConversionError(
                "the classifier has to be one linear layer called fc, alone or in a Sequential; found "
                f"{', '.join(layers) or 'none'}. What lies between several is not in the file: export such a network "
                "with torch.onnx.export"
            )
        matrix = self.tensors.take(f"{layers[0]}.weight", (None, value.channels))
        bias = self.tensors.take(f"{layers[0]}.bias", (len(matrix),))
        return self.graph.node("Gemm", [value.name, *map(self.graph.constant, (matrix, bias))], transB=1)
